import {
  evaluate,
  isAbsolute,
  judge,
  OFF,
  type PreparedPolicy,
  type ProjectState,
  preparePolicy,
  REASONS,
  type Subject,
  sampleSeed,
  stateAt,
  traces,
} from "./decide.ts";
import { type Capture, type PolicyDocument, saysOff } from "./wire.ts";

/** Where a decision comes from: the snapshot, a read made for it, or what applies when nobody answered. */
export type Source = "snapshot" | "redis" | "api" | "fallback";

/** The answer to "is this request traced?", with its circumstances. Shared between calls and frozen. */
export interface Decision {
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
  readonly source: Source;
  /** When the read began that the decision rests on, in epoch ms; null when nothing was ever read. */
  readonly fetchedAt: number | null;
}

// Outcomes beside those of the rules (0 to 5), as indices of the decision slots.
const FORCED = 6;
const UNKNOWN = 7;
const LOST_SKIP = 8;
const LOST_TRACE = 9;
const PENDING_SKIP = 10;
const PENDING_TRACE = 11;

/** The last good answer counts as lost after this, for projects whose policy says what to do then. */
const LOST_AFTER_MS = 300_000;

interface Slot {
  decision: Decision;
  count: number;
}

/** One read of a project's keys, or of the API in their place. */
export interface Read {
  /** When it began, in epoch ms. */
  at: number;
  /** Reads are numbered as they begin: clocks may be set back. */
  order: number;
}

/** What is known of one project, and the decisions that follow from it. Does no I/O. */
export class Project {
  policy: PreparedPolicy | undefined;
  /** Off for everyone, whatever the policy says, for this reason. */
  forced: "break_glass" | "disabled" | "deleted" | undefined;
  /** The API does not know the project. */
  unknown = false;
  /** When the API was last asked for the project and did not know it (epoch ms). */
  unknownAt = Number.NEGATIVE_INFINITY;
  /** When the last read began, whatever became of it (epoch ms, as the next three). */
  askedAt = Number.NEGATIVE_INFINITY;
  /** When the read began that the snapshot rests on. */
  readAt = Number.NEGATIVE_INFINITY;
  /** The same, of the last read that told the project's policy. */
  goodAt = Number.NEGATIVE_INFINITY;
  /** When the last refresh that failed began. */
  failedAt = Number.NEGATIVE_INFINITY;
  /** The last refresh did not tell the policy: the last known applies, if there is one. */
  fallback = true;
  usedAt = 0;
  refreshing: Promise<Source | undefined> | undefined;
  /** The state that was logged last. */
  logged: string | undefined;
  readonly id: string;
  #reads = 0;
  #settled = 0;
  #state: ProjectState | undefined;
  #stateSince = 0;
  #slots: (Slot | undefined)[] = [];
  readonly #seed: number;
  readonly #whenUnavailable: "trace" | "skip";
  readonly #counts: Map<string, number>;

  /** @param counts decisions by reason; kept by the client, since projects come and go */
  constructor(id: string, whenUnavailable: "trace" | "skip", counts: Map<string, number>) {
    this.id = id;
    this.#seed = sampleSeed(id);
    this.#whenUnavailable = whenUnavailable;
    this.#counts = counts;
  }

  /** A read begins now (epoch ms). */
  begin(now: number): Read {
    this.askedAt = now;
    return { at: now, order: ++this.#reads };
  }

  /**
   * Takes in what a read told: the value of the `enabled` key as `told` (undefined: it was not read, and a break-glass seen before
   * holds), and the document if one was read and valid. A document
   * older than the one held is discarded, but a `false` beside it always counts.
   *
   * @returns whether the project's policy is now known to be current; false for a miss
   */
  accept(told: unknown, fetched: PolicyDocument | undefined, read: Read, now: number): boolean {
    if (read.order < this.#settled) return true; // a read that began later has told already
    const enabled = told === undefined && this.forced === "break_glass" ? false : told;
    const held = this.policy;
    const newest = held && fetched && fetched.version < held.version ? held : fetched;
    const document = newest ?? (saysOff(enabled) ? held : undefined);
    const reading = judge(enabled, document, now);
    if (document) this.#hold(document);
    if (reading === "break_glass") this.forced = reading;
    else if (reading === "off") this.forced = "disabled";
    else if (document) this.forced = undefined;
    if (reading !== "miss") this.#settle(read);
    this.forget();
    return reading !== "miss";
  }

  /** The API says that the project was deleted: off. */
  acceptDeleted(read: Read): void {
    if (read.order < this.#settled) return;
    this.forced = "deleted";
    this.#settle(read);
  }

  /** The API says that it does not know the project. */
  acceptUnknown(read: Read): void {
    if (read.order < this.#settled) return;
    this.unknown = true;
    this.unknownAt = read.at;
    this.forget();
  }

  /** @param answered whether somebody answered, only not with the policy: asking again at once is pointless */
  fail(read: Read, answered: boolean): void {
    if (read.order < this.#settled) return;
    this.failedAt = read.at;
    if (!answered) return;
    this.readAt = read.at;
    this.fallback = true;
    this.forget();
  }

  /** The decision while the snapshot is fresh, or after a refresh. */
  answer(subject: Subject, now: number): Decision {
    return this.#decision(this.fallback ? this.#lastKnown(subject, now) : this.#outcome(subject, now));
  }

  /** The decision from a snapshot that is too old to trace by. */
  answerStale(subject: Subject, now: number): Decision {
    const outcome = this.#lastKnown(subject, now);
    if (outcome !== UNKNOWN && !this.#meaning(outcome)[0]) return this.#decision(outcome);
    const trace = outcome === UNKNOWN && this.#whenUnavailable === "trace";
    return this.#decision(trace ? PENDING_TRACE : PENDING_SKIP);
  }

  #decision(outcome: number): Decision {
    const slot = this.#slots[outcome] ?? this.#fill(outcome);
    slot.count++;
    return slot.decision;
  }

  /** The decision when a refresh failed: the last known policy, or what is to apply without one. */
  answerLastKnown(subject: Subject, now: number): Decision {
    if (!this.fallback) {
      this.fallback = true;
      this.forget();
    }
    return this.answer(subject, now);
  }

  /** Adds the counts of the decisions made so far to the client's, and drops the decisions themselves. */
  forget(): void {
    for (const slot of this.#slots) {
      if (slot) this.#counts.set(slot.decision.reason, (this.#counts.get(slot.decision.reason) ?? 0) + slot.count);
    }
    this.#slots = [];
  }

  /** The project's state by the policy held, or undefined when none is held. */
  state(now: number): ProjectState | undefined {
    if (this.policy && (!this.#state || now >= this.#state.until || now < this.#stateSince)) {
      this.forget();
      this.#state = stateAt(this.policy, now);
      this.#stateSince = now;
    }
    return this.#state;
  }

  #hold(document: PolicyDocument): void {
    if (document === this.policy) return;
    this.policy = preparePolicy(document, this.#seed);
    this.#state = undefined;
  }

  #settle(read: Read): void {
    this.#settled = read.order;
    this.readAt = read.at;
    this.goodAt = read.at;
    this.failedAt = Number.NEGATIVE_INFINITY;
    this.fallback = false;
    this.unknown = false;
    this.forget();
  }

  #outcome(subject: Subject, now: number): number {
    if (this.forced !== undefined) return FORCED;
    const state = this.state(now);
    return state === undefined ? UNKNOWN : evaluate(this.policy as PreparedPolicy, state, subject, now);
  }

  /** Whether the last known policy no longer applies, by its own rule for that. */
  isLost(now: number): boolean {
    return (this.policy?.when_unavailable ?? "last_known") !== "last_known" && now - this.goodAt > LOST_AFTER_MS;
  }

  #lastKnown(subject: Subject, now: number): number {
    const outcome = this.#outcome(subject, now);
    if (outcome >= FORCED || !this.isLost(now)) return outcome;
    if (this.policy?.when_unavailable === "skip") return LOST_SKIP;
    // "never trace this user", a lock and a deletion hold whatever the project chose for a control plane out of reach
    const absolute = outcome === OFF ? isAbsolute(this.#state?.reason ?? "") : REASONS[outcome] === "user_override";
    return absolute ? outcome : LOST_TRACE;
  }

  #fill(outcome: number): Slot {
    const { policy } = this;
    const [trace, reason] = this.#meaning(outcome);
    const decision: Decision = Object.freeze({
      trace,
      reason,
      capture: policy?.capture ?? "full",
      sampleRate: policy?.sample_rate ?? 1,
      version: policy?.version ?? null,
      source: this.fallback ? "fallback" : "snapshot",
      fetchedAt: Number.isFinite(this.goodAt) ? this.goodAt : null,
    });
    const slot = { decision, count: 0 };
    this.#slots[outcome] = slot;
    return slot;
  }

  #meaning(outcome: number): [trace: boolean, reason: string] {
    switch (outcome) {
      case OFF:
        return [false, this.#state?.reason ?? "disabled"];
      case FORCED:
        return [false, this.forced as string];
      case UNKNOWN:
        return [this.#whenUnavailable === "trace", this.unknown ? "unknown_project" : "unavailable"];
      case LOST_SKIP:
      case LOST_TRACE:
        return [outcome === LOST_TRACE, "unavailable"];
      case PENDING_SKIP:
      case PENDING_TRACE:
        return [outcome === PENDING_TRACE, "pending"];
      default:
        return [traces(outcome), REASONS[outcome] as string];
    }
  }
}
