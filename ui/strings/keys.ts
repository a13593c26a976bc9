import type { Scope } from "../api.ts";

export const title = "API keys";
export const intro = "What agents, pipelines and people sign in with. Give each its own, with as little as it needs.";
export const notAdmin = (name: string, scopes: readonly string[]) =>
  `Only a key with the admin scope may see and make keys. You are signed in with “${name}” (${scopes.join(", ")}).`;
export const toProject = "Back to the project";

export const makeTitle = "Make a key";
export const name = "Name";
export const nameHint = "Who or what uses it: the history shows this name.";
export const nameMissing = "Enter a name.";
export const scopes = "It may";
export const scopeOptions: Record<Scope, { label: string; hint: string }> = {
  report: { label: "Report", hint: "For agents: ask whether to trace, and send usage." },
  read: { label: "Read", hint: "See everything, change nothing." },
  write: { label: "Write", hint: "Read, and change the switch, the rules and user overrides." },
  admin: { label: "Admin", hint: "Write, and manage projects, locks and keys." },
};
export const scopesMissing = "Choose one at least.";
export const reach = "For";
export const reaches = { all: { label: "All projects" }, one: { label: "One project" } };
export const project = "Project";
export const projectHint = "Its name or its id.";
export const projectMissing = "Enter the project’s name or id.";
export const noProject = (text: string) => `No project is called “${text}”.`;
export const severalProjects = (text: string, count: number) =>
  `${count} projects are called “${text}”: enter the id of the one you mean.`;
export const tooManyProjects = (text: string) =>
  `More than 100 projects have “${text}” in their names: enter the id of the one you mean.`;
export const onlyOwn = "For the same project as the key you are signed in with.";
export const ends = "Ends";
export const endsHint = "Never later than the key you are signed in with.";
export const endsIn: Record<string, string> = {
  "": "Never",
  "1": "In 1 day",
  "7": "In 7 days",
  "30": "In 30 days",
  "90": "In 90 days",
  "365": "In a year",
};
export const make = "Make the key";
export const making = "Making";
export const notMade = "Not made.";
export const maybeMade = "It is not known whether the key was made. Press again: the same key is not made twice.";

export const made = (name: string) => `“${name}” is made`;
export const shownOnce =
  "This is the only time it is shown. Copy it now to where it is used; nobody can look it up later.";
export const secret = "Key";
export const replaced = (time: string) => `The old key stays good until ${time}.`;
export const replacedAtOnce = "The old key is revoked.";
export const done = "I have copied it";

export const listTitle = "Keys";
export const none = "There is no key.";
export const notLoaded = "The keys could not be loaded.";
export const yours = "yours";
export const masked = (prefix: string, lastFour: string) => `${prefix}_…${lastFour}`;
export const allProjects = "all projects";
export const created = (time: string) => `made ${time}`;
export const used = (time: string) => `last used ${time}`;
export const neverUsed = "never used";
export const endsAt = (time: string) => `ends ${time}`;
export const ended = (time: string) => `ended ${time}`;
export const noEnd = "no end";

export const rotate = "Rotate";
export const rotateOf = (name: string) => `Rotate ${name}`;
export const rotateTitle = (name: string) => `Rotate “${name}”?`;
export const rotateText =
  "A new key with the same name, scopes and project takes its place. The old one stays good for a while, so that the new one can be put everywhere first.";
export const overlap = "The old key stays good for";
export const overlaps: Record<string, string> = {
  "0": "No time: revoke it at once",
  "3600": "1 hour",
  "86400": "1 day",
  "604800": "7 days",
  "2592000": "30 days",
};
export const ownRotation = "It is the key you are signed in with: sign in with the new one before the old one ends.";
export const notRotated = "It is not known whether the key was rotated. Press again: it is not rotated twice.";

export const revoke = "Revoke";
export const revokeOf = (name: string) => `Revoke ${name}`;
export const revokeTitle = (name: string) => `Revoke “${name}”?`;
export const revokeText = (key: string) => `Whatever uses ${key} is refused within 10 seconds. This cannot be undone.`;
export const revokeOwn = "It is the key you are signed in with: revoking it signs you out at once.";
export const revoked = (name: string) => `“${name}” is revoked.`;
