import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Project, ProjectApi, UserEntry } from "../api.ts";
import { Field } from "../components/Field.tsx";
import { Heading } from "../components/Heading.tsx";
import { ListEnd } from "../components/ListEnd.tsx";
import { ReasonDialog } from "../components/ReasonDialog.tsx";
import { useFocusWhenClosed } from "../focus.ts";
import { ApiError } from "../request.ts";
import { useValue } from "../signal.ts";
import * as own from "../strings/users.ts";
import { AddUser } from "./AddUser.tsx";
import { UserRow } from "./UserRow.tsx";
import { createUsersState, type UsersView } from "./users-state.ts";

const TYPING_MS = 250;
const TITLE_ID = "users-title";

interface Props {
  project: Project;
  api: ProjectApi;
  /** Why nothing can be changed here; null when it can. */
  closed: string | null;
}

export function UsersPage({ project, api, closed }: Props) {
  const state = useMemo(() => createUsersState(api), [api]);
  const view = useValue(state.view);
  const [revoking, setRevoking] = useState<UserEntry | null>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(typing.current), []);
  const list = useRef<HTMLElement>(null);
  const isRevoked = useRef(false);
  // Whoever changes an override raises the version.
  useEffect(() => void state.refresh(), [state, project.version]);

  useFocusWhenClosed(TITLE_ID, closed !== null);

  const search = (text: string) => {
    clearTimeout(typing.current);
    typing.current = setTimeout(() => state.search(text), TYPING_MS);
  };

  const revoke = async ({ user }: UserEntry, reason: string) => {
    const answer = await api.revokeUser(user, reason);
    // What is gone already was revoked by somebody else, or by a request whose answer was lost.
    isRevoked.current = !(answer instanceof ApiError) || answer.code === "user_override_not_found";
    return isRevoked.current ? null : answer;
  };
  const close = () => {
    setRevoking(null);
    // Its row, with the button that the focus would go back to, goes away.
    if (isRevoked.current) list.current?.focus();
    isRevoked.current = false;
    void state.refresh();
  };

  return (
    <section class="users" aria-labelledby={TITLE_ID}>
      <Heading level={2} id={TITLE_ID}>
        {own.title}
      </Heading>
      <p class="lead">{own.intro}</p>
      {closed && <p class="notice">{closed}</p>}
      {/* What is typed outlives a lock. */}
      <div hidden={closed !== null}>
        <AddUser api={api} reasonNeeded={project.production} onAdded={state.refresh} />
      </div>
      <section class="card user-list" id="user-list" ref={list} tabIndex={-1} aria-label={own.listTitle}>
        <div class="narrow">
          <Field
            id="search"
            label={own.search}
            hint={own.searchHint}
            onInput={(event) => search(event.currentTarget.value)}
          />
        </div>
        <List view={view} onRevoke={closed ? null : setRevoking} />
        <ListEnd
          error={view.error}
          notLoaded={own.notLoaded}
          hasMore={view.nextCursor !== null}
          loading={view.loading}
          refuge="user-list"
          onRetry={state.refresh}
          onMore={state.loadMore}
        />
      </section>
      {revoking && (
        <ReasonDialog
          title={own.revokeTitle}
          text={own.revokeText(revoking.user, revoking.trace)}
          confirm={own.revoke}
          reasonNeeded={project.production}
          onConfirm={(reason) => revoke(revoking, reason)}
          onClose={close}
        />
      )}
    </section>
  );
}

interface ListProps {
  view: UsersView;
  onRevoke: ((entry: UserEntry) => void) | null;
}

function List({ view: { users, search, error }, onRevoke }: ListProps) {
  if (users === null) return error ? null : <div class="skeleton skeleton-line" aria-busy="true" />;
  if (users.length > 0) {
    return (
      <ul>
        {users.map((entry) => (
          <UserRow key={entry.user} entry={entry} onRevoke={onRevoke} />
        ))}
      </ul>
    );
  }
  if (search !== "") return <p role="status">{own.noMatch(search)}</p>;
  return (
    <div class="none">
      <h3>{own.none}</h3>
      <p class="lead">{own.noneText}</p>
    </div>
  );
}
