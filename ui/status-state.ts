import type { ProjectStatus } from "./api.ts";
import { pollWhileVisible } from "./poll.ts";
import { ApiError } from "./request.ts";
import { signal } from "./signal.ts";

export interface StatusView {
  status: ProjectStatus | null;
  /** Why the last read failed; what is shown then is older. */
  error: ApiError | null;
}

const POLL_MS = 8_000;
const AWAITED_MS = 1_000;

/** What the agents do: read seldom, for it costs a query, and every second while `isAwaited` says so. */
export function createStatusState(
  read: () => Promise<ProjectStatus | ApiError>,
  isAwaited: (status: ProjectStatus | null) => boolean,
) {
  const view = signal<StatusView>({ status: null, error: null });
  let reads = 0;
  let readAt = Number.NEGATIVE_INFINITY;

  const intervalMs = () =>
    Math.max((view.value.error?.retryAfterSeconds ?? 0) * 1_000, isAwaited(view.value.status) ? AWAITED_MS : POLL_MS);

  /** Reads it now: something changed that nobody must see the old state of. */
  async function refresh(): Promise<void> {
    const mine = ++reads;
    readAt = performance.now();
    const answer = await read();
    if (mine !== reads) return;
    view.value =
      answer instanceof ApiError ? { status: view.value.status, error: answer } : { status: answer, error: null };
  }

  async function poll(): Promise<void> {
    if (performance.now() - readAt >= intervalMs()) await refresh();
  }

  return { view, refresh, watch: () => pollWhileVisible(poll, () => AWAITED_MS) };
}
