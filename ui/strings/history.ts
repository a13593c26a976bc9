export const title = "History";
export const intro = "Who changed what, when and why, and how long it took until agents could see it.";
export const lastChanges = "Last changes";
export const wholeHistory = "Whole history";
export const noChanges = "No changes yet.";
export const noMatch = "No change matches this filter.";
export const changesNotLoaded = "The changes could not be loaded.";

export const filter = "Filter";
export const actor = "Changed by";
export const actionLabel = "What";
export const since = "From";
export const until = "Before";
export const clear = "Clear the filter";
export const exportAll = "Export (NDJSON)";
export const exporting = "Exporting";
export const notExported = "Not exported.";

/** What can be filtered for; "" is everything. */
export const kinds: Record<string, string> = {
  "": "Everything",
  tracing: "The switch",
  override: "On or off for a while",
  rules: "Rules",
  budget: "A spent budget",
  user_override: "User overrides",
  project: "The project: name, lock",
  key: "Its keys",
};

export const by = (name: string, via: string) => `by ${name} ${vias[via] ?? via}`;

const vias: Record<string, string> = { page: "on this page", api: "through the API" };

export const liveAfter = (duration: string) => `In effect after ${duration}`;
export const liveAtOnce = "In effect at once";
export const notLive = "Saved. Redis has not confirmed it yet, so agents may still act on what was before.";
export const untilTime = (time: string) => `until ${time}`;
export const unchanged = "It was so already.";
export const created = (name: string, on: boolean) => `“${name}”, switched ${on ? "on" : "off"}`;

export const action = (code: string): string => actions[code] ?? code;

const actions: Record<string, string> = {
  "tracing.enabled": "Tracing switched on",
  "tracing.disabled": "Tracing switched off",
  "override.enabled": "Turned on",
  "override.disabled": "Turned off",
  "rules.changed": "Rules changed",
  "budget.spent": "The daily budget is spent",
  "user_override.set": "User override set",
  "user_override.revoked": "User override revoked",
  "project.created": "Project created",
  "project.renamed": "Project renamed",
  "project.deleted": "Project deleted",
  "project.locked": "Project locked off",
  "project.unlocked": "Lock lifted",
  "key.created": "Key made",
  "key.rotated": "Key rotated",
  "key.revoked": "Key revoked",
};

/** What is not a rule; those are called as they are in the rules. */
export const fields: Record<string, string> = {
  tracing_enabled: "Switch",
  override: "For a while",
  lock: "Lock",
  name: "Name",
};

export const onOrOff = (on: boolean) => (on ? "on" : "off");
export const override = (on: boolean, time: string) => `${onOrOff(on)} until ${time}`;
export const none = "none";
export const quoted = (text: string) => `“${text}”`;
export const asRulesSay = "as the rules say";
export const traced = (trace: boolean, time: string | null) =>
  `${trace ? "always" : "never"} traced${time === null ? "" : ` until ${time}`}`;
export const key = (name: string, scopes: readonly string[], ends: string | null) =>
  `“${name}” (${scopes.join(", ")})${ends === null ? "" : `, until ${ends}`}`;
export const oldKeyEnds = (time: string) => `The old one ends ${time}.`;

export const goBack = "Go back to before this";
export const goBackOf = (change: string, time: string) => `${goBack}: ${change}, ${time}`;
export const notPlanned = "It could not be looked up how it was then.";
export const nothingToDo = "The switch and the rules are already as they were then.";
export const backTitle = (time: string) => `Go back to how it was before ${time}?`;
export const backText = (changes: number) =>
  changes === 1
    ? "The switch and the rules become as they were just before this change."
    : `The switch and the rules become as they were then. This undoes ${changes} changes:`;
export const backConfirm = "Go back";
export const backReason = (time: string) => `Back to how it was before ${time}`;
export const staysAsIs =
  "User overrides, the lock, the keys, the name and an emergency stop in Redis (break-glass) stay as they are.";
export const lockStays = "The project stays locked off.";
export const overrideEnds = (on: boolean, time: string) =>
  `What is set for a while (${override(on, time)}) ends with it.`;
export const overrideStays = (on: boolean, time: string) => `What is set for a while (${override(on, time)}) stays.`;

export const back = (time: string) => `The switch and the rules are as they were before ${time}.`;
export const changedMeanwhile =
  "Nothing is changed yet: somebody else changed this project meanwhile. Look at the new list, then confirm again.";
export const notBack = "Nothing is changed.";
export const maybeBack = "It is not known whether the change arrived: confirm again to go on from where it is.";
export const parts = { switch: "the switch", rules: "the rules" };
export const partlyBack = (done: string, left: string) =>
  `Only ${done} went back; ${left} did not. The list shows what is left: confirm again to go on.`;
export const changedBetween = "Somebody else changed this project in between.";
