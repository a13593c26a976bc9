import { useState } from "preact/hooks";
import type { Session } from "../api.ts";
import { explain } from "../problem.ts";
import type { ApiError } from "../request.ts";
import { keysPath, projectsPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import { isAdmin, mayWrite, route, signOut } from "../state.ts";
import * as strings from "../strings.ts";
import { Link } from "./Link.tsx";

export function Header({ session }: { session: Session | null }) {
  return (
    <header class="header">
      <Link to={projectsPath} class="brand">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <span>{strings.product}</span>
      </Link>
      {session && <SignedIn session={session} />}
    </header>
  );
}

function SignedIn({ session }: { session: Session }) {
  const [error, setError] = useState<ApiError | null>(null);
  const { view } = useValue(route);
  return (
    <div class="session">
      {error && (
        <p role="alert" class="error">
          {strings.signOutFailed} {explain(error)}
        </p>
      )}
      {isAdmin(session) && (
        <Link to={keysPath} current={view === "keys"}>
          {strings.apiKeys}
        </Link>
      )}
      <p class="who">
        <span class="visually-hidden">{strings.signedInAs} </span>
        <span>{session.key.name}</span>
        {!mayWrite(session) && <span class="tag">{strings.readOnlyTag}</span>}
      </p>
      <button type="button" class="quiet" onClick={async () => setError(await signOut())}>
        {strings.signOut}
      </button>
    </div>
  );
}
