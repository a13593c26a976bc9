import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Project, Session } from "../api.ts";
import { explain } from "../problem.ts";
import { createProjectsState, type ProjectsView, searchable } from "../projects-state.ts";
import { projectPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import { mayCreateProjects, search, setSearch, setTitle } from "../state.ts";
import { toneOf } from "../status.ts";
import * as own from "../strings/projects.ts";
import * as strings from "../strings.ts";
import { CreateProject } from "./CreateProject.tsx";
import { Field } from "./Field.tsx";
import { Heading } from "./Heading.tsx";
import { Link } from "./Link.tsx";
import { ListEnd } from "./ListEnd.tsx";
import { Loading } from "./Loading.tsx";
import { Message } from "./Message.tsx";
import { StatusDot } from "./StatusDot.tsx";

const TYPING_MS = 250;

export function ProjectList({ session }: { session: Session }) {
  const asked = searchable(new URLSearchParams(useValue(search)).get("search") ?? "");
  const state = useMemo(() => createProjectsState(asked), []);
  const view = useValue(state.view);
  const { projects, nextCursor, loading, error } = view;
  useEffect(() => setTitle(strings.projects), []);
  useEffect(state.watch, [state]);

  if (projects === null && error === null) return <Loading />;
  if (projects === null && error && asked === "") {
    return (
      <Message title={strings.projects} text={explain(error)} action={strings.tryAgain} onAction={state.refresh} />
    );
  }

  const isEmpty = projects?.length === 0 && view.search === "" && !loading;
  return (
    <>
      <Heading id="projects-title">{strings.projects}</Heading>
      {isEmpty ? (
        <Empty creator={mayCreateProjects(session)} />
      ) : (
        <Found view={view} asked={asked} onSearch={state.search} />
      )}
      <ListEnd
        error={error}
        notLoaded={projects ? own.notRefreshed : ""}
        hasMore={nextCursor !== null}
        loading={loading}
        refuge="projects-title"
        onRetry={state.refresh}
        onMore={state.loadMore}
      />
      {mayCreateProjects(session) && <CreateProject />}
    </>
  );
}

interface FoundProps {
  view: ProjectsView;
  /** By the address, of which the search is a part, so that the way back from a project leads to it. */
  asked: string;
  onSearch: (text: string) => Promise<void>;
}

/** The list, and what it is searched for; both by keyboard, too. */
function Found({ view: { projects, search: searched, nextCursor, loading }, asked, onSearch }: FoundProps) {
  const section = useRef<HTMLElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [text, setText] = useState(asked);
  useEffect(() => () => clearTimeout(typing.current), []);
  // A link, such as that to all projects, may lead to another search than what is typed.
  useEffect(() => {
    if (asked === searchable(text)) return;
    clearTimeout(typing.current);
    setText(asked);
    void onSearch(asked);
  }, [asked]);

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
      const wanted = searchable(typed);
      setSearch(wanted && `?search=${encodeURIComponent(wanted)}`);
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
        {projects &&
          searched !== "" &&
          !loading &&
          (projects.length > 0 ? own.found(projects.length, nextCursor !== null) : own.noMatch(searched))}
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
