import { Breaker } from "./breaker.ts";
import { idOf, type Subject } from "./decide.ts";
import { isProjectId, normalizeOptions, type Settings, type TracingToggleOptions } from "./options.ts";
import { type Decision, Project, type Read, type Source } from "./project.ts";
import { bounded, describe, isRefusal, readApi, readRedis } from "./transport.ts";
import { parsePolicy, redisKeys } from "./wire.ts";

/** Whose request it is, and of which project when not of the options' one. */
export interface Request extends Subject {
  projectId?: string | undefined;
}

/** Counters since the client was made. */
export interface Stats {
  /** Decisions by reason. */
  decisions: Record<string, number>;
  /** Decisions made because neither Redis nor the API told the policy. */
  fallbacks: number;
  /** Requests to each endpoint, and how many of them failed. */
  redis: { requests: number; failures: number };
  api: { requests: number; failures: number };
}

/** Answers whether a request is traced. Made by {@link createTracingToggle}. No method ever throws or rejects. */
export interface TracingToggle {
  /** Whether the request is traced, within `timeoutMs`. */
  isEnabled(request?: Request): Promise<boolean>;
  /** The decision, within `timeoutMs`; at once when the snapshot is younger than `maxAgeMs`. */
  decide(request?: Request): Promise<Decision>;
  /**
   * The decision, synchronously, from the snapshot; starts a refresh when it is stale. A stale snapshot may say "skip", but
   * "trace" only when a refresh that began less than 30 s ago failed: else the answer is skip, reason `pending`. With
   * nothing known yet: `whenUnavailable`, reason `pending`.
   */
  peek(request?: Request): Decision;
  /** Waits until the snapshot is fresh, for `timeoutMs` at most. */
  ready(request?: Request): Promise<void>;
  /** What was decided and asked so far. */
  stats(): Stats;
  /** Ends what is under way. Decisions go on from the last known policy; nothing is asked any more. */
  close(): Promise<void>;
}

const PROBE_IN_FRONT_AFTER_MS = 60_000;
const ASK_UNKNOWN_AGAIN_MS = 60_000;
const PEEK_TRACES_AFTER_FAILURE_MS = 30_000;
const REDIS_SHARE = 0.6; // of the time bound, when the API can still be asked after it
const LATE_MS = 50; // past the time bound: the process was stopped, or its loop blocked
const NOBODY: Request = Object.freeze({});

const isWithin = (age: number, limit: number): boolean => age >= 0 && age < limit;

class Endpoint {
  readonly breaker = new Breaker();
  requests = 0;
  failures = 0;
  /** Why the last request failed. */
  error = "";
  /** Its refusal was logged. */
  warned = false;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** One refresh of a project's snapshot. */
interface Refresh {
  project: Project;
  read: Read;
  /** A probe is waited for. */
  patient: boolean;
  /** A probe goes on in the background, and tells what became of the refresh. */
  probing: boolean;
  late: () => boolean;
}

class Client implements TracingToggle {
  readonly #settings: Settings;
  readonly #redis: Endpoint | undefined;
  readonly #api: Endpoint | undefined;
  readonly #projects = new Map<string, Project>();
  readonly #counts = new Map<string, number>();
  /** Each ends a request under way. */
  readonly #ends = new Set<() => void>();
  readonly #refreshAheadMs: number;
  #default: Project | undefined;
  #fallbacks = 0;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#redis = settings.redis && new Endpoint("Redis");
    this.#api = settings.api && new Endpoint("the API");
    this.#refreshAheadMs = Math.max(settings.maxAgeMs / 2, settings.maxAgeMs - settings.timeoutMs);
    this.#default = settings.projectId === undefined ? undefined : this.#open(settings.projectId);
  }

  isEnabled(request?: Request): Promise<boolean> {
    return this.decide(request).then((decision) => decision.trace);
  }

  decide(request: Request = NOBODY): Promise<Decision> {
    const now = this.#settings.now();
    const project = this.#find(request, now);
    if (this.#fresh(project, now)) return Promise.resolve(this.#answerFresh(project, request, now));
    if (!this.#canAsk(project, now)) return Promise.resolve(this.#answerLastKnown(project, request, now));
    return this.#decideAfterRefresh(project, request);
  }

  peek(request: Request = NOBODY): Decision {
    const now = this.#settings.now();
    const project = this.#find(request, now);
    if (this.#fresh(project, now)) return this.#answerFresh(project, request, now);
    this.#background(project);
    if (isWithin(now - project.failedAt, PEEK_TRACES_AFTER_FAILURE_MS))
      return this.#answerLastKnown(project, request, now);
    return project.answerStale(request ?? NOBODY, now);
  }

  async ready(request: Request = NOBODY): Promise<void> {
    const now = this.#settings.now();
    const project = this.#find(request, now);
    if (!this.#fresh(project, now) && this.#canAsk(project, now)) await this.#refresh(project);
  }

  stats(): Stats {
    for (const project of this.#projects.values()) project.forget();
    const count = (endpoint: Endpoint | undefined) => ({
      requests: endpoint?.requests ?? 0,
      failures: endpoint?.failures ?? 0,
    });
    return {
      decisions: Object.fromEntries(this.#counts),
      fallbacks: this.#fallbacks,
      redis: count(this.#redis),
      api: count(this.#api),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#settings.shared) return; // in workerd the work of one request is not another's to touch
    for (const end of this.#ends) end();
    await Promise.all([...this.#projects.values()].map((project) => project.refreshing));
  }

  #find(request: Request | undefined, now: number): Project {
    const id = idOf(request?.projectId)?.toLowerCase();
    if (id === undefined && this.#default) return this.#default;
    const project = this.#projects.get(id ?? "") ?? this.#open(isProjectId(id) ? id : "");
    project.usedAt = now;
    return project;
  }

  #open(id: string): Project {
    const known = this.#projects.get(id);
    if (known) return known;
    if (this.#projects.size >= this.#settings.maxProjects) this.#forgetOldest();
    const project = new Project(id, this.#settings.whenUnavailable, this.#counts);
    this.#projects.set(id, project);
    if (id === "") {
      project.unknown = true;
      this.#say("warn", `no valid projectId was given; ${this.#instead(project, 0)}`);
    }
    return project;
  }

  #forgetOldest(): void {
    let oldest: Project | undefined;
    for (const project of this.#projects.values()) {
      if (project !== this.#default && !(oldest && oldest.usedAt <= project.usedAt)) oldest = project;
    }
    if (!oldest) return;
    oldest.forget();
    this.#projects.delete(oldest.id);
  }

  #fresh(project: Project, now: number): boolean {
    return isWithin(now - project.readAt, this.#settings.maxAgeMs);
  }

  #answerFresh(project: Project, request: Request, now: number): Decision {
    if (now - project.readAt >= this.#refreshAheadMs) this.#background(project);
    if (project.fallback) return this.#answerLastKnown(project, request, now);
    return project.answer(request ?? NOBODY, now);
  }

  #answerLastKnown(project: Project, request: Request, now: number): Decision {
    this.#fallbacks++;
    return project.answerLastKnown(request ?? NOBODY, now);
  }

  async #decideAfterRefresh(project: Project, request: Request): Promise<Decision> {
    const source = await this.#refresh(project);
    const now = this.#settings.now();
    if (source === undefined) return project.answerStale(request ?? NOBODY, now);
    if (source === "fallback") return this.#answerLastKnown(project, request, now);
    return Object.freeze({ ...project.answer(request ?? NOBODY, now), source });
  }

  #canAsk(project: Project, now: number): boolean {
    const open = (endpoint: Endpoint | undefined) => endpoint?.breaker.state(now) !== "open" && endpoint !== undefined;
    return !this.#closed && project.id !== "" && (open(this.#redis) || open(this.#api));
  }

  #background(project: Project): void {
    const { now, timeoutMs } = this.#settings;
    // In workerd a refresh dies with the request that began it.
    const underway = project.refreshing && isWithin(now() - project.askedAt, 2 * timeoutMs + LATE_MS);
    if (!underway && this.#canAsk(project, now())) this.#keepAlive(this.#refresh(project));
  }

  #keepAlive(work: Promise<unknown>): void {
    try {
      this.#settings.waitUntil(work);
    } catch {
      // outside a request there is nothing to wait for it
    }
  }

  /**
   * One refresh at a time and project; each request its own in workerd, and when the one under way began too long ago:
   * with `maxAgeMs` 0 any.
   */
  #refresh(project: Project): Promise<Source | undefined> {
    const { shared, maxAgeMs, now } = this.#settings;
    if (shared && project.refreshing && isWithin(now() - project.askedAt, maxAgeMs)) return project.refreshing;
    const refreshing = this.#ask(project).finally(() => {
      if (project.refreshing === refreshing) project.refreshing = undefined;
    });
    project.refreshing = refreshing;
    return refreshing;
  }

  /** @returns who told the policy, `fallback` for nobody; undefined when what came in is too old to go by */
  async #ask(project: Project, again = false): Promise<Source | undefined> {
    const { now, timeoutMs } = this.#settings;
    const read = project.begin(now());
    const patient = read.at - project.goodAt > PROBE_IN_FRONT_AFTER_MS;
    const late = () => now() - read.at > timeoutMs + LATE_MS;
    const refresh: Refresh = { project, read, patient, probing: false, late };
    let source: Source = "fallback";
    const byRedis = await this.#attempt(this.#redis, refresh, (endpoint) => this.#askRedis(project, endpoint, read));
    let answered = byRedis === false;
    if (byRedis) source = "redis";
    else if (project.unknown && isWithin(read.at - project.unknownAt, ASK_UNKNOWN_AGAIN_MS)) answered = true;
    else {
      const byApi = await this.#attempt(this.#api, refresh, () => this.#askApi(project, read));
      if (byApi) source = "api";
      else answered ||= byApi === false;
    }
    // What came in while the process stood still is old, and what did not come in proves nothing.
    if (late() && !this.#closed && !this.#fresh(project, now())) return again ? undefined : this.#ask(project, true);
    if (source === "fallback" && !refresh.probing) project.fail(read, answered);
    this.#log(project, source, now());
    return source;
  }

  /**
   * Asks an endpoint if its breaker lets us; a probe is waited for only by the patient.
   *
   * @returns whether it told the policy; undefined when it failed or was not asked
   */
  async #attempt(
    endpoint: Endpoint | undefined,
    refresh: Refresh,
    work: (endpoint: Endpoint) => Promise<boolean>,
  ): Promise<boolean | undefined> {
    const { now } = this.#settings;
    const state = endpoint?.breaker.state(now()) ?? "open";
    if (!endpoint || state === "open" || this.#closed) return undefined;
    const run = async () => {
      endpoint.requests++;
      try {
        const told = await work(endpoint);
        endpoint.breaker.succeeded();
        endpoint.warned = false;
        return told;
      } catch (error) {
        endpoint.failures++;
        endpoint.error = describe(error);
        const refused = isRefusal(endpoint.error);
        if (!refresh.late()) endpoint.breaker.failed(now(), refused);
        if (refused && !endpoint.warned)
          this.#say("warn", `${endpoint.name} refuses the credentials (${endpoint.error})`);
        endpoint.warned ||= refused;
        return undefined;
      }
    };
    if (state === "probe") {
      endpoint.breaker.probing(now());
      if (!refresh.patient) {
        refresh.probing = true;
        this.#keepAlive(run().then((told) => told || refresh.project.fail(refresh.read, told === false)));
        return undefined;
      }
    }
    return run();
  }

  #askRedis(project: Project, endpoint: Endpoint, read: Read): Promise<boolean> {
    const { timeoutMs, now } = this.#settings;
    const keys = redisKeys(project.id);
    const held = project.policy;
    return bounded(this.#api ? timeoutMs * REDIS_SHARE : timeoutMs, this.#ends, async (signal) => {
      if (held && read.at < (held.until ?? Number.POSITIVE_INFINITY)) {
        const [enabled, version] = await readRedis(this.#settings, [keys.enabled, keys.version], signal);
        if (`${version}` === `${held.version}`) return project.accept(enabled, held, read, now());
        endpoint.requests++;
      }
      const all = [keys.enabled, keys.policy, keys.version];
      const [enabled, policy] = await readRedis(this.#settings, all, signal);
      return project.accept(enabled, parsePolicy(policy), read, now());
    });
  }

  async #askApi(project: Project, read: Read): Promise<boolean> {
    const { timeoutMs, now } = this.#settings;
    const left = Math.min(timeoutMs, Math.max(1, timeoutMs - (now() - read.at)));
    const answer = await bounded(left, this.#ends, (signal) => readApi(this.#settings, project.id, signal));
    if (answer.status === 404) {
      project.acceptUnknown(read);
      return false;
    }
    if (answer.status === 410) project.acceptDeleted(read);
    else if (!project.accept(answer.enabled, parsePolicy(answer.policy), read, now())) {
      throw new Error("an answer without a policy");
    }
    return true;
  }

  #log(project: Project, source: Source, now: number): void {
    if (this.#closed) return;
    if (source === "fallback") {
      const causes = [this.#redis, this.#api].map(
        (endpoint) => endpoint?.error && `${endpoint.name}: ${endpoint.error}`,
      );
      const cause = project.unknown
        ? "the API does not know the project"
        : causes.filter(Boolean).join("; ") || "no answer";
      const instead = this.#instead(project, now);
      if (project.logged !== instead) this.#say("warn", `project ${project.id}: ${cause}; ${instead}`);
      project.logged = instead;
      return;
    }
    const state = project.state(now);
    const on = project.forced === undefined && state?.enabled;
    const version = project.policy ? `, version ${project.policy.version}` : "";
    const what = `${on ? "enabled" : "disabled"} (${project.forced ?? state?.reason ?? "disabled"}`;
    if (project.logged !== what) this.#say("info", `project ${project.id}: tracing ${what}${version})`);
    project.logged = what;
  }

  #instead(project: Project, now: number): string {
    if (project.forced) return `tracing stays disabled (${project.forced})`;
    const state = project.state(now);
    if (state && !project.isLost(now)) {
      return `keeping the last known policy (tracing ${state.enabled ? "enabled" : "disabled"}, version ${project.policy?.version})`;
    }
    const rule = project.policy?.when_unavailable ?? this.#settings.whenUnavailable;
    return `defaulting to ${rule === "trace" ? "enabled" : "disabled"}`;
  }

  #say(level: "info" | "warn", message: string): void {
    // a logger that fails, now or later, must not hurt the request
    (async () => this.#settings.logger?.[level](`tracing-toggle: ${message}`))().catch(() => {});
  }
}

/**
 * Makes a client. Construction does no I/O and starts no timer, so that it may stand at a module's top level.
 *
 * @throws TypeError that names the wrong option and what it must be
 */
export function createTracingToggle(options?: TracingToggleOptions): TracingToggle {
  return new Client(normalizeOptions(options));
}
