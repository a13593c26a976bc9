import { byReason } from "../strings.ts";

export const title = "Preview";
export const intro = "Would this request be traced? Type who makes it and when; nothing is changed.";
export const user = "User id";
export const session = "Session id";
export const time = (zone: string) => `Time (${zone})`;
export const timeHint = "Empty: now.";
export const ask = "Show the decision";
export const asking = "Asking";
export const notAnswered = "No decision could be made.";

export const verdict = (trace: boolean | null) =>
  trace === null ? "Traced by chance" : trace ? "Traced" : "Not traced";
export const why = (reason: string): string => reasons[reason] ?? `Decided ${byReason(reason)}.`;
export const byChance = (share: string) => `Without any id each request is drawn anew: ${share} of them are traced.`;

const reasons: Record<string, string> = {
  enabled: "Tracing is on and no rule keeps this request out.",
  sampled: "The user (else the session) is in the sampled share.",
  not_sampled: "The user (else the session) is not in the sampled share.",
  user_override: "An override of this user decides.",
};

export const withoutContent = "Recorded without inputs and outputs.";
export const overrode = "It comes before";
export const rule = (code: string): string => rules[code] ?? code;

const rules: Record<string, string> = {
  locked: "the lock",
  user_override: "the user’s override",
  override: "the temporary override",
  budget: "the spent budget",
  disabled: "the switch, which is off",
  schedule: "the quiet hours",
  not_sampled: "sampling, which would leave it out",
  sampled: "sampling, which would take it in",
  enabled: "the switch, which is on",
};

export const next = (at: string, trace: boolean | null, reason: string) =>
  `Changes ${at}: then ${verdict(trace).toLowerCase()}${reason === "enabled" ? "" : ` (${rule(reason)})`}.`;
export const noNext = "Nothing changes it within 8 days.";
export const bySdk = "Decided here by the SDK’s own code, on the policy that agents hold.";
export const byRules =
  "Beyond what the agents’ policy foresees: decided by the rules as they are now, which agents are told in time.";
export const notYet = (trace: boolean | null) =>
  `By the rules it is “${verdict(trace).toLowerCase()}”: agents do not have the latest change yet.`;
