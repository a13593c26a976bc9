import { useEffect, useMemo } from "preact/hooks";
import type { Project, Session } from "../api.ts";
import { explain } from "../problem.ts";
import { createProjectsState } from "../projects-state.ts";
import { projectPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import { mayCreateProjects, setTitle } from "../state.ts";
import { toneOf } from "../status.ts";
import * as own from "../strings/projects.ts";
import * as strings from "../strings.ts";
import { CreateProject } from "./CreateProject.tsx";
import { Heading } from "./Heading.tsx";
import { Link } from "./Link.tsx";
import { Loading } from "./Loading.tsx";
import { Message } from "./Message.tsx";
import { StatusDot } from "./StatusDot.tsx";

export function ProjectList({ session }: { session: Session }) {
  const { view, loadMore } = useMemo(createProjectsState, []);
  const { projects, nextCursor, loading, error } = useValue(view);

  useEffect(() => {
    setTitle(strings.projects);
    void loadMore();
  }, [loadMore]);

  if (projects === null) {
    if (error === null) return <Loading />;
    return <Message title={strings.projects} text={explain(error)} action={strings.tryAgain} onAction={loadMore} />;
  }

  return (
    <>
      <Heading>{strings.projects}</Heading>
      {projects.length === 0 ? (
        <Empty creator={mayCreateProjects(session)} />
      ) : (
        <ul class="projects card">
          {projects.map((project) => (
            <Row key={project.id} project={project} />
          ))}
        </ul>
      )}
      {error && (
        <p class="error" role="alert">
          {explain(error)}
        </p>
      )}
      {nextCursor !== null && (
        <button type="button" class="more" aria-busy={loading} onClick={loadMore}>
          {loading ? strings.loading : own.loadMore}
        </button>
      )}
      {mayCreateProjects(session) && <CreateProject />}
    </>
  );
}

function Row({ project }: { project: Project }) {
  return (
    <li>
      <Link to={projectPath(project.id)} class="project">
        <span class="project-name">{project.name}</span>
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
