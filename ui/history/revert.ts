import type { Project, ProjectEvent, Propagation } from "../api.ts";
import { ApiError } from "../request.ts";
import { NO_FILTER } from "./filter.ts";
import type { HistoryApi } from "./history-api.ts";
import {
  differingSettings,
  type Rules,
  type Setting,
  type Settings,
  settingsBefore,
  settingsIn,
  settingsOf,
} from "./settings.ts";

/** What going back to before a change would do, as things are at `version`. */
export interface Plan {
  version: number;
  now: Settings;
  then: Settings;
  fields: Setting[];
  /** How many changes of the settings it undoes. */
  changes: number;
  /** Ends when the switch is set. */
  override: Project["override"];
  lock: Project["lock"];
}

const ATTEMPTS = 5;
const PAGE = 100;

const changedMeanwhile = () => new ApiError(412, { code: "version_mismatch" });

/** Reads everything that was changed since `target`, and what is to be done to go back to before it. */
export async function planRevert(api: HistoryApi, target: ProjectEvent): Promise<Plan | ApiError> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [project, rules] = await Promise.all([api.read(), api.readRules()]);
    if (project instanceof ApiError) return project;
    if (rules instanceof ApiError) return rules;
    if (project.version !== rules.version) continue;
    const { version, override, lock } = project;
    const changes = await changesSince(api, target, version);
    if (changes instanceof ApiError) return changes;
    const now = settingsOf(project, rules);
    const then = settingsBefore(now, changes);
    return {
      ...{ version, now, then, override, lock },
      fields: differingSettings(now, then),
      changes: changes.length,
    };
  }
  return changedMeanwhile();
}

/** The changes of the settings from `target` up to a version, newest first. */
async function changesSince(
  api: HistoryApi,
  target: ProjectEvent,
  version: number,
): Promise<ProjectEvent[] | ApiError> {
  const isSince = ({ id }: ProjectEvent) => Number(id) >= Number(target.id);
  const found: ProjectEvent[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<HistoryApi["readPage"]>> = await api.readPage(NO_FILTER, cursor, PAGE);
    if (page instanceof ApiError) return page;
    found.push(...page.events.filter(isSince));
    cursor = page.next_cursor;
    if (cursor === null || !page.events.every(isSince)) break;
  }
  return found.filter((event) => (event.version ?? Infinity) <= version && settingsIn(event).length > 0);
}

/** What is changed by a request of its own. */
export type Part = "switch" | "rules";

/** Off comes first and on comes last: in between nobody is traced who should not be. */
export function partsOf({ fields, then }: Pick<Plan, "fields" | "then">): Part[] {
  const parts: Part[] = fields.some((name) => name !== "tracing_enabled") ? ["rules"] : [];
  if (!fields.includes("tracing_enabled")) return parts;
  return then.tracing_enabled ? [...parts, "switch"] : ["switch", ...parts];
}

function rulesOf({ fields, then }: Plan): Partial<Rules> {
  const { tracing_enabled: _, ...rules } = Object.fromEntries(fields.map((name) => [name, then[name]]));
  return rules;
}

interface Outcome {
  done: Part[];
  failure: ApiError | null;
  propagation: Propagation | null;
}

/** Each part only if nobody has changed anything since the one before it. */
async function carryOut(api: HistoryApi, plan: Plan, reason: string): Promise<Outcome> {
  const done: Part[] = [];
  let { version } = plan;
  let propagation: Propagation | null = null;
  for (const part of partsOf(plan)) {
    const answer = await (part === "switch"
      ? api.setTracing(plan.then.tracing_enabled, reason, undefined, version)
      : api.changeRules(rulesOf(plan), reason, version));
    if (answer instanceof ApiError) return { done, failure: answer, propagation };
    done.push(part);
    ({ version, propagation } = answer);
  }
  return { done, failure: null, propagation };
}

/** What became of going back. */
export type Result =
  /** Everything is as it was; `propagation` is null when the answer that would have told it was lost. */
  | { kind: "back"; propagation: Propagation | null }
  /** Something is left: `plan` says what, as things are now. It is `known` unless they could not be read. */
  | { kind: "left"; plan: Plan; known: boolean; done: Part[]; failure: ApiError };

/**
 * Goes back as the plan says, and only as it says: where somebody else has changed what it is about, nothing is done. Other
 * changes, which also raise the version, do not get in the way.
 */
export async function goBack(api: HistoryApi, target: ProjectEvent, agreed: Plan, reason: string): Promise<Result> {
  let plan = agreed;
  for (let attempt = 1; ; attempt++) {
    const { done, failure, propagation } = await carryOut(api, plan, reason);
    if (failure === null) return { kind: "back", propagation };
    const fresh = await planRevert(api, target);
    if (fresh instanceof ApiError) return { kind: "left", plan, known: false, done, failure };
    if (fresh.fields.length === 0) return { kind: "back", propagation: null };
    const mayGoOn = failure.status === 412 && done.length === 0 && doesTheSame(plan, fresh) && attempt < ATTEMPTS;
    if (!mayGoOn) return { kind: "left", plan: fresh, known: true, done, failure };
    plan = fresh;
  }
}

const doesTheSame = (one: Plan, other: Plan): boolean => told(one) === told(other);

/** All that the dialog says. */
const told = ({ now, then, fields, override, lock }: Plan): string =>
  JSON.stringify([fields.map((name) => [name, now[name], then[name]]), override, lock]);
