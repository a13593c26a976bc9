import type { Project, ProjectApi, ProjectEvent, ProjectStatus, TracingChange, TracingState } from "./api.ts";
import { pollWhileVisible } from "./poll.ts";
import { ApiError } from "./request.ts";
import { signal } from "./signal.ts";
import type { InEffect } from "./status.ts";
import { UNDO_MS, undoOf, type Wanted } from "./undo.ts";

/** The last change made here: what was asked for and what became of it. */
export type Change =
  | { kind: "saving"; wanted: Wanted }
  | {
      kind: "saved";
      wanted: Wanted;
      answer: TracingChange;
      /** When the answer came, by `performance.now()`: nobody sets that clock. */
      at: number;
      /** Agents can see it: Redis gave it back. */
      readBack: boolean;
      undo: Wanted | null;
    }
  | { kind: "failed"; wanted: Wanted; error: ApiError; lastVersion: number }
  /** The project was changed again while this one could still be undone. */
  | { kind: "overtaken" };

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

/** How often Redis is looked at: others' changes are seen within two seconds. */
const LOOK_MS = 1_200;
/** How often the database is read: when something changed, and this often in any case. */
const READ_MS = 15_000;
/** After a failure, while Redis is away, and while a change's arrival has yet to be measured. */
const UNSETTLED_MS = 3_000;
const LONGEST_MS = 60_000;
const UNCONFIRMED_MS = 5 * 60_000;
const AGENTS_AWAITED_MS = 20_000;

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
  let eventsRead = 0;
  let eventsVersion = -1;
  let lastSeen: TracingState | null = null;
  let confirmedAt = 0;
  let readAt = Number.NEGATIVE_INFINITY;

  /** Looks at Redis alone, and reads the rest if something is new there. */
  async function look(): Promise<void> {
    const mine = ++conversation;
    const tracing = await api.readTracing();
    if (mine !== conversation) return;
    if (tracing instanceof ApiError) return show({ readError: tracing, confirmedAt });
    if (isSame(tracing, lastSeen)) confirmedAt = Date.now();
    else await refresh(tracing);
  }

  async function refresh(known?: TracingState): Promise<void> {
    const mine = ++conversation;
    // A look that drops this read must not find that there is nothing new.
    lastSeen = null;
    const [project, tracing] = await Promise.all([api.read(), known ?? api.readTracing()]);
    if (mine !== conversation) return;
    const seen = tracing instanceof ApiError ? null : tracing;
    if (project instanceof ApiError) return show({ readError: project, confirmedAt, ...(seen && { inEffect: seen }) });
    lastSeen = seen;
    confirmedAt = Date.now();
    readAt = performance.now();
    show({
      project,
      inEffect: seen ?? { policy: null, ...project },
      change: reconsider(view.value.change, project, seen),
      readError: null,
    });
    if (project.version !== eventsVersion || awaitsConfirmation(view.value.events))
      await refreshEvents(project.version);
  }

  async function refreshEvents(version: number): Promise<void> {
    const mine = ++eventsRead;
    const page = await api.readEvents();
    if (mine !== eventsRead) return;
    if (page instanceof ApiError) return show({ eventsError: page });
    eventsVersion = version;
    show({ events: page.events, eventsError: null });
  }

  /** Answers whether the change was saved. While one is being saved, another is ignored. */
  async function setTracing(wanted: Wanted, reason: string): Promise<boolean> {
    const { project } = view.value;
    if (isSaving(view.value) || project === null) return false;
    conversation++;
    show({ change: { kind: "saving", wanted } });
    const { on, ifVersion, isUndo, lifts } = wanted;
    const answer = await api.setTracing(on, reason, secondsOf(wanted), ifVersion, lifts);
    conversation++;
    const failed = answer instanceof ApiError;
    if (failed) {
      show({ change: { kind: "failed", wanted, error: answer, lastVersion: project.version } });
    } else {
      const { tracing_enabled, override, version } = answer;
      // The page sets no emergency stop again; and without an answer from Redis it is not known whether this one ended.
      const undo = isUndo || lifts ? null : undoOf(answer, Date.now());
      show({
        project: { ...project, tracing_enabled, override, version },
        inEffect: { policy: null, ...answer },
        change: { kind: "saved", wanted, answer, at: performance.now(), readBack: false, undo },
      });
    }
    void refresh();
    return !failed;
  }

  async function poll(): Promise<void> {
    const { readError, events } = view.value;
    if (isSaving(view.value)) return;
    const readIsDue = performance.now() - readAt >= (awaitsConfirmation(events) ? UNSETTLED_MS : READ_MS);
    await (readError || readIsDue ? refresh() : look());
  }

  function pollDelay(): number {
    const { readError } = view.value;
    const usual = readError || lastSeen?.source !== "redis" ? UNSETTLED_MS : LOOK_MS;
    return Math.min(Math.max(usual, (readError?.retryAfterSeconds ?? 0) * 1_000), LONGEST_MS);
  }

  return { view, refresh: () => refresh(), poll, setTracing, watch: () => pollWhileVisible(poll, pollDelay) };
}

function secondsOf({ until }: Wanted): number | undefined {
  return until && Math.ceil((until - Date.now()) / 1_000);
}

export const isSaving = ({ change }: ProjectView): boolean => change?.kind === "saving";

/** Optimistic: the switch moves when it is pressed, and back if that fails. */
export const isSwitchOn = ({ change, project }: ProjectView): boolean =>
  change?.kind === "saving" && !change.wanted.until ? change.wanted.on : (project?.tracing_enabled ?? false);

/** An emergency stop ends by a press only where it was on the screen, and "off for a while" makes none that ends by itself of it. */
export const liftsStop = ({ inEffect }: ProjectView, { on, until, ifVersion }: Wanted): boolean =>
  inEffect?.reason === "break_glass" && ifVersion === undefined && (on || !until);

const isSame = (one: TracingState, other: TracingState | null): boolean =>
  (["version", "effective", "reason", "enabled", "source"] as const).every((field) => one[field] === other?.[field]);

/** The switch for good also ends what was set for a while. */
const isAsWanted = ({ on, until }: Wanted, { override, tracing_enabled }: Project): boolean =>
  until ? override?.trace === on : override === null && tracing_enabled === on;

/** What a later read says about the change: a message must not outlive its truth. */
function reconsider(change: Change | null, project: Project, tracing: TracingState | null): Change | null {
  if (change?.kind === "failed") {
    return project.version > change.lastVersion && isAsWanted(change.wanted, project) ? null : change;
  }
  if (change?.kind !== "saved") return change;
  const { answer, at, undo } = change;
  if (project.version > answer.version) return undo && performance.now() - at < UNDO_MS ? { kind: "overtaken" } : null;
  // An emergency stop that was set since must not end by a press that knew nothing of it.
  if (tracing?.reason === "break_glass") return { ...change, undo: null };
  const isLive = tracing?.source === "redis" && (tracing.version ?? 0) >= answer.version;
  return isLive ? { ...change, readBack: true } : change;
}

/** Agents have been told lately, and not all of them are known to have heard. */
export function awaitsAgents({ change }: ProjectView, status: ProjectStatus | null): boolean {
  if (change?.kind !== "saved" || !change.readBack || performance.now() - change.at > AGENTS_AWAITED_MS) return false;
  const seen = sightings(change.answer.version, status);
  return seen === null || seen.seen_by < seen.of;
}

/** How many agents hold the version; null while that is not known. */
export const sightings = (version: number, status: ProjectStatus | null) =>
  status?.version === version ? status.last_change : null;

/** Nobody has yet measured when this change arrived in Redis. */
export function isUnconfirmed({ action, live_after_ms }: ProjectEvent): boolean {
  return action !== "project.created" && live_after_ms === null;
}

function awaitsConfirmation(events: readonly ProjectEvent[] | null): boolean {
  const newest = events?.[0];
  if (newest === undefined || !isUnconfirmed(newest)) return false;
  return Date.now() - Date.parse(newest.created_at) < UNCONFIRMED_MS;
}
