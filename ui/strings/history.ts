export const lastChanges = "Last changes";
export const noChanges = "No changes yet.";
export const changesNotLoaded = "The changes could not be loaded.";
export const renamed = (from: string, to: string) => `from “${from}” to “${to}”`;
export const ofUser = (user: string, trace: boolean | null) =>
  trace === null ? `for “${user}”` : `“${user}” ${trace ? "always" : "never"} traced`;
export const by = "by";
export const liveAfter = (duration: string) => `In effect after ${duration}`;
export const notLive = "Not yet confirmed in effect";
export const until = (time: string) => `until ${time}`;

export const action = (code: string): string => actions[code] ?? code;

const actions: Record<string, string> = {
  "tracing.enabled": "Tracing switched on",
  "tracing.disabled": "Tracing switched off",
  "override.enabled": "Turned on",
  "override.disabled": "Turned off",
  "rules.changed": "Rules changed:",
  "budget.spent": "The daily budget is spent",
  "user_override.set": "User override set:",
  "user_override.revoked": "User override revoked",
  "project.created": "Project created",
  "project.renamed": "Project renamed",
  "project.deleted": "Project deleted",
  "project.locked": "Project locked off",
  "project.unlocked": "Lock lifted",
};

/** What a rule is called in the history. */
export const field = (name: string): string => fields[name] ?? name;

const fields: Record<string, string> = {
  sample_rate: "sampling",
  capture: "what is recorded",
  when_unavailable: "when unavailable",
  production: "production",
  daily_budget_usd: "daily budget",
  time_zone: "time zone",
  schedule: "quiet hours",
};

export const via = (code: string): string => vias[code] ?? code;

const vias: Record<string, string> = { page: "on this page", api: "through the API" };
