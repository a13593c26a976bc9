import { useEffect, useMemo } from "preact/hooks";
import { type ApiError, type Project, projectApi, type Session } from "../api.ts";
import { explain } from "../problem.ts";
import { createProjectState } from "../project-state.ts";
import { projectsPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import { mayWrite, setTitle } from "../state.ts";
import * as strings from "../strings.ts";
import { CopyableId } from "./CopyableId.tsx";
import { Heading } from "./Heading.tsx";
import { History } from "./History.tsx";
import { Link } from "./Link.tsx";
import { Loading } from "./Loading.tsx";
import { Message } from "./Message.tsx";
import { TracingSettings } from "./TracingSettings.tsx";

export function ProjectPage({ id, session }: { id: string; session: Session }) {
  const state = useMemo(() => createProjectState(projectApi(id)), [id]);
  useEffect(state.watch, [state]);

  const view = useValue(state.view);
  const { project, readError: error } = view;
  useEffect(() => {
    if (project) setTitle(project.name);
  }, [project?.name]);

  const severalProjects = session.project_id === null;
  if (error && (project === null || isGone(error))) {
    return <NotShown error={error} homeLink={severalProjects} onRetry={state.refresh} />;
  }
  if (project === null) return <Loading />;
  return (
    <>
      {severalProjects && (
        <nav aria-label={strings.projects}>
          <Link to={projectsPath} class="back">
            {strings.allProjects}
          </Link>
        </nav>
      )}
      <Title project={project} />
      <TracingSettings view={view} setTracing={state.setTracing} writable={mayWrite(session)} />
      <History events={view.events} error={view.eventsError} />
    </>
  );
}

function Title({ project }: { project: Project }) {
  return (
    <div class="title">
      <Heading>{project.name}</Heading>
      <CopyableId id={project.id} />
    </div>
  );
}

interface NotShownProps {
  error: ApiError;
  homeLink: boolean;
  onRetry: () => void;
}

function NotShown({ error, homeLink, onRetry }: NotShownProps) {
  if (error.status === 410) return <Message title={strings.deleted} text={strings.deletedText} homeLink={homeLink} />;
  if (isGone(error)) return <Message title={strings.notFound} text={strings.notFoundText} homeLink={homeLink} />;
  return (
    <Message
      title={strings.notLoaded}
      text={explain(error)}
      action={strings.tryAgain}
      onAction={onRetry}
      homeLink={homeLink}
    />
  );
}

/** A malformed id (400) names no project either. */
function isGone({ status }: ApiError): boolean {
  return [400, 404, 410].includes(status);
}
