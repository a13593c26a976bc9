import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Project, Session } from "../api.ts";
import { explain } from "../problem.ts";
import { createProjectsState, type ProjectsView } from "../projects-state.ts";
import { projectPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import { mayCreateProjects, setTitle } from "../state.ts";
import { toneOf } from "../status.ts";
import * as own from "../strings/projects.ts";
import * as strings from "../strings.ts";
import { CreateProject } from "./CreateProject.tsx";
import { Field } from "./Field.tsx";
import { Heading } from "./Heading.tsx";
import { Link } from "./Link.tsx";
import { Loading } from "./Loading.tsx";
import { Message } from "./Message.tsx";
import { StatusDot } from "./StatusDot.tsx";

const TYPING_MS = 250;

export function ProjectList({ session }: { session: Session }) {
  const state = useMemo(() => createProjectsState(searchedFor()), []);
  const view = useValue(state.view);
  const { projects, search, nextCursor, loading, error } = view;
  useEffect(() => setTitle(strings.projects), []);
  useEffect(state.watch, [state]);

  if (projects === null) {
    if (error === null) return <Loading />;
    return (
      <Message title={strings.projects} text={explain(error)} action={strings.tryAgain} onAction={state.refresh} />
    );
  }

  const isEmpty = projects.length === 0 && search === "" && !loading;
  return (
    <>
      <Heading>{strings.projects}</Heading>
      {isEmpty ? <Empty creator={mayCreateProjects(session)} /> : <Found view={view} onSearch={state.search} />}
      {error && (
        <p class="error" role="alert">
          {own.notRefreshed} {explain(error)}
        </p>
      )}
      {nextCursor !== null && (
        <button type="button" class="more" aria-busy={loading} onClick={state.loadMore}>
          {loading ? strings.loading : own.loadMore}
        </button>
      )}
      {mayCreateProjects(session) && <CreateProject />}
    </>
  );
}

/** The search is part of the address, so that the way back from a project leads to it. */
const searchedFor = () => new URLSearchParams(location.search).get("search") ?? "";

interface FoundProps {
  view: ProjectsView;
  onSearch: (text: string) => Promise<void>;
}

/** The list, and what it is searched for; both by keyboard, too. */
function Found({ view: { projects, search, nextCursor, loading }, onSearch }: FoundProps) {
  const section = useRef<HTMLElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [text, setText] = useState(search);

  useEffect(() => {
    const toSearch = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      section.current?.querySelector("input")?.focus();
    };
    addEventListener("keydown", toSearch);
    return () => removeEventListener("keydown", toSearch);
  }, []);

  const type = (typed: string) => {
    setText(typed);
    clearTimeout(typing.current);
    typing.current = setTimeout(() => {
      history.replaceState(null, "", typed.trim() ? `?search=${encodeURIComponent(typed.trim())}` : location.pathname);
      void onSearch(typed);
    }, TYPING_MS);
  };

  return (
    <section ref={section} class="found" aria-label={strings.projects} onKeyDown={goThrough}>
      <Field
        id="search"
        label={own.search}
        hint={own.searchHint}
        maxLength={100}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <p class="hint" role="status">
        {search !== "" &&
          !loading &&
          (projects?.length ? own.found(projects.length, nextCursor !== null) : own.noMatch(search))}
      </p>
      {projects && projects.length > 0 && (
        <ul class="projects card" aria-busy={loading}>
          {projects.map((project) => (
            <Row key={project.id} project={project} />
          ))}
        </ul>
      )}
    </section>
  );
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");

/** Arrow keys, Home and End; from the search field down into the list. */
function goThrough(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(".project")];
  const here = links.indexOf(document.activeElement as HTMLElement);
  if (here === -1 && event.key !== "ArrowDown") return;
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  (links[next] ?? (next < 0 ? event.currentTarget.querySelector("input") : null))?.focus();
}

function Row({ project }: { project: Project }) {
  return (
    <li>
      <Link to={projectPath(project.id)} class="project">
        <span class="project-name">
          {project.name}
          {project.production && <span class="tag">{strings.production}</span>}
          {project.lock && <span class="tag">{own.locked}</span>}
        </span>
        <span class="project-status">
          <StatusDot tone={toneOf(project.tracing_enabled, project.effective)} />
          {words(project)}
        </span>
      </Link>
    </li>
  );
}

function Empty({ creator }: { creator: boolean }) {
  return (
    <section class="empty card">
      <h2>{own.noProjects}</h2>
      <p>{creator ? own.noProjectsCreate : own.noProjectsWait}</p>
    </section>
  );
}

function words({ effective, tracing_enabled, reason }: Project): string {
  return strings.onOrOff(effective) + (effective === tracing_enabled ? "" : own.because(reason));
}
