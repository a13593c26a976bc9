import { createSession, deleteSession, getSession, type Session } from "./api.ts";
import { ApiError, onSessionEnded } from "./request.ts";
import { parseRoute, projectPath } from "./routes.ts";
import { signal } from "./signal.ts";
import * as strings from "./strings.ts";

export type SessionState =
  | { kind: "checking" }
  | { kind: "unreachable"; error: ApiError }
  | { kind: "signed-out"; ended: boolean; error: SignInError | null }
  | { kind: "signed-in"; session: Session };

/** `cookie_refused`: the key was good, yet the browser did not keep the cookie. */
export type SignInError = ApiError | "cookie_refused";

export const sessionState = signal<SessionState>({ kind: "checking" });
export const route = signal(parseRoute(location.pathname));
/** What the address asks of the view, such as `?range=24h`. */
export const search = signal(location.search);

const RETRY_MS = 3_000;

export const isAdmin = ({ scopes }: Session) => scopes.includes("admin");
export const mayWrite = (session: Session) => isAdmin(session) || session.scopes.includes("write");
export const mayCreateProjects = (session: Session) => isAdmin(session) && session.project_id === null;

export async function start(): Promise<void> {
  addEventListener("popstate", showLocation);
  addEventListener("hashchange", signInFromFragment);
  document.addEventListener("visibilitychange", recheckSession);
  sessionState.subscribe(goToOnlyProject);
  route.subscribe(goToOnlyProject);
  if (!(await signInFromFragment())) await checkSession();
}

export function setTitle(title: string): void {
  document.title = `${title} · ${strings.product}`;
}

export function navigate(path: string): void {
  history.pushState(null, "", path);
  showLocation();
  scrollTo(0, 0);
}

/** Lets the address ask that of the view; `remember`: the back button leads to what it asked before. */
export function setSearch(wanted: string, remember = false): void {
  history[remember ? "pushState" : "replaceState"](null, "", location.pathname + wanted);
  search.value = location.search;
}

function showLocation(): void {
  requestFocus();
  search.value = location.search;
  route.value = parseRoute(location.pathname);
}

// A new view announces itself by moving the focus to its heading, as a page load would.
let focusRequested = false;

export function requestFocus(): void {
  focusRequested = true;
}

export function takeFocusRequest(): boolean {
  const requested = focusRequested;
  focusRequested = false;
  return requested;
}

/** A key bound to one project has no use for a list of one. */
function goToOnlyProject(): void {
  const state = sessionState.value;
  if (route.value.view !== "projects" || state.kind !== "signed-in" || state.session.project_id === null) return;
  const path = projectPath(state.session.project_id);
  history.replaceState(null, "", path);
  route.value = parseRoute(path);
}

export async function checkSession(): Promise<void> {
  const session = await getSession();
  if (session === undefined) {
    signedOut({});
  } else if (session instanceof ApiError) {
    sessionState.value = { kind: "unreachable", error: session };
    setTimeout(checkAgain, Math.max(RETRY_MS, (session.retryAfterSeconds ?? 0) * 1_000));
  } else {
    signedIn(session);
  }
}

/** Another tab shares the cookie, and may have signed out since, or in as somebody else: nobody must act under a wrong name. */
async function recheckSession(): Promise<void> {
  const shown = sessionState.value;
  if (document.hidden || shown.kind !== "signed-in") return;
  const session = await getSession();
  if (sessionState.value !== shown || session instanceof ApiError) return;
  if (session === undefined) signedOut({ ended: true });
  else if (session.key.id !== shown.session.key.id) signedIn(session);
}

function checkAgain(): void {
  if (sessionState.value.kind === "unreachable") void checkSession();
}

/** A link ending in `#key=tt_...` signs in with one click; the key leaves the address before anything else happens. */
async function signInFromFragment(): Promise<boolean> {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return false;
  history.replaceState(null, "", location.pathname + location.search);
  sessionState.value = { kind: "checking" };
  await signIn(key);
  return true;
}

export async function signIn(key: string): Promise<void> {
  const created = await createSession(key);
  if (created instanceof ApiError) return signedOut({ error: created });
  const session = await getSession();
  if (session === undefined) return signedOut({ error: "cookie_refused" });
  if (session instanceof ApiError) return signedOut({ error: session });
  requestFocus();
  signedIn(session);
}

/** Answers why it failed: the cookie is then still there. */
export async function signOut(): Promise<ApiError | null> {
  const answer = await deleteSession();
  if (answer instanceof ApiError && answer.status !== 401) return answer;
  signedOut({});
  return null;
}

function signedIn(session: Session): void {
  const state: SessionState = { kind: "signed-in", session };
  // A late answer to what an earlier session asked does not end this one.
  onSessionEnded(() => sessionState.value === state && signedOut({ ended: true }));
  sessionState.value = state;
}

function signedOut({ ended = false, error = null }: { ended?: boolean; error?: SignInError | null }): void {
  sessionState.value = { kind: "signed-out", ended, error };
}
