import { type Settings, say } from "./options.ts";
import { describe } from "./transport.ts";

/** Redis or the API, with the bound and the breaker that keep it from hurting. */
export interface Endpoint {
  readonly source: "redis" | "api";
  readonly stats: { requests: number; failures: number };
  /** Its name and why the last request failed; empty when it did not. */
  error(): string;
  /** Whether it is not to be asked at `now` (epoch ms). */
  isResting(now: number): boolean;
  /** Whether it has failed and rested, so that the next request finds out how it is; another is due only after a pause. */
  isProbe(): boolean;
  /**
   * Runs `work` for `ms` at most, also when it ignores its signal, and draws the conclusions.
   *
   * @returns what `work` resolves to; undefined when it fails
   */
  attempt(ms: number, work: (signal: AbortSignal) => Promise<boolean>): Promise<boolean | undefined>;
  /** Ends what is under way; it is not asked any more. */
  close(): void;
}

export function createEndpoint(source: Endpoint["source"], settings: Settings): Endpoint {
  const RESTS_AFTER = 3; // failures in a row
  const SHORTEST_MS = 5_000;
  const LONGEST_MS = 25_000; // 30 s with the jitter
  const REFUSED_MS = 300_000;
  const stats = { requests: 0, failures: 0 };
  /** Each ends a request under way, and says why. */
  const underWay = new Set<(why: unknown) => void>();
  let error = "";
  let failuresInARow = 0;
  let restsUntil = 0;
  let pauseMs = SHORTEST_MS;
  let isClosed = false;

  function failed(thrown: unknown): void {
    const before = error;
    error = `${source}: ${describe(thrown)}`;
    stats.failures++;
    if (/HTTP 40[13]|NOPERM|WRONGPASS|Unauthorized/.test(error)) {
      restsUntil = settings.now() + REFUSED_MS;
      if (error !== before) say(settings, `${error}: credentials refused`);
    } else if (++failuresInARow >= RESTS_AFTER) {
      restsUntil = settings.now() + pauseMs * (1 + Math.random() / 5); // jitter: not every process at once
      pauseMs = Math.min(LONGEST_MS, pauseMs * 2);
    }
  }

  return {
    source,
    stats,
    error: () => error,
    isResting(now) {
      const left = restsUntil - now;
      return isClosed || (left > 0 && left <= REFUSED_MS); // more is left only when the clock was set back
    },
    isProbe: () => restsUntil > 0,
    // Neither an async function nor a signal that is listened to: both would cost more than all the rest here.
    attempt: (ms, work) =>
      new Promise((resolve) => {
        if (restsUntil > 0) restsUntil = settings.now() + pauseMs;
        const controller = new AbortController();
        /** @param result undefined for a failure */
        const end = (thrown: unknown, result?: boolean): void => {
          clearTimeout(timer);
          if (!underWay.delete(end)) return;
          if (result === undefined) {
            controller.abort();
            failed(thrown);
          } else {
            error = "";
            failuresInARow = restsUntil = 0;
            pauseMs = SHORTEST_MS;
          }
          resolve(result);
        };
        const timer = setTimeout(end, Math.max(0, ms), "timed out");
        underWay.add(end);
        stats.requests++;
        work(controller.signal).then((result) => end(undefined, result), end);
      }),
    close() {
      isClosed = true;
      // in workerd the work of one request is not another's to touch
      if (settings.shared) for (const end of underWay) end("closed");
    },
  };
}
