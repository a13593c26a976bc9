import type { PolicyDocument, Transition } from "../../sdk/src/wire.ts";
import type { Lifetimes } from "../env.ts";
import type { Publication } from "../store/redis.ts";
import type { FullProject, ProjectRow, RuleColumns } from "../store/schema.ts";
import { type Interval, quietIntervals } from "./schedule.ts";
import { localDay } from "./zone.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FORESEEN_MS = 2 * DAY_MS;
const DOCUMENT_VALID_MS = DAY_MS;
const DOCUMENT_TTL_MS = 7 * DAY_MS;
const PUBLISH_AGAIN_MS = 60_000;
const RENEW_MS = 12 * HOUR_MS;

/** How long a deleted project's `false` and its off document stay in Redis. */
export const DELETED_TTL_MS = 30 * DAY_MS;

/** The rules of a project as a whole, and `enabled` when none of them keeps it off. */
export type ProjectReason = "deleted" | "locked" | "override" | "budget" | "disabled" | "schedule" | "enabled";

/** A rule of a project as a whole: what it says, and when it is in force. */
export interface ProjectRule {
  reason: ProjectReason;
  enabled: boolean;
  during: readonly Interval[];
}

/** What follows from all of a project's rules, before users and sampling. */
export interface EffectiveState {
  enabled: boolean;
  /** The rule that keeps it off, else `enabled`. */
  reason: ProjectReason;
}

const ALWAYS: readonly Interval[] = [{ from: -Infinity, until: Infinity }];

/** The local day whose budget is spent, if it is the one of `at` or the one after it. */
function spentDay({ timeZone, budgetSpentOn }: RuleColumns, at: number): readonly Interval[] {
  if (budgetSpentOn === null) return [];
  const today = localDay(timeZone, at);
  const day = today.date < budgetSpentOn ? localDay(timeZone, today.until) : today;
  return day.date === budgetSpentOn ? [day] : [];
}

/**
 * A project's rules, highest first, as they are in force between two instants (epoch ms). The first in force decides; with none
 * in force the project is on.
 */
export function projectRules(project: RuleColumns, from: number, until: number): ProjectRule[] {
  const { deletedAt, lockReason, overrideTrace, overrideUntil, dailyBudgetMicros, tracingEnabled, schedule } = project;
  const rules: ProjectRule[] = [];
  const rule = (reason: ProjectReason, during: readonly Interval[], enabled = false) =>
    rules.push({ reason, enabled, during });
  if (deletedAt) rule("deleted", ALWAYS);
  if (lockReason !== null) rule("locked", ALWAYS);
  if (overrideTrace !== null && overrideUntil)
    rule("override", [{ from: -Infinity, until: overrideUntil.getTime() }], overrideTrace);
  if (dailyBudgetMicros !== null) rule("budget", spentDay(project, from));
  if (!tracingEnabled) rule("disabled", ALWAYS);
  if (schedule.length > 0) rule("schedule", quietIntervals(schedule, project.timeZone, from, until));
  return rules;
}

/** Those of the rules that are in force at `at` (epoch ms), in their order. */
export const inForceAt = (rules: readonly ProjectRule[], at: number): ProjectRule[] =>
  rules.filter(({ during }) => during.some(({ from, until }) => from <= at && at < until));

/** What the rules make of the project at `at` (epoch ms). */
export function stateUnder(rules: readonly ProjectRule[], at: number): EffectiveState {
  const [first] = inForceAt(rules, at);
  return !first || first.enabled ? { enabled: true, reason: "enabled" } : { enabled: false, reason: first.reason };
}

/** The instants (epoch ms) after `from` and up to `until` at which a rule begins or ends, in their order. */
export function edgesOf(rules: readonly ProjectRule[], from: number, until: number): number[] {
  const edges = rules.flatMap(({ during }) => during.flatMap((interval) => [interval.from, interval.until]));
  return [...new Set(edges)].filter((at) => at > from && at <= until).sort((a, b) => a - b);
}

/** A project's state at `now` (epoch ms), before users and sampling. */
export const effectiveState = (project: RuleColumns, now: number): EffectiveState =>
  stateUnder(projectRules(project, now, now + 1), now);

/** A project's state at `now` (epoch ms), and its changes in the 48 h from then. */
export function foresee(project: RuleColumns, now: number): EffectiveState & { transitions: Transition[] } {
  const until = now + FORESEEN_MS;
  const rules = projectRules(project, now, until);
  const state = stateUnder(rules, now);
  const transitions: Transition[] = [];
  let last = state;
  for (const at of edgesOf(rules, now, until)) {
    const next = stateUnder(rules, at);
    if (next.reason !== last.reason) transitions.push([at, next.enabled, next.reason]);
    last = next;
  }
  return { ...state, transitions };
}

/** The policy document as it goes over the wire: {@link PolicyDocument} with its overrides as an object. */
export type WireDocument = Omit<PolicyDocument, "overrides"> & { overrides: FullProject["overrides"] };

/** @param now epoch ms */
export function policyDocument(project: FullProject, now: number): WireDocument {
  const { enabled, reason, transitions } = foresee(project, now);
  const inForce = Object.entries(project.overrides).filter(([, [, until]]) => until === null || now < until);
  return {
    version: project.version,
    enabled,
    reason,
    sample_rate: project.sampleRate,
    capture: project.capture,
    when_unavailable: project.whenUnavailable,
    // Nobody need ask again about a deleted project.
    ...(project.deletedAt ? {} : { until: now + DOCUMENT_VALID_MS }),
    overrides: Object.fromEntries(inForce),
    transitions,
  };
}

/**
 * What is to stand in Redis for a project, from `now` (epoch ms) on.
 *
 * `true` expires soon. `false` lives long: readers of the one key take a missing one for "on". So `false` is cut where tracing
 * goes on again, and not where it stays off for another reason.
 */
export function publication(project: FullProject, lifetimes: Lifetimes, now: number): Publication {
  const document = policyDocument(project, now);
  const { enabled, transitions } = document;
  const lifetime = project.deletedAt ? DELETED_TTL_MS : enabled ? lifetimes.enabledMs : lifetimes.disabledMs;
  const [changesAt = Infinity] = transitions.find(([, on]) => on !== enabled) ?? [];
  return {
    projectId: project.id,
    version: project.version,
    document: JSON.stringify(document),
    enabled,
    enabledUntil: Math.min(now + lifetime, changesAt),
    documentTtlMs: project.deletedAt ? DELETED_TTL_MS : DOCUMENT_TTL_MS,
  };
}

/** Whether a project has no rule: its document is simply filled in again on a miss. */
const isPlainlyOn = (project: ProjectRow, now: number): boolean =>
  effectiveState(project, now).enabled &&
  (project.overrideUntil?.getTime() ?? 0) <= now &&
  project.schedule.length === 0 &&
  project.dailyBudgetMicros === null &&
  project.sampleRate >= 1 &&
  project.capture === "full" &&
  project.whenUnavailable === "last_known";

/**
 * When a project's keys want to be written again, after they were written at `now` (epoch ms): a minute after the change,
 * since a Redis failover may have lost the first write; then at its next transition, and every 12 h, unless the project is plainly
 * on or was deleted long ago.
 */
export function nextPublishAt(project: ProjectRow, lifetimes: Lifetimes, now: number): Date | null {
  const again = project.updatedAt.getTime() + PUBLISH_AGAIN_MS;
  const [[transition] = [Infinity]] = foresee(project, now).transitions;
  if (again > now) return new Date(Math.min(again, transition));
  if (project.deletedAt && now - project.deletedAt.getTime() > DELETED_TTL_MS) return null;
  if (isPlainlyOn(project, now)) return null;
  return new Date(Math.min(transition, now + Math.min(RENEW_MS, lifetimes.disabledMs / 2)));
}
