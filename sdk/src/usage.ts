import { idOf } from "./decide.ts";
import { type Address, keepAlive, type Part, type Settings, say, type UsageHooks } from "./options.ts";
import type { Decision } from "./project.ts";
import { describe } from "./transport.ts";
import type { UsageReport } from "./wire.ts";

/** Settings of {@link usage}. */
export interface UsageOptions {
  /** How often a report is sent at most, in milliseconds. Default: 10,000. */
  intervalMs?: number | undefined;
  /** How long a request may take, in milliseconds; it is in nobody's way. Default: 2,000. */
  timeoutMs?: number | undefined;
}

/** What {@link usage} makes: the client's option `usage`, and what tells it what traces cost. */
export interface Usage extends Part<UsageHooks> {
  /**
   * Adds cost to the project's next report.
   *
   * @param micros millionths of a dollar; what is not a number above 0 is ignored
   * @param projectId the client's own project by default
   */
  recordCost(micros: number, projectId?: string): void;
}

/** The release, as `package.json` has it. */
export const VERSION = "0.1.0";

const MAX_PROJECTS = 1_000; // more are not counted until some are sent
const MAX_REASONS = 32; // of a project; the others count as `other`
const KEPT_MS = 24 * 3_600_000; // a batch; the server knows its id for twice as long
const LONGEST_PAUSE_MS = 300_000;
const AT_ONCE = 4; // requests

/** Of one project: what was counted and not yet sent, and the batch that may or may not have arrived. */
interface Tally {
  counts: Map<string, number>;
  costMicros: number;
  /** When the first of it was counted, in epoch ms; undefined while there is nothing. */
  since: number | undefined;
  version: number | null;
  /** The version has not been reported. */
  isUrgent: boolean;
  batch: { body: string; firstSentAt: number } | undefined;
  /** Since when a request has been under way, in epoch ms, and what becomes of it. */
  sendingSince: number | undefined;
  sending: Promise<unknown> | undefined;
  failures: number;
  /** Not sent before that, in epoch ms. */
  restsUntil: number;
  isLogged: boolean;
}

function runtimeName(): string {
  const { process, navigator, EdgeRuntime } = globalThis as {
    process?: { versions?: Record<string, string> };
    navigator?: { userAgent?: string };
    EdgeRuntime?: string;
  };
  if (navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  if (EdgeRuntime) return EdgeRuntime;
  return ["bun", "deno", "node"].find((name) => process?.versions?.[name]) ?? "other";
}

/**
 * Reports what was decided to the API, counted by reason: in the background, never in a request's way, with bounded memory.
 * Where timers do not outlive a request (edge runtimes) reports go out with later decisions, under `waitUntil`, or with
 * `await tracing.flush()`. What cannot be sent is kept and sent again for 24 h, and counts once.
 *
 * ```ts
 * const meter = usage();
 * const tracing = createTracingToggle({ usage: meter });
 * meter.recordCost(1_250); // $0.00125
 * ```
 *
 * @returns what the option `usage` takes; for one client. Its construction throws a TypeError when it has no `api`
 */
export function usage({ intervalMs = 10_000, timeoutMs = 2_000 }: UsageOptions = {}): Usage {
  for (const [name, value] of Object.entries({ intervalMs, timeoutMs })) {
    if (!(typeof value === "number" && value >= 1 && value < 2 ** 31))
      throw new TypeError(`tracing-toggle: ${name} must be a number from 1 to 2^31`);
  }
  let reporter: ReturnType<typeof createReporter> | undefined;
  const attach = (settings: Settings): UsageHooks => {
    if (reporter) throw new TypeError("tracing-toggle: usage must be of one client alone");
    reporter = createReporter(settings, intervalMs, timeoutMs);
    return reporter;
  };
  return Object.assign(attach, {
    recordCost: (micros: number, projectId?: string) => reporter?.recordCost(micros, projectId),
  });
}

function createReporter(settings: Settings, intervalMs: number, timeoutMs: number) {
  if (!settings.api) throw new TypeError("tracing-toggle: api must be given to report usage");
  const address: Address = settings.api;
  const tallies = new Map<string, Tally>();
  const { now, shared } = settings;
  /** Each ends a request under way. */
  const underWay = new Set<AbortController>();
  let instance: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const isIdle = (tally: Tally): boolean => !tally.batch && tally.since === undefined;

  function tallyOf(projectId: string): Tally | undefined {
    const known = tallies.get(projectId);
    if (known || isClosed || projectId === "") return known;
    if (tallies.size >= MAX_PROJECTS) for (const [id, tally] of tallies) if (isIdle(tally)) tallies.delete(id);
    if (tallies.size >= MAX_PROJECTS) return undefined;
    const tally: Tally = {
      counts: new Map(),
      costMicros: 0,
      since: undefined,
      version: null,
      isUrgent: false,
      batch: undefined,
      sendingSince: undefined,
      sending: undefined,
      failures: 0,
      restsUntil: 0,
      isLogged: false,
    };
    tallies.set(projectId, tally);
    return tally;
  }

  /** Something was counted: it is sent with the others when the interval is over, or at once. */
  function changed(tally: Tally, isUrgent: boolean): void {
    if (isClosed || (tally.since !== undefined && !isUrgent && shared)) return;
    const at = now();
    tally.since ??= at;
    tally.isUrgent ||= isUrgent;
    if (shared) schedule(isUrgent ? 0 : intervalMs);
    else if (isUrgent || at - lastSentAt >= intervalMs || at < lastSentAt) keepAlive(settings, sendAll(false));
  }

  /** @param ms 0 for at once; else a timer that runs already comes first */
  function schedule(ms: number): void {
    if (isClosed || (timer !== undefined && ms > 0)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      sendAll(false);
    }, ms);
    (timer as { unref?: () => void }).unref?.(); // a report must not keep the process alive
  }

  /** Closes the unsent counts into a batch, which never changes again. */
  function close(tally: Tally, at: number): void {
    if (tally.batch || tally.since === undefined) return;
    instance ??= crypto.randomUUID();
    const report: UsageReport = {
      batch_id: crypto.randomUUID(),
      instance,
      period_start: new Date(tally.since).toISOString(),
      period_end: new Date(Math.max(at, tally.since)).toISOString(),
      counts: Object.fromEntries(tally.counts),
      cost_micros: tally.costMicros,
      policy_version: tally.version,
      sdk: { version: VERSION, runtime: runtimeName() },
    };
    tally.batch = { body: JSON.stringify(report), firstSentAt: at };
    tally.counts = new Map();
    tally.costMicros = 0;
    tally.since = undefined;
    tally.isUrgent = false;
  }

  /**
   * Sends every project's batch that is due, a few at a time; never rejects.
   *
   * @param isForced also those that failed lately
   */
  async function sendAll(isForced: boolean): Promise<void> {
    if (isClosed) return;
    const at = now();
    lastSentAt = at;
    const work = [...tallies].filter(([, tally]) => isDue(tally, at, isForced)).values();
    let isAway = false;
    const sendInTurn = async () => {
      for (const [projectId, tally] of work) {
        if (!isDue(tally, now(), isForced)) continue; // sent meanwhile
        const sending = send(projectId, tally);
        tally.sending = sending;
        const isAnswered = await sending;
        if (tally.sending === sending) tally.sending = undefined;
        if (isAnswered) continue;
        isAway = true; // the others would fare the same, and each would take as long
        break;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendInTurn));
    // What failed, and what was counted meanwhile, is sent later.
    const left = [...tallies.values()].filter((tally) => !isIdle(tally));
    const isUrgent = !isAway && left.some((tally) => tally.isUrgent && !tally.batch);
    if (shared && left.length > 0) schedule(isUrgent ? 0 : intervalMs);
    else if (isUrgent) await sendAll(false);
  }

  function isDue(tally: Tally, at: number, isForced: boolean): boolean {
    // In workerd a request dies with the one that began it.
    const isUnderWay = tally.sendingSince !== undefined && at - tally.sendingSince < 2 * timeoutMs;
    if (isUnderWay || isIdle(tally)) return false;
    const left = tally.restsUntil - at;
    return isForced || !tally.batch || left <= 0 || left > LONGEST_PAUSE_MS; // more is left only when the clock was set back
  }

  /** @returns whether the API has answered, and of this project alone; never rejects */
  async function send(projectId: string, tally: Tally): Promise<boolean> {
    const at = now();
    let outcome: unknown;
    try {
      close(tally, at);
      if (!tally.batch) return true;
    } catch (error) {
      outcome = describe(error); // a clock that is none, or no source of random ids
    }
    const { batch } = tally;
    if (batch) {
      tally.sendingSince = at;
      outcome = await post(projectId, batch.body).catch(describe);
      if (tally.batch !== batch) return true; // another request has sent it meanwhile
      tally.sendingSince = undefined;
    }
    const status = Number(outcome);
    const isAccepted = status >= 200 && status < 300;
    const isRefused = status === 401 || status === 403;
    const isLost =
      (status >= 400 && status < 500 && !isRefused && status !== 408 && status !== 429) ||
      (batch !== undefined && now() - batch.firstSentAt >= KEPT_MS);
    if (isAccepted || isLost) {
      tally.batch = undefined;
      tally.failures = 0;
    } else {
      const pauseMs = isRefused ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, intervalMs * 2 ** tally.failures++);
      tally.restsUntil = now() + pauseMs * (1 - Math.random() / 4); // jitter: not every process at once
    }
    if (!isAccepted && !tally.isLogged && !isClosed) {
      const why = status ? `HTTP ${status}` : outcome;
      say(settings, `project ${projectId}: usage is not reported (${why}); it is ${isLost ? "lost" : "kept for 24 h"}`);
    }
    tally.isLogged = !isAccepted;
    return isAccepted || (status >= 400 && status < 500 && !isRefused);
  }

  /** @returns the status */
  async function post(projectId: string, body: string): Promise<number> {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => controller.abort(new Error("timed out")), timeoutMs);
    (timer as { unref?: () => void }).unref?.();
    underWay.add(controller);
    try {
      return await new Promise((resolve, reject) => {
        signal.onabort = () => reject(signal.reason);
        settings
          .fetch(`${address.url}/api/v1/projects/${encodeURIComponent(projectId)}/usage`, {
            method: "POST",
            headers: { authorization: `Bearer ${address.secret}`, "content-type": "application/json" },
            body,
            redirect: "manual",
            signal,
          })
          .then(async (response) => {
            await response.body?.cancel(); // frees the connection
            resolve(response.status);
          })
          .catch(reject);
      });
    } finally {
      clearTimeout(timer);
      underWay.delete(controller);
    }
  }

  return {
    count(projectId: string, { reason, version }: Decision): void {
      const tally = tallyOf(projectId);
      if (!tally) return;
      const { counts } = tally;
      const key = counts.has(reason) || counts.size < MAX_REASONS ? reason : "other";
      counts.set(key, (counts.get(key) ?? 0) + 1);
      const isNew = version !== null && version !== tally.version;
      if (isNew) tally.version = version;
      changed(tally, isNew);
    },
    recordCost(micros: number, projectId?: string): void {
      const added = typeof micros === "number" && micros < Infinity ? Math.round(micros) : 0;
      const id = idOf(projectId)?.toLowerCase().toWellFormed().slice(0, 200) ?? settings.projectId;
      const tally = added > 0 && tallyOf(id);
      if (!tally) return;
      tally.costMicros = Math.min(Number.MAX_SAFE_INTEGER, tally.costMicros + added);
      changed(tally, false);
    },
    async flush(): Promise<void> {
      if (isClosed) return;
      const sending = () => [...tallies.values()].flatMap((tally) => tally.sending ?? []);
      while (shared && sending().length > 0) await Promise.all(sending());
      await sendAll(true);
      await sendAll(false); // what was counted while an older batch was sent
    },
    close(): void {
      isClosed = true;
      clearTimeout(timer);
      if (shared) for (const controller of underWay) controller.abort();
    },
  };
}
