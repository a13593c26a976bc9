import type { Project, ProjectApi, ProjectEvent, TracingChange, TracingState } from "./api.ts";
import { pollWhileVisible } from "./poll.ts";
import { ApiError } from "./request.ts";
import { signal } from "./signal.ts";
import type { InEffect } from "./status.ts";

/** The last change made here: what was asked for and what became of it. */
export type Change =
  | { kind: "saving"; wanted: boolean; forAWhile: boolean }
  | { kind: "saved"; answer: TracingChange }
  | { kind: "failed"; wanted: boolean; forAWhile: boolean; error: ApiError; lastVersion: number };

export interface ProjectView {
  project: Project | null;
  /** What agents see; from Redis where it could be read, else as the database has it. */
  inEffect: InEffect | null;
  change: Change | null;
  /** Why the last read failed; what is shown then dates from `confirmedAt`. */
  readError: ApiError | null;
  confirmedAt: number;
  events: readonly ProjectEvent[] | null;
  eventsError: ApiError | null;
}

export type ProjectState = ReturnType<typeof createProjectState>;

const POLL_MS = 3_000;
const POLL_MAX_MS = 60_000;
const UNCONFIRMED_MS = 5 * 60_000;

export function createProjectState(api: ProjectApi) {
  const view = signal<ProjectView>({
    project: null,
    inEffect: null,
    change: null,
    readError: null,
    confirmedAt: 0,
    events: null,
    eventsError: null,
  });
  const show = (news: Partial<ProjectView>) => {
    view.value = { ...view.value, ...news };
  };

  // Only the conversation begun last may write: an answer that set out before a change must not undo it on the screen.
  let conversation = 0;
  let eventsVersion = -1;

  async function refresh(): Promise<void> {
    const mine = ++conversation;
    const [project, tracing] = await Promise.all([api.read(), api.readTracing()]);
    if (mine !== conversation) return;
    if (project instanceof ApiError) {
      show({ readError: project, ...(!(tracing instanceof ApiError) && { inEffect: tracing }) });
      return;
    }
    const seen = tracing instanceof ApiError ? null : tracing;
    show({
      project,
      inEffect: seen ?? { policy: null, ...project },
      change: reconsider(view.value.change, project, seen),
      readError: null,
      confirmedAt: Date.now(),
    });
    if (project.version !== eventsVersion || awaitsConfirmation(view.value.events))
      await refreshEvents(project.version);
  }

  async function refreshEvents(version: number): Promise<void> {
    const page = await api.readEvents();
    if (page instanceof ApiError) return show({ eventsError: page });
    eventsVersion = version;
    show({ events: page.events, eventsError: null });
  }

  /** For `seconds`, or for good. Answers whether the change was saved. While one is being saved, another is ignored. */
  async function setTracing(wanted: boolean, reason: string, seconds?: number): Promise<boolean> {
    const { project } = view.value;
    if (isSaving(view.value) || project === null) return false;
    const forAWhile = seconds !== undefined;
    conversation++;
    show({ change: { kind: "saving", wanted, forAWhile } });
    const answer = await api.setTracing(wanted, reason, seconds);
    conversation++;
    const failed = answer instanceof ApiError;
    if (failed) {
      show({ change: { kind: "failed", wanted, forAWhile, error: answer, lastVersion: project.version } });
    } else {
      const { tracing_enabled, override, version } = answer;
      show({
        project: { ...project, tracing_enabled, override, version },
        inEffect: { policy: null, ...answer },
        change: { kind: "saved", answer },
      });
    }
    void refresh();
    return !failed;
  }

  async function poll(): Promise<void> {
    if (!isSaving(view.value)) await refresh();
  }

  function pollDelay(): number {
    const asked = (view.value.readError?.retryAfterSeconds ?? 0) * 1_000;
    return Math.min(Math.max(POLL_MS, asked), POLL_MAX_MS);
  }

  return { view, refresh, setTracing, watch: () => pollWhileVisible(poll, pollDelay) };
}

export const isSaving = ({ change }: ProjectView): boolean => change?.kind === "saving";

/** Optimistic: the switch moves when it is pressed, and back if that fails. */
export const isSwitchOn = ({ change, project }: ProjectView): boolean =>
  change?.kind === "saving" && !change.forAWhile ? change.wanted : (project?.tracing_enabled ?? false);

/** What a later read says about the change: a message must not outlive its truth. */
function reconsider(change: Change | null, project: Project, tracing: TracingState | null): Change | null {
  if (change?.kind === "failed") {
    const now = change.forAWhile ? project.override?.trace : project.tracing_enabled;
    return project.version > change.lastVersion && now === change.wanted ? null : change;
  }
  if (change?.kind !== "saved") return change;
  if (project.version > change.answer.version) return null;
  const isLive = tracing?.source === "redis" && (tracing.version ?? 0) >= change.answer.version;
  if (!isLive || tracing.reason === "break_glass") return change;
  return { kind: "saved", answer: { ...change.answer, propagation: "live" } };
}

/** Nobody has yet measured when this change arrived in Redis. */
export function isUnconfirmed({ action, live_after_ms }: ProjectEvent): boolean {
  return action !== "project.created" && live_after_ms === null;
}

function awaitsConfirmation(events: readonly ProjectEvent[] | null): boolean {
  const newest = events?.[0];
  if (newest === undefined || !isUnconfirmed(newest)) return false;
  return Date.now() - Date.parse(newest.created_at) < UNCONFIRMED_MS;
}
