import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Session } from "../api.ts";
import { Heading } from "../components/Heading.tsx";
import { Link } from "../components/Link.tsx";
import { ListEnd } from "../components/ListEnd.tsx";
import { Message } from "../components/Message.tsx";
import { ApiError } from "../request.ts";
import { projectPath, projectsPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import { isAdmin, setTitle, signOut } from "../state.ts";
import * as own from "../strings/keys.ts";
import * as strings from "../strings.ts";
import { CreateKey } from "./CreateKey.tsx";
import { KeyRow } from "./KeyRow.tsx";
import { findProjects, type Key, type MadeKey } from "./keys-api.ts";
import { createKeysState, type KeysView } from "./keys-state.ts";
import { NewSecret } from "./NewSecret.tsx";
import { RevokeDialog } from "./RevokeDialog.tsx";
import { RotateDialog } from "./RotateDialog.tsx";

export function KeysPage({ session }: { session: Session }) {
  useEffect(() => setTitle(own.title), []);
  if (!isAdmin(session))
    return <Message title={own.title} text={own.notAdmin(session.key.name, session.scopes)} homeLink />;
  return <Keys key={session.key.id} session={session} />;
}

function Keys({ session }: { session: Session }) {
  const state = useMemo(createKeysState, []);
  const view = useValue(state.view);
  // Each is shown until somebody has copied it, however many are made meanwhile.
  const [secrets, setSecrets] = useState<{ made: MadeKey; note: string | null }[]>([]);
  const [asked, setAsked] = useState<{ entry: Key; wants: "rotate" | "revoke" } | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const listTitle = useRef<HTMLHeadingElement>(null);
  const isRevoked = useRef(false);
  useEffect(() => void state.refresh(), [state]);

  const show = (made: MadeKey, note: string | null) => {
    setSecrets((shown) => [{ made, note }, ...shown]);
    setTold(null);
    void state.refresh();
  };
  const putAway = (copied: MadeKey) => {
    setSecrets((shown) => shown.filter(({ made }) => made !== copied));
    listTitle.current?.focus();
  };
  const isOwn = ({ id }: Key) => id === session.key.id;
  const onRevoked = (entry: Key) => {
    if (isOwn(entry)) return void signOut();
    isRevoked.current = true;
    setTold(own.revoked(entry.name));
    void state.refresh();
  };
  const close = () => {
    setAsked(null);
    // Its row, with the button that the focus would go back to, goes away.
    if (isRevoked.current) listTitle.current?.focus();
    isRevoked.current = false;
  };

  return (
    <div class="keys">
      <nav aria-label={strings.projects}>
        {session.project_id === null ? (
          <Link to={projectsPath} class="back">
            {strings.allProjects}
          </Link>
        ) : (
          <Link to={projectPath(session.project_id)} class="back">
            {own.toProject}
          </Link>
        )}
      </nav>
      <Heading>{own.title}</Heading>
      <p class="lead">{own.intro}</p>
      {secrets.map(({ made, note }) => (
        <NewSecret key={made.id} made={made} note={note} onDone={() => putAway(made)} />
      ))}
      <CreateKey session={session} onMade={(key) => show(key, null)} />
      <section class="card" aria-labelledby="keys-title">
        <h2 id="keys-title" ref={listTitle} tabIndex={-1}>
          {own.listTitle}
        </h2>
        <p role="status">{told}</p>
        <List view={view} isOwn={isOwn} onAsk={(entry, wants) => setAsked({ entry, wants })} />
        <ListEnd
          error={view.error}
          notLoaded={own.notLoaded}
          hasMore={view.nextCursor !== null}
          loading={view.loading}
          refuge="keys-title"
          onRetry={state.refresh}
          onMore={state.loadMore}
        />
      </section>
      {asked?.wants === "rotate" && (
        <RotateDialog entry={asked.entry} isOwn={isOwn(asked.entry)} onRotated={show} onClose={close} />
      )}
      {asked?.wants === "revoke" && (
        <RevokeDialog
          entry={asked.entry}
          isOwn={isOwn(asked.entry)}
          onRevoked={() => onRevoked(asked.entry)}
          onClose={close}
        />
      )}
    </div>
  );
}

interface ListProps {
  view: KeysView;
  isOwn: (entry: Key) => boolean;
  onAsk: (entry: Key, wants: "rotate" | "revoke") => void;
}

function List({ view: { keys, error }, isOwn, onAsk }: ListProps) {
  const names = useProjectNames();
  if (keys === null) return error ? null : <div class="skeleton skeleton-line" aria-busy="true" />;
  if (keys.length === 0) return <p class="none">{own.none}</p>;
  return (
    <ul class="key-list">
      {keys.map((entry) => (
        <KeyRow
          key={entry.id}
          entry={entry}
          projectName={names.get(entry.project_id ?? "")}
          isOwn={isOwn(entry)}
          onRotate={() => onAsk(entry, "rotate")}
          onRevoke={() => onAsk(entry, "revoke")}
        />
      ))}
    </ul>
  );
}

/** Of the first projects; the others are shown by their ids. */
function useProjectNames(): ReadonlyMap<string, string> {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    void findProjects("").then((page) => {
      if (!(page instanceof ApiError)) setNames(new Map(page.projects.map(({ id, name }) => [id, name])));
    });
  }, []);
  return names;
}
