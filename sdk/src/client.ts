import { Breaker } from "./breaker.ts";
import { idOf, type Subject } from "./decide.ts";
import { normalizeOptions, type Settings, type TracingToggleOptions } from "./options.ts";
import { type Decision, Project, type Source } from "./project.ts";
import { bounded, Refused, readApi, readRedis } from "./transport.ts";
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
const NOBODY: Request = Object.freeze({});

class Endpoint {
  readonly breaker = new Breaker();
  requests = 0;
  failures = 0;
  /** Why the last request failed. */
  error = "";
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

class Client implements TracingToggle {
  readonly #settings: Settings;
  readonly #redis: Endpoint | undefined;
  readonly #api: Endpoint | undefined;
  readonly #projects = new Map<string, Project>();
  readonly #counts = new Map<string, number>();
  readonly #logged = new Map<string, string>();
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
    if (!this.#canAsk(now)) return Promise.resolve(this.#answerLastKnown(project, request, now));
    return this.#decideAfterRefresh(project, request);
  }

  peek(request: Request = NOBODY): Decision {
    const now = this.#settings.now();
    const project = this.#find(request, now);
    if (this.#fresh(project, now)) return this.#answerFresh(project, request, now);
    this.#background(project);
    const failedLately = project.failedAt > 0 && now - project.failedAt < PEEK_TRACES_AFTER_FAILURE_MS;
    return project.answerStale(request ?? NOBODY, now, failedLately);
  }

  async ready(request: Request = NOBODY): Promise<void> {
    const now = this.#settings.now();
    const project = this.#find(request, now);
    if (!this.#fresh(project, now) && this.#canAsk(now)) await this.#refresh(project);
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
    await Promise.all([...this.#projects.values()].map((project) => project.refreshing));
  }

  #find(request: Request | undefined, now: number): Project {
    const id = request?.projectId;
    if (id === undefined && this.#default) return this.#default;
    const key = (idOf(id) ?? "").toLowerCase();
    const project = this.#projects.get(key) ?? this.#open(key);
    project.usedAt = now;
    return project;
  }

  #open(id: string): Project {
    if (this.#projects.size >= this.#settings.maxProjects) this.#forgetOldest();
    const project = new Project(id, this.#settings.whenUnavailable, this.#counts);
    this.#projects.set(id, project);
    return project;
  }

  #forgetOldest(): void {
    let oldest: Project | undefined;
    for (const project of this.#projects.values()) {
      if (project !== this.#default && !(oldest && oldest.usedAt <= project.usedAt)) oldest = project;
    }
    oldest?.forget();
    this.#projects.delete(oldest?.id ?? "");
    this.#logged.delete(oldest?.id ?? "");
  }

  #fresh(project: Project, now: number): boolean {
    const age = now - project.readAt;
    return age >= 0 && age < this.#settings.maxAgeMs;
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
    if (source === "fallback") return this.#answerLastKnown(project, request, now);
    return Object.freeze({ ...project.answer(request ?? NOBODY, now), source });
  }

  #canAsk(now: number): boolean {
    const open = (endpoint: Endpoint | undefined) => endpoint?.breaker.state(now) !== "open" && endpoint !== undefined;
    return !this.#closed && (open(this.#redis) || open(this.#api));
  }

  #background(project: Project): void {
    if (project.refreshing || !this.#canAsk(this.#settings.now())) return;
    this.#settings.waitUntil(this.#refresh(project));
  }

  /** One refresh at a time and project; each request its own in workerd, or when every decision is to be asked for. */
  #refresh(project: Project): Promise<Source> {
    const { shared, maxAgeMs } = this.#settings;
    if (shared && maxAgeMs > 0 && project.refreshing) return project.refreshing;
    const refreshing = this.#ask(project).finally(() => {
      if (project.refreshing === refreshing) project.refreshing = undefined;
    });
    project.refreshing = refreshing;
    return refreshing;
  }

  async #ask(project: Project, again = false): Promise<Source> {
    const { now, timeoutMs } = this.#settings;
    const startedAt = now();
    const patient = startedAt - project.goodAt > PROBE_IN_FRONT_AFTER_MS;
    const late = () => now() - startedAt > 2 * timeoutMs + 50;
    let source: Source = "fallback";
    if (await this.#attempt(this.#redis, patient, late, (endpoint) => this.#askRedis(project, endpoint, startedAt))) {
      source = "redis";
    } else if (await this.#attempt(this.#api, patient, late, () => this.#askApi(project, startedAt))) source = "api";
    // The process was stopped or its loop blocked meanwhile: what came in is old, and what did not come in proves nothing.
    if (late() && !again) return this.#ask(project, true);
    if (source === "fallback") project.failedAt = startedAt;
    this.#log(project, source, now());
    return source;
  }

  /** Asks an endpoint if its breaker lets us; a probe is waited for only by the patient. */
  async #attempt(
    endpoint: Endpoint | undefined,
    patient: boolean,
    late: () => boolean,
    work: (endpoint: Endpoint) => Promise<boolean>,
  ): Promise<boolean> {
    const { now } = this.#settings;
    const state = endpoint?.breaker.state(now()) ?? "open";
    if (!endpoint || state === "open" || this.#closed) return false;
    const run = async () => {
      endpoint.requests++;
      try {
        const known = await work(endpoint);
        endpoint.breaker.succeeded();
        this.#logged.delete(endpoint.name);
        return known;
      } catch (error) {
        endpoint.failures++;
        endpoint.error = error instanceof Error ? error.message : `${error}`;
        const refused = error instanceof Refused;
        if (!late()) endpoint.breaker.failed(now(), refused);
        if (refused) this.#logOnce(endpoint.name, `${endpoint.name} refuses the credentials (${endpoint.error})`);
        return false;
      }
    };
    if (state === "probe") {
      endpoint.breaker.probing(now());
      if (!patient) {
        this.#settings.waitUntil(run());
        return false;
      }
    }
    return run();
  }

  #askRedis(project: Project, endpoint: Endpoint, startedAt: number): Promise<boolean> {
    const { timeoutMs, now } = this.#settings;
    const keys = redisKeys(project.id);
    const held = project.policy;
    return bounded(this.#api ? timeoutMs * REDIS_SHARE : timeoutMs, async (signal) => {
      if (held && startedAt < (held.until ?? Number.POSITIVE_INFINITY)) {
        const [enabled, version] = await readRedis(this.#settings, [keys.enabled, keys.version], signal);
        if (`${version}` === `${held.version}`) return project.accept(enabled, held, startedAt, now());
        endpoint.requests++;
      }
      const all = [keys.enabled, keys.policy, keys.version];
      const [enabled, policy] = await readRedis(this.#settings, all, signal);
      return project.accept(enabled, parsePolicy(policy), startedAt, now());
    });
  }

  async #askApi(project: Project, startedAt: number): Promise<boolean> {
    const { timeoutMs, now } = this.#settings;
    if (project.unknown && startedAt < project.askAgainAt) return false;
    const left = Math.max(1, timeoutMs - (now() - startedAt));
    const answer = await bounded(left, (signal) => readApi(this.#settings, project.id, signal));
    if (answer.status === 410) {
      project.acceptDeleted(startedAt);
      return true;
    }
    project.unknown = answer.status === 404;
    if (project.unknown) {
      project.askAgainAt = startedAt + ASK_UNKNOWN_AGAIN_MS;
      return false;
    }
    if (project.accept(answer.enabled, parsePolicy(answer.policy), startedAt, now())) return true;
    throw new Error("an answer without a policy");
  }

  #log(project: Project, source: Source, now: number): void {
    if (!this.#settings.logger) return;
    if (source === "fallback") {
      const causes = [this.#redis, this.#api].map(
        (endpoint) => endpoint?.error && `${endpoint.name}: ${endpoint.error}`,
      );
      const cause = project.unknown
        ? "the API does not know the project"
        : causes.filter(Boolean).join("; ") || "no answer";
      this.#logOnce(project.id, `project ${project.id}: ${cause}; ${this.#instead(project, now)}`);
      return;
    }
    const reason = project.forced ?? project.state(now)?.reason ?? "disabled";
    const on = project.forced === undefined && project.state(now)?.enabled;
    const version = project.policy ? `, version ${project.policy.version}` : "";
    const state = `${on ? "enabled" : "disabled"} (${reason}`;
    this.#logOnce(project.id, `project ${project.id}: tracing ${state}${version})`, state);
  }

  #instead(project: Project, now: number): string {
    const { whenUnavailable } = this.#settings;
    if (project.forced) return `tracing stays disabled (${project.forced})`;
    const state = project.state(now);
    if (!state) return `defaulting to ${whenUnavailable === "trace" ? "enabled" : "disabled"}`;
    return `keeping the last known policy (tracing ${state.enabled ? "enabled" : "disabled"}, version ${project.policy?.version})`;
  }

  /** Logs a change of `subject`'s state, once. */
  #logOnce(subject: string, message: string, state?: string): void {
    if (this.#logged.get(subject) === (state ?? "trouble")) return;
    this.#logged.set(subject, state ?? "trouble");
    try {
      this.#settings.logger?.[state ? "info" : "warn"](`tracing-toggle: ${message}`);
    } catch {
      // a logger that fails must not hurt the request
    }
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
