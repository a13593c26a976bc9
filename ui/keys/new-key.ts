import type { Scope, Session } from "../api.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/keys.ts";
import { findProjects, type NewKey } from "./keys-api.ts";
import { projectNamed } from "./project-named.ts";

const DAY_MS = 86_400_000;

/** A key to be made, as it is filled in. */
export interface Form {
  name: string;
  scopes: Scope[];
  reach: keyof typeof own.reaches;
  /** Its name or its id. */
  project: string;
  /** Days until the key ends; "" for never. */
  days: string;
  reason: string;
}

export const EMPTY: Form = { name: "", scopes: [], reach: "all", project: "", days: "", reason: "" };

/** What is asked of the server. */
export interface Asked extends Pick<Form, "name" | "scopes" | "days" | "reason"> {
  /** null for all; undefined for that of the key one is signed in with. */
  projectId: string | null | undefined;
}

/** What is wrong with the fields, by the API's names for them. */
export type Wrong = Partial<Record<"name" | "scopes" | "project_id", string>>;

export const bodyOf = ({ name, scopes, projectId, days, reason }: Asked): NewKey => ({
  name: name.trim(),
  scopes,
  ...(projectId !== undefined && { project_id: projectId }),
  ...(days !== "" && { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
  ...(reason.trim() !== "" && { reason: reason.trim() }),
});

/** What a form asks for, or what is wrong with it, or why that is not known. */
export async function read(form: Form, session: Session): Promise<{ asked: Asked } | { wrong: Wrong } | ApiError> {
  const { name, scopes, days, reason } = form;
  const project = await projectOf(form, session);
  if (project instanceof ApiError) return project;
  const wrong: Wrong = {
    ...(name.trim() === "" && { name: own.nameMissing }),
    ...(scopes.length === 0 && { scopes: own.scopesMissing }),
    ...("wrong" in project && { project_id: project.wrong }),
  };
  if ("wrong" in project || Object.keys(wrong).length > 0) return { wrong };
  return { asked: { name, scopes, days, reason, projectId: project.id } };
}

type Meant = { id: Asked["projectId"] } | { wrong: string };

async function projectOf({ reach, project }: Form, session: Session): Promise<Meant | ApiError> {
  if (session.project_id !== null) return { id: undefined };
  if (reach === "all") return { id: null };
  const text = project.trim();
  if (text === "") return { wrong: own.projectMissing };
  const page = await findProjects(text);
  if (page instanceof ApiError) return page;
  // Others of that name may be among those that were not read.
  if (page.next_cursor !== null) return { wrong: own.tooManyProjects(text) };
  const named = projectNamed(text, page.projects);
  if ("id" in named) return named;
  return { wrong: named.count === 0 ? own.noProject(text) : own.severalProjects(text, named.count) };
}
