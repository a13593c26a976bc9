import type { ProjectReason } from "./policy.ts";

/** What a reported reason says of its decisions: all traced, none, or it does not say. */
export type Outcome = "traced" | "skipped" | "undetermined";

/** A decision's reason, as an SDK reports it; `other` for all that are not known here. */
export type Reason =
  | ProjectReason
  | "user_override"
  | "sampled"
  | "not_sampled"
  | "break_glass"
  | "unavailable"
  | "unknown_project"
  | "pending"
  | "other";

const OUTCOMES: Record<Reason, Outcome> = {
  enabled: "traced",
  sampled: "traced",
  not_sampled: "skipped",
  disabled: "skipped",
  schedule: "skipped",
  budget: "skipped",
  override: "skipped", // one that traces is reported as `enabled` or `sampled`
  locked: "skipped",
  deleted: "skipped",
  break_glass: "skipped",
  user_override: "undetermined", // always or never
  unavailable: "undetermined", // as the process or the project wants it
  unknown_project: "undetermined",
  pending: "undetermined",
  other: "undetermined",
};

/** The reasons of decisions that no policy made, since none was known: by default, these requests were traced. */
const FAIL_OPENS: ReadonlySet<string> = new Set<Reason>(["unavailable", "unknown_project", "pending"]);

const isReason = (reason: string): reason is Reason => Object.hasOwn(OUTCOMES, reason);

/** What is counted of decisions. */
export interface Tally extends Record<Outcome, number> {
  /** Those of the undetermined that no policy made. */
  failOpens: number;
  byReason: Partial<Record<Reason, number>>;
}

/** Counts by reason, with all that are not known here as `other`: a reporter cannot make up rows without end. */
export function knownReasons(counts: Readonly<Record<string, number>>): Partial<Record<Reason, number>> {
  const known: Partial<Record<Reason, number>> = {};
  for (const [reason, count] of Object.entries(counts)) {
    const name = isReason(reason) ? reason : "other";
    if (count > 0) known[name] = Math.min(Number.MAX_SAFE_INTEGER, (known[name] ?? 0) + count);
  }
  return known;
}

/** Counts by reason, summed up. */
export function tally(counts: Iterable<readonly [reason: string, count: number]>): Tally {
  const sums: Tally = { traced: 0, skipped: 0, undetermined: 0, failOpens: 0, byReason: {} };
  for (const [reason, count] of counts) {
    const name = isReason(reason) ? reason : "other";
    sums[OUTCOMES[name]] += count;
    if (FAIL_OPENS.has(name)) sums.failOpens += count;
    sums.byReason[name] = (sums.byReason[name] ?? 0) + count;
  }
  return sums;
}
