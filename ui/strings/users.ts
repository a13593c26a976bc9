export const title = "User overrides";
export const intro =
  "Trace one user always or never, whatever the other rules say. “Never” holds against every rule, and “always” against all but a lock.";
export const notLoaded = "The users could not be loaded.";
export const none = "No user has an override";
export const noneText = "Everybody is traced as the switch and the rules say.";
export const noMatch = (search: string) => `No user id contains “${search}”.`;
export const listTitle = "In force";
export const search = "Search";
export const searchHint = "Part of a user id.";

export const addTitle = "Add or replace an override";
export const user = "User id";
export const userHint = "As your agents send it; capitals count.";
export const userMissing = "Enter a user id.";
export const userUnreachable = "The ids “.” and “..” cannot be set here.";
export const kind = "This user is traced";
export const kinds = {
  always: { label: "Always", hint: "For a while: a day unless you say otherwise, 30 at most." },
  never: { label: "Never", hint: "For ever unless you say otherwise." },
};
export const ends = "Ends";
export const endsIn: Record<string, string> = {
  "1": "In 1 hour",
  "24": "In 24 hours",
  "168": "In 7 days",
  "720": "In 30 days",
  "": "Never",
};
export const add = "Add";
export const adding = "Adding";
export const added = (name: string) => `“${name}” is set.`;
export const notAdded = "Not added.";

export const traced = (trace: boolean) => (trace ? "always" : "never");
export const until = (time: string) => `until ${time}`;
export const noEnd = "without end";
export const revoke = "Revoke";
export const revokeOf = (name: string) => `Revoke the override of ${name}`;
export const revokeTitle = "Revoke the override?";
export const revokeText = (name: string, trace: boolean) =>
  trace
    ? `“${name}” is traced as the switch and the rules say, no longer always.`
    : `“${name}” may be traced again, as the switch and the rules say.`;
