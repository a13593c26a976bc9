import { decide, judge, type Subject, sampleSeed } from "../../sdk/src/decide.ts";
import { parsePolicy } from "../../sdk/src/wire.ts";
import type { Decision, TracingState } from "../api.ts";

/** As fine as a time is typed. */
const MINUTE_MS = 60_000;

/** Who makes a request, and when: epoch ms, null for now. */
export interface Question {
  user: string;
  session: string;
  at: number | null;
}

export interface Answer {
  /** null: by chance, anew for each request. */
  trace: boolean | null;
  reason: string;
  /** The SDK's code on the document that agents hold, or the rules, for a time that the document does not foresee. */
  by: "sdk" | "rules";
  /** Agents decide otherwise than the rules do: they have not got the last change. */
  isBehind: boolean;
}

/** The decision as an agent makes it, from the same two values that it reads. */
export function answer(projectId: string, question: Question, tracing: TracingState, byRules: Decision): Answer {
  const fromRules: Answer = { trace: byRules.trace, reason: byRules.reason, by: "rules", isBehind: false };
  const policy = parsePolicy(tracing.policy);
  const now = Date.now();
  const at = question.at ?? now;
  // A document knows what comes from when it is read until its end, not what was.
  const isForeseen = policy && at >= now - MINUTE_MS && at < (policy.until ?? Number.POSITIVE_INFINITY);
  if (!isForeseen || byRules.trace === null) return fromRules;
  if (question.at === null && judge(tracing.enabled, policy, at) !== "document") {
    return tracing.effective ? fromRules : { trace: false, reason: tracing.reason, by: "sdk", isBehind: false };
  }
  const subject: Subject = { userId: question.user, sessionId: question.session };
  const verdict = decide(policy, sampleSeed(projectId), subject, at);
  return { ...verdict, by: "sdk", isBehind: verdict.trace !== byRules.trace };
}
