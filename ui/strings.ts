// Every text a person can see: the first view's here, the others' in strings/, to be loaded with them. A second language is a
// second set of the same files with the same exports.

export const locale = "en";

export const product = "Tracing Toggle";
export const loading = "Loading";
export const tryAgain = "Try again";

export const justNow = "just now";
export const ago = (count: number, unit: "day" | "hour" | "minute") =>
  unit === "day" && count === 1 ? "yesterday" : `${count} ${unit}${count === 1 ? "" : "s"} ago`;
export const nearDays = ["yesterday", "today", "tomorrow"];
/** From Sunday on. */
export const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** @param month from 0 on */
export const dayOfYear = (month: number, day: number) => `${months[month]} ${day}`;

export const apiKeys = "API keys";
export const signedInAs = "Signed in as";
export const readOnlyTag = "read only";
export const signOut = "Sign out";
export const signOutFailed = "Not signed out.";

export const signIn = "Sign in";
export const signInEnded = "Your session has ended. Sign in again to go on where you were.";

export const projects = "Projects";
export const allProjects = "All projects";

export const projectId = "Project ID";
export const copy = "Copy";
export const copied = "Copied";
export const notFound = "No such project";
export const notFoundText = "It does not exist, or this key may not see it.";
export const deleted = "This project was deleted";
export const deletedText = "Agents that still ask about it skip tracing.";
export const notLoaded = "The project could not be loaded";
export const unknownPage = "Nothing here";
export const unknownPageText = "This address leads nowhere.";
export const noControlPlane = "The control plane does not answer";
export const retriesByItself = "This page tries again every few seconds.";

export const observability = "Observability Settings";
export const enableTracing = "Enable Tracing";
export const collected = "Traces are being collected";
export const collectedText = (rate: number, metadata: boolean) =>
  `Agents trace ${rate < 1 ? `${percent(rate)} of the users` : "the requests"} of this project${metadata ? ", without inputs and outputs" : ""}.`;
export const percent = (rate: number) => `${Number((rate * 100).toPrecision(6))} %`;
export const disabled = "Tracing is disabled";
export const disabledText = "Agents go on working and send no traces.";
export const although = (switchOn: boolean) => `although the switch is ${switchOn ? "on" : "off"}`;
export const earlierState = (switchOn: boolean) =>
  `The switch is ${switchOn ? "on" : "off"}, but agents still see the earlier state.`;
export const breakGlassText =
  "Someone set the stop by hand in Redis. It holds until it is lifted, here or through the API.";
export const liftBreakGlass = "Lift the emergency stop";
export const lockedText = (reason = "…") =>
  `“${reason}”. Nobody is traced, whatever the rules say, until an admin lifts the lock.`;
/** Stands where a key that may write, but not lock, can change nothing. */
export const lockedReadOnly =
  "An admin locked this project. Only a key with the admin scope can change it or lift the lock.";
export const until = (time: string) => `Until ${time}.`;
export const untilThen = (time: string, on: boolean, reason: string) =>
  `Until ${time}, then ${on ? "on" : `off ${byReason(reason)}`}.`;

export const turnFor = (on: boolean) => (on ? "Turn on for a while" : "Turn off for a while");
export const minutes15 = "15 min";
export const hour1 = "1 hour";
export const untilTime = (time: string) => `Until ${time}`;
export const untilSwitched = (on: boolean) => `Until I turn it ${on ? "off" : "on"}`;
export const endNow = "End it now";
export const production = "production";
export const productionAsks = "This project is marked production: every change is confirmed, with a reason.";

export const lock = "Lock this project off";
export const unlock = "Lift the lock";

export const reason = "Reason";
export const optional = "optional";
export const reasonHint = "Kept in the history with your next change.";
export const readOnly = "This key may only read. To change anything, sign in with a key that may write.";
export const lastConfirmed = (time: string) => `Last confirmed at ${time}.`;

export const saving = "Saving";
export const savedAs = (version: string) => `Saved as version ${version}`;
export const notYetLive = "Not yet in effect";
export const readingBack = "Written to Redis; reading it back";
export const live = "In effect";
/** In place of that where another rule decides. */
export const readBack = "Read back from Redis";
export const notYetSeen = "Not yet seen by agents";
export const noAgents = "No agent reports yet";
export const seenBy = (some: number, all: number, time: string | null) =>
  some < all
    ? `Seen by ${some} of ${agents(all)} so far`
    : `Seen by ${some} of ${agents(all)}${time === null ? "" : ` in ${time}`}`;
const agents = (count: number) => `${count} ${count === 1 ? "agent" : "agents"}`;
export const undo = "Undo";
export const undoSeconds = (seconds: number) => `${seconds} s`;
export const undoTime = (seconds: number) => `${seconds} seconds left to undo.`;
export const overtaken = "The project was changed again since: your change cannot be undone here any more.";
export const changedSince = "The project was changed again since. Look at the last changes first.";
export const pendingText = "Redis could not be reached; it takes effect within about a minute of Redis being back.";
export const pendingLiftText =
  "Redis could not be reached. Once it is back, lift the emergency stop again: it does not end by itself.";
export const heldText = "The emergency stop (break-glass) in Redis holds tracing off until somebody lifts it.";
export const notSwitched = (wanted: boolean) => `Not switched ${wanted ? "on" : "off"}.`;
export const maybeSwitched = "It is not known whether the change arrived. The switch shows what was last confirmed.";

export const offline = "This browser is offline.";
export const noAnswer = "The control plane did not answer. Check your connection.";
export const slowAnswer = "The control plane took too long to answer.";
export const strangeAnswer = "The control plane gave an answer this page does not understand. Reload the page.";
export const forbidden = "This key may not do that. Sign in with one that may.";
export const databaseAway = "The database cannot be reached at the moment. What is in effect stays in effect.";
export const tooMany = "Too many requests.";
export const serverFailed = "Something failed in the control plane.";
export const retryIn = (seconds: number) => `Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
export const retrySoon = "Try again in a moment.";
export const requestId = (id: string) => `Request ${id}.`;

/** Completes "Tracing is disabled ..." and "Traces are being collected ...". */
export const byReason = (code: string) => `by ${rules[code] ?? `the rule “${code}”`}`;

const rules: Record<string, string> = {
  break_glass: "the emergency stop in Redis (break-glass)",
  locked: "an admin’s lock",
  override: "a temporary override",
  budget: "the daily budget, which is spent",
  disabled: "the switch",
  schedule: "quiet hours",
  deleted: "the project’s deletion",
};

/** Stands in the list of projects. */
export const onOrOff = (on: boolean) => (on ? "On" : "Off");

export const projectViews = "Project";
export const tabs = {
  overview: "Switch",
  rules: "Rules",
  users: "Users",
  preview: "Preview",
  activity: "Activity",
  history: "History",
  integration: "Integration",
};
export const notOpened = "This part of the page could not be loaded.";
export const reload = "Reload the page";
