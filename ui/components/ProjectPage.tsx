import { useEffect, useMemo } from "preact/hooks";
import { type Project, projectApi, type Session } from "../api.ts";
import { explain } from "../problem.ts";
import { createProjectState } from "../project-state.ts";
import type { ApiError } from "../request.ts";
import { projectsPath, type Tab } from "../routes.ts";
import { useValue } from "../signal.ts";
import { isAdmin, mayWrite, setTitle } from "../state.ts";
import * as strings from "../strings.ts";
import { CopyableId } from "./CopyableId.tsx";
import { Heading } from "./Heading.tsx";
import { Lazy } from "./Lazy.tsx";
import { Link } from "./Link.tsx";
import { Loading } from "./Loading.tsx";
import { Message } from "./Message.tsx";
import { Tabs } from "./Tabs.tsx";
import { TracingSettings } from "./TracingSettings.tsx";

const rules = async () => (await import("../rules/RulesPage.tsx")).RulesPage;
const users = async () => (await import("../users/UsersPage.tsx")).UsersPage;
const integration = async () => (await import("../integration/IntegrationPage.tsx")).IntegrationPage;
const preview = async () => (await import("../preview/PreviewPage.tsx")).PreviewPage;
const activity = async () => (await import("../activity/ActivityPage.tsx")).ActivityPage;
const lastChanges = async () => (await import("./History.tsx")).History;
const history = async () => (await import("../history/HistoryPage.tsx")).HistoryPage;

interface Props {
  id: string;
  tab: Tab;
  session: Session;
}

export function ProjectPage({ id, tab, session }: Props) {
  const api = useMemo(() => projectApi(id), [id]);
  const state = useMemo(() => createProjectState(api), [api]);
  useEffect(state.watch, [state]);

  const view = useValue(state.view);
  const { project, readError: error } = view;
  useEffect(() => {
    if (project) setTitle(tab === "overview" ? project.name : `${strings.tabs[tab]} · ${project.name}`);
  }, [project?.name, tab]);

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
      <Tabs id={project.id} current={tab} />
      {tab === "rules" && (
        <Lazy load={rules} props={{ project, api, keyId: session.key.id, closed: closedTo(session, project) }} />
      )}
      {tab === "users" && <Lazy load={users} props={{ project, api, closed: closedTo(session, project) }} />}
      {tab === "preview" && <Lazy load={preview} props={{ project, api }} />}
      {tab === "activity" && <Lazy load={activity} props={{ project }} />}
      {tab === "history" && (
        <Lazy
          load={history}
          props={{ project, api, recent: view.events, closed: closedTo(session, project), onChanged: state.refresh }}
        />
      )}
      {tab === "integration" && <Lazy load={integration} props={{ project }} />}
      {tab === "overview" && (
        <>
          <TracingSettings
            view={view}
            project={project}
            state={state}
            api={api}
            writable={mayWrite(session)}
            admin={isAdmin(session)}
          />
          <Lazy load={lastChanges} props={{ projectId: id, events: view.events, error: view.eventsError }} />
        </>
      )}
    </>
  );
}

/** Why this key can change nothing of the project now; null when it can. */
function closedTo(session: Session, { lock }: Project): string | null {
  if (!mayWrite(session)) return strings.readOnly;
  return lock && !isAdmin(session) ? `${strings.lockedReadOnly} “${lock.reason}”` : null;
}

function Title({ project }: { project: Project }) {
  return (
    <div class="title">
      <div class="name">
        <Heading>{project.name}</Heading>
        {project.production && <span class="tag">{strings.production}</span>}
      </div>
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
