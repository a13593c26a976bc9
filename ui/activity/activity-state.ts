import { pollWhileVisible } from "../poll.ts";
import { ApiError } from "../request.ts";
import { signal } from "../signal.ts";
import type { Metrics } from "./activity-api.ts";
import type { Range } from "./range.ts";

export interface ActivityView {
  /** The last that was read, of whatever range. */
  shown: { range: Range; metrics: Metrics } | null;
  /** Why the last read failed; what is shown then dates from `confirmedAt`. */
  error: ApiError | null;
  confirmedAt: number;
}

/** The longer a bar lasts, the less often there is anything new in it. */
export const POLL_MS: Record<Range, number> = { "1h": 5_000, "24h": 10_000, "30d": 60_000 };
const POLL_MAX_MS = 60_000;

export function createActivityState(read: (range: Range) => Promise<Metrics | ApiError>) {
  const view = signal<ActivityView>({ shown: null, error: null, confirmedAt: 0 });
  let wanted: Range = "1h";

  // Two reads may be under way when the range was changed: only the answer to the last question is shown.
  let question = 0;
  async function refresh(): Promise<void> {
    const mine = ++question;
    const range = wanted;
    const metrics = await read(range);
    if (mine !== question) return;
    view.value =
      metrics instanceof ApiError
        ? { ...view.value, error: metrics }
        : { shown: { range, metrics }, error: null, confirmedAt: Date.now() };
  }

  function pollDelay(): number {
    const asked = (view.value.error?.retryAfterSeconds ?? 0) * 1_000;
    return Math.min(Math.max(POLL_MS[wanted], asked), POLL_MAX_MS);
  }

  return {
    view,
    refresh,
    /** Keeps what is shown up to date while somebody can see it. Returns how to stop. */
    watch(range: Range): () => void {
      wanted = range;
      view.value = { ...view.value, error: null };
      return pollWhileVisible(refresh, pollDelay);
    },
  };
}
