import { useEffect } from "preact/hooks";
import type { Session } from "../api.ts";
import { explain } from "../problem.ts";
import { useValue } from "../signal.ts";
import { checkSession, route, sessionState, setTitle } from "../state.ts";
import * as strings from "../strings.ts";
import { Header } from "./Header.tsx";
import { Lazy } from "./Lazy.tsx";
import { Loading } from "./Loading.tsx";
import { Message } from "./Message.tsx";
import { ProjectPage } from "./ProjectPage.tsx";

const projectList = async () => (await import("./ProjectList.tsx")).ProjectList;
const keys = async () => (await import("../keys/KeysPage.tsx")).KeysPage;
const signIn = async () => (await import("./SignIn.tsx")).SignIn;

export function App() {
  const state = useValue(sessionState);
  return (
    <>
      <Header session={state.kind === "signed-in" ? state.session : null} />
      <main>
        <View />
      </main>
    </>
  );
}

function View() {
  const state = useValue(sessionState);
  switch (state.kind) {
    case "checking":
      return <Loading />;
    case "unreachable":
      return (
        <Message
          title={strings.noControlPlane}
          text={`${explain(state.error)} ${strings.retriesByItself}`}
          action={strings.tryAgain}
          onAction={checkSession}
        />
      );
    case "signed-out":
      return <Lazy load={signIn} props={{ ended: state.ended, error: state.error }} />;
    case "signed-in":
      return <SignedIn key={state.session.key.id} session={state.session} />;
  }
}

function SignedIn({ session }: { session: Session }) {
  const current = useValue(route);
  if (current.view === "projects") return <Lazy key="projects" load={projectList} props={{ session }} />;
  if (current.view === "keys") return <Lazy key="keys" load={keys} props={{ session }} />;
  if (current.view === "project")
    return <ProjectPage key={current.id} id={current.id} tab={current.tab} session={session} />;
  return <UnknownPage />;
}

function UnknownPage() {
  useEffect(() => setTitle(strings.unknownPage), []);
  return <Message title={strings.unknownPage} text={strings.unknownPageText} homeLink />;
}
