import { decide, idOf, type Subject, sampleSeed } from "../../sdk/src/decide.ts";
import type { FullProject } from "../store/schema.ts";
import { edgesOf, inForceAt, type ProjectRule, projectRules } from "./policy.ts";

const DAY_MS = 86_400_000;
/** A weekly schedule has come to every of its edges after that. */
const FORESEEN_MS = 8 * DAY_MS;

/** What a rule says of a request; null: by chance, anew for each. */
interface RuleVerdict {
  trace: boolean | null;
  reason: string;
}

/** A decision, and what is behind it. */
export interface Explanation extends RuleVerdict {
  /** The rule that made it: the reason, or `override` where a temporary override keeps the project on. */
  rule: string;
  /** The reasons of the rules in force that would have decided without it, highest first. */
  overrode: string[];
}

/** When a decision becomes another. */
export interface NextChange extends RuleVerdict {
  /** Epoch ms. */
  at: number;
}

/** What remains to be said of a request in a project that is on. */
function sampling({ id, sampleRate }: FullProject, subject: Subject): RuleVerdict {
  const hasKey = [subject.userId, subject.sessionId, subject.traceId].some((key) => idOf(key) !== undefined);
  if (!hasKey && sampleRate > 0 && sampleRate < 1) return { trace: null, reason: "sampled" };
  const onlySampled = {
    version: 0,
    enabled: true,
    reason: "enabled",
    sample_rate: sampleRate,
    capture: "full",
    when_unavailable: "last_known",
    overrides: new Map(),
    transitions: [],
  } as const;
  return decide(onlySampled, sampleSeed(id), subject, 0);
}

function userOverride({ overrides }: FullProject, { userId }: Subject, at: number): RuleVerdict | undefined {
  const user = idOf(userId);
  if (user === undefined || !Object.hasOwn(overrides, user)) return undefined;
  const [trace, until] = overrides[user] as [boolean, number | null];
  return until === null || at < until ? { trace, reason: "user_override" } : undefined;
}

function explainUnder(rules: ProjectRule[], project: FullProject, subject: Subject, at: number): Explanation {
  const inForce = inForceAt(rules, at);
  const isAbsolute = ({ reason }: ProjectRule) => reason === "deleted" || reason === "locked";
  const ofUser = userOverride(project, subject, at);
  const ofAll = (rule: ProjectRule) => ({ trace: rule.enabled, reason: rule.reason });
  const last = sampling(project, subject);
  const ladder: RuleVerdict[] = [
    ...inForce.filter(isAbsolute).map(ofAll),
    ...(ofUser ? [ofUser] : []),
    ...inForce.filter((rule) => !isAbsolute(rule)).map(ofAll),
    last,
  ];
  const [first = last, ...others] = ladder;
  // An override that keeps the project on leaves the decision to the sampling.
  if (first.reason === "override" && first.trace) {
    const overrode = others.slice(0, -1).map(({ reason }) => reason);
    return { ...last, rule: last.trace === false ? last.reason : first.reason, overrode };
  }
  return { ...first, rule: first.reason, overrode: others.map(({ reason }) => reason) };
}

/**
 * The decision for a subject at `at` (epoch ms) by a project's rules as they are: the Worker's own way to it, from the rules and
 * not from the document.
 */
export const explain = (project: FullProject, subject: Subject, at: number): Explanation =>
  explainUnder(projectRules(project, at, at + 1), project, subject, at);

/** When the decision for a subject becomes another, by the rules alone; null when it does not within 8 days. */
export function nextChange(project: FullProject, subject: Subject, at: number): NextChange | null {
  const until = at + FORESEEN_MS;
  const rules = projectRules(project, at, until);
  const now = explainUnder(rules, project, subject, at);
  const user = idOf(subject.userId);
  const expiry = user !== undefined && Object.hasOwn(project.overrides, user) ? project.overrides[user]?.[1] : null;
  const instants = edgesOf(rules, at, until);
  if (typeof expiry === "number" && expiry > at) instants.push(expiry);
  for (const instant of instants.sort((a, b) => a - b)) {
    const { trace, reason } = explainUnder(projectRules(project, instant, instant + 1), project, subject, instant);
    if (trace !== now.trace || reason !== now.reason) return { at: instant, trace, reason };
  }
  return null;
}
