import { evaluate, judge, type Rules, rulesAt, type Subject, verdictOf } from "./decide.ts";
import type { Endpoint } from "./endpoint.ts";
import { murmur3 } from "./murmur3.ts";
import { type Address, isClient, keepAlive, type Settings, say } from "./options.ts";
import { get, mget } from "./transport.ts";
import { type Capture, type PolicyDocument, parsePolicy, redisKey, saysOff } from "./wire.ts";

/** Where a decision comes from: the snapshot, a read made for it, or what applies when nobody answered. */
export type Source = "snapshot" | "redis" | "api" | "fallback";

/** The answer to "is this request traced?", with its circumstances. Shared between calls and frozen. */
export interface Decision {
  /** Whether the request is traced. */
  readonly trace: boolean;
  /**
   * The rule that decided: `enabled`, `sampled`, `not_sampled`, `user_override`, `disabled`, `schedule`, `budget`,
   * `override`, `locked`, `deleted`, `break_glass`; or, without a policy, `unavailable`, `unknown_project` or `pending`.
   */
  readonly reason: string;
  /** What to record of a traced request. */
  readonly capture: Capture;
  /** The project's sample rate, 0 to 1. */
  readonly sampleRate: number;
  /** The policy's version; null when no policy is known. */
  readonly version: number | null;
  /** Who told the policy. */
  readonly source: Source;
  /** When the read began that the decision rests on, in epoch ms; null when nothing was ever read. */
  readonly fetchedAt: number | null;
}

const isWithin = (age: number, limit: number): boolean => age >= 0 && age < limit;

/** The rules in force, and the decisions they have come to. */
interface Standing extends Rules {
  from: number;
  /** By outcome, and then by who told. */
  decided: (Decision | undefined)[];
}

/** One read of a project's policy. */
interface Read {
  /** When it began, in epoch ms. */
  at: number;
  /** Reads are numbered as they begin: clocks may be set back. */
  order: number;
}

/** Who told the policy, if somebody did; `pending` when what was told is too old to trace by. */
type Told = Endpoint["source"] | "pending" | undefined;

/** One project: what is known of it, and the decisions that follow. No method throws or rejects. */
export interface Project {
  decide(request: Subject | null | undefined): Promise<Decision>;
  peek(request: Subject | null | undefined): Decision;
  ready(): Promise<void>;
  /** Asks for the policy now, if anybody may be asked, and resolves to the version held then. */
  update(): Promise<number | undefined>;
}

/**
 * @param id in lower case; empty when no valid one was given
 * @param onDecision is told every decision
 */
export function openProject(
  id: string,
  settings: Settings,
  endpoints: readonly Endpoint[],
  onDecision: (projectId: string, decision: Decision) => Decision,
): Project {
  const NEVER = -Infinity;
  const LOST_AFTER_MS = 300_000; // without a good answer, for projects whose policy says what to do then
  const PROBE_IN_FRONT_AFTER_MS = 60_000;
  const ASK_UNKNOWN_AGAIN_MS = 60_000;
  const PEEK_TRACES_AFTER_FAILURE_MS = 30_000;
  const REDIS_SHARE = 0.6; // of the time bound, when the API can still be asked after it
  const { maxAgeMs, timeoutMs, now, shared } = settings;
  /** A busy process refreshes its snapshot ahead of its end, at this age. */
  const aheadMs = Math.max(maxAgeMs / 2, maxAgeMs - timeoutMs);
  const escaped = encodeURIComponent(id);
  const keyOf = redisKey.bind(null, isClient(settings.redis) ? id : escaped); // as it stands in a URL, or for a client
  const lateMs = timeoutMs + 50; // a refresh takes longer only when the process was stopped, or its loop blocked
  const seed = murmur3(id, 0);
  /** The newest document ever read. */
  let policy: PolicyDocument | undefined;
  /** Off for everyone, whatever the policy says, for this reason. */
  let forced: string | undefined;
  /** The last refresh did not tell the policy: the last known applies, if there is one. */
  let isFallback = true;
  /** Follows from all that; undefined when something of it has changed. */
  let standing: Standing | undefined;
  /** When the last read began (epoch ms, as the next four), whatever became of it. */
  let askedAt = NEVER;
  /** When the read began that the snapshot rests on. */
  let readAt = NEVER;
  /** The same, of the last read that told the project's policy. */
  let goodAt = NEVER;
  /** When the last refresh that failed began. */
  let failedAt = NEVER;
  /** When the API was asked for the project and did not know it; NEVER when it does. */
  let unknownAt = NEVER;
  /** Reads are numbered as they begin: clocks may be set back. */
  let reads = 0;
  /** The number of the read that told last. */
  let settled = 0;
  let refreshing: Promise<Told> | undefined;
  /** What was logged last; false once the policy was told again. */
  let logged: string | false;

  /** The rules in force from this instant on. */
  function standFrom(at: number): Standing {
    const document =
      policy ?? (parsePolicy({ version: 0, enabled: settings.whenUnavailable === "trace" }) as PolicyDocument);
    const rules: Standing = { ...rulesAt(document, at), from: at, decided: [] };
    const lostAt = goodAt + LOST_AFTER_MS;
    const isLost = at > lostAt;
    if (!isLost) rules.until = Math.min(rules.until, lostAt);
    const rule = isLost && isFallback && policy?.when_unavailable;
    if (forced || rule === "skip")
      Object.assign(rules, { enabled: false, reason: forced ?? "unavailable", overrides: undefined });
    else if (!policy) rules.reason = unknownAt > NEVER ? "unknown_project" : "unavailable";
    // "never trace this user", a lock and a deletion hold whatever the project chose for a control plane out of reach
    else if (rule === "trace" && rules.overrides !== undefined)
      Object.assign(rules, { enabled: true, reason: "unavailable", sample_rate: 1 });
    standing = rules;
    return rules;
  }

  /** Whether the snapshot answers at this instant, */
  const isFresh = (at: number): boolean => isWithin(at - readAt, maxAgeMs);
  /** and no refresh is due. */
  const isCalm = (at: number): boolean => isWithin(at - readAt, aheadMs);

  /**
   * The decision by what is known, shared by all that come to it. On the hot path: what is rare is elsewhere.
   *
   * @param told by whom, when a refresh was waited for
   */
  function answer(subject: Subject | null | undefined, at: number, told?: Told): Decision {
    if (!told && !isFallback && !isFresh(at)) {
      isFallback = true; // what was last known applies
      standing = undefined;
    }
    const rules = standing && at >= standing.from && at < standing.until ? standing : standFrom(at);
    const outcome = evaluate(rules, seed, subject, at);
    const index = told ? outcome + 6 * told.length : outcome; // no two tellers' names are of a length
    // biome-ignore lint/suspicious/noAssignInExpressions: on the hot path, each load counts
    return onDecision(id, (rules.decided[index] ??= decide(rules, outcome, told)));
  }

  function decide(rules: Standing, outcome: number, told: Told): Decision {
    const { trace, reason } = verdictOf(rules, outcome);
    const isPending = told === "pending";
    return Object.freeze({
      trace: trace && !(isPending && policy),
      reason: isPending && (trace || !policy) ? told : reason,
      capture: rules.capture,
      sampleRate: rules.sample_rate,
      version: policy?.version ?? null,
      source: (!isPending && told) || (isFallback ? "fallback" : "snapshot"),
      fetchedAt: goodAt > NEVER ? goodAt : null,
    });
  }

  const canAsk = (at: number): boolean => endpoints.some((endpoint) => !endpoint.isResting(at));

  function refreshBehind(at: number): void {
    // In workerd a refresh dies with the request that began it.
    if (!(refreshing && isWithin(at - askedAt, lateMs)) && canAsk(at)) keepAlive(settings, refresh());
  }

  /** One at a time; each request its own in workerd, and when the one under way began too long ago: with `maxAgeMs` 0 any. */
  function refresh(): Promise<Told> {
    if (shared && refreshing && isWithin(now() - askedAt, maxAgeMs)) return refreshing;
    const mine = ask();
    refreshing = mine;
    mine.then(() => {
      if (refreshing === mine) refreshing = undefined;
    });
    return mine;
  }

  /** A read told the policy; unless one that began later has told already. */
  function settle({ at, order }: Read): true {
    settled = order;
    readAt = goodAt = at;
    failedAt = NEVER;
    isFallback = false;
    standing = undefined;
    return true;
  }

  /**
   * Takes in the value of the `enabled` key as `told` (undefined: it was not read, and a break-glass seen before holds), and
   * the document if one was read and valid. A document older than the one held is discarded, but a `false` beside it always
   * counts.
   *
   * @returns whether the policy is now known to be current; false for a miss
   */
  function accept(read: Read, told: unknown, fetched: PolicyDocument | undefined): boolean {
    if (read.order < settled) return true; // a read that began later has told already
    const enabled = told === undefined && forced === "break_glass" ? false : told;
    const isOlder = (fetched?.version as number) < (policy?.version as number); // false without one of them
    const document = isOlder || (!fetched && saysOff(enabled)) ? policy : fetched;
    const reading = judge(enabled, document, now());
    forced = reading === "break_glass" ? reading : reading === "off" ? "disabled" : document ? undefined : forced;
    policy = document ?? policy;
    standing = undefined;
    return reading !== "miss" && settle(read);
  }

  /** @param told false: somebody answered, only not with the policy, so that asking again at once is pointless */
  function conclude({ at, order }: Read, told: boolean | undefined): void {
    if (told || order < settled) return;
    failedAt = at;
    standing = undefined;
    if (told === false) {
      readAt = at;
      isFallback = true;
    }
  }

  async function askRedis(read: Read, signal: AbortSignal): Promise<boolean> {
    const held = policy as PolicyDocument; // undefined is a miss
    if (judge(null, held, read.at) !== "miss") {
      const [enabled, version] = await mget(settings, [keyOf("enabled"), keyOf("version")], signal);
      if (`${version}` === `${held.version}`) return accept(read, enabled, held);
    }
    const [enabled, document] = await mget(settings, [keyOf("enabled"), keyOf("policy"), keyOf("version")], signal);
    return accept(read, enabled, parsePolicy(document));
  }

  async function askApi(read: Read, signal: AbortSignal): Promise<boolean> {
    const path = `/api/v1/projects/${escaped}/tracing`;
    const { status, enabled, policy } = await get(settings, settings.api as Address, path, signal);
    if (status === 404)
      unknownAt = read.at; // whatever is known already goes on
    else if (status === 410) {
      forced = "deleted";
      settle(read);
    } else if (!accept(read, enabled, parsePolicy(policy))) throw new Error("a wrong answer");
    return status !== 404;
  }

  /** Asks Redis, then the API. One that has rested is probed: in the background, unless the snapshot is old. */
  async function ask(isSecond?: boolean): Promise<Told> {
    const at = now();
    const read = { at, order: ++reads };
    askedAt = at;
    const isUnknown = isWithin(at - unknownAt, ASK_UNKNOWN_AGAIN_MS);
    let source: Told;
    let told = isUnknown ? false : undefined;
    let isProbing = false;
    for (const endpoint of endpoints) {
      const isApi = endpoint.source === "api";
      if (told || endpoint.isResting(now()) || (isApi && isUnknown)) continue;
      const inBackground = endpoint.isProbe() && at - goodAt <= PROBE_IN_FRONT_AFTER_MS;
      const left = isApi ? timeoutMs - Math.max(0, now() - at) : timeoutMs * (settings.api ? REDIS_SHARE : 1);
      const telling = endpoint.attempt(left, (signal) => (isApi ? askApi : askRedis)(read, signal));
      if (inBackground) {
        isProbing = true;
        keepAlive(
          settings,
          telling.then((told) => conclude(read, told)),
        );
      } else {
        told = (await telling) ?? told;
        if (told) source = endpoint.source;
      }
    }
    // What came in while the process stood still is old, and what did not come in proves nothing.
    if (now() - at > lateMs && !isFresh(now())) return isSecond ? "pending" : ask(true);
    if (!isProbing) conclude(read, told);
    const { enabled, reason } = standFrom(now());
    const state = !source && `defaulting to ${enabled ? "enabled" : "disabled"} (${reason})`;
    if (state && logged !== state) {
      const reasons = [...endpoints.map((endpoint) => endpoint.error()), state].filter(Boolean);
      say(settings, `project ${id}: ${reasons.join("; ")}`);
    }
    logged = state;
    return source;
  }

  return {
    decide(subject) {
      const at = now();
      if (!isCalm(at)) {
        if (isFresh(at)) refreshBehind(at);
        else if (canAsk(at)) return refresh().then((told) => answer(subject, now(), told));
      }
      return Promise.resolve(answer(subject, at));
    },
    peek(subject) {
      const at = now();
      let told: Told;
      if (!isCalm(at)) {
        refreshBehind(at);
        if (!isFresh(at) && !isWithin(at - failedAt, PEEK_TRACES_AFTER_FAILURE_MS)) told = "pending";
      }
      return answer(subject, at, told);
    },
    async ready() {
      const at = now();
      // also when a refresh is only due: what follows may take longer than the snapshot stays fresh
      if (!isCalm(at) && canAsk(at)) await refresh();
    },
    async update() {
      if (canAsk(now())) await ask();
      return policy?.version;
    },
  };
}
