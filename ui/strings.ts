// Every text a person can see. A second language is a second file with the same exports.

export const locale = "en";

export const product = "Tracing Toggle";
export const loading = "Loading";
export const tryAgain = "Try again";
export const loadMore = "Load more";
export const justNow = "just now";

export const signedInAs = "Signed in as";
export const readOnlyTag = "read only";
export const signOut = "Sign out";
export const signOutFailed = "Not signed out.";

export const signIn = "Sign in";
export const signInIntro = "Decide, while your agents run, whether their requests are traced.";
export const signInEnded = "Your session has ended. Sign in again to go on where you were.";
export const apiKey = "API key";
export const apiKeyHint = "Keys start with tt_. An administrator can create one for you.";
export const signingIn = "Signing in";
export const keyMissing = "Enter an API key.";
export const keyRefused = "This key is not valid. It may be mistyped, expired or revoked.";
export const cookieRefused =
  "The key is valid, but the browser did not keep the session cookie. Open this page over HTTPS or on localhost.";

export const projects = "Projects";
export const allProjects = "All projects";
export const noProjects = "No projects yet";
export const noProjectsCreate = "Create the first one below. Its tracing is on until you switch it off.";
export const noProjectsWait = "This key sees no project. Someone with an admin key can create one.";
export const newProject = "New project";
export const name = "Name";
export const createProject = "Create project";
export const creating = "Creating";
export const nameMissing = "Enter a name.";
export const notCreated = "Not created.";
export const maybeCreated = "It may have been created all the same: look at the list before trying again.";

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
export const collectedText = "Agents trace the requests of this project.";
export const disabled = "Tracing is disabled";
export const disabledText = "Agents go on working and send no traces.";
export const although = (switchOn: boolean) => `although the switch is ${switchOn ? "on" : "off"}`;
export const earlierState = (switchOn: boolean) =>
  `The switch is ${switchOn ? "on" : "off"}, but agents still see the earlier state.`;
export const breakGlassText =
  "Someone set the stop by hand in Redis. It holds until tracing is switched here or through the API and that change reaches Redis.";
export const liftBreakGlass = "Lift the emergency stop";
export const reason = "Reason";
export const optional = "optional";
export const reasonHint = "Kept in the history with your next change.";
export const readOnly = "This key may only read. To change the switch, sign in with a key that may write.";
export const lastConfirmed = (time: string) => `Last confirmed at ${time}.`;

export const saving = "Saving";
export const live = "In effect";
export const pending = "Saved. Redis could not be reached; it takes effect within about a minute of Redis being back.";
export const held = "Saved, but the emergency stop (break-glass) in Redis holds tracing off; switch again to lift it.";
export const notSwitched = (wanted: boolean) => `Not switched ${wanted ? "on" : "off"}.`;
export const maybeSwitched = "It is not known whether the change arrived. The switch shows what was last confirmed.";

export const aboutTitle = "How the switch works";
export const about = [
  {
    term: "It takes effect at once",
    text: "Agents using the SDK follow within one second at its default settings; existing readers of the Redis key follow immediately.",
  },
  { term: "No restart needed", text: "Nothing is redeployed. Requests in flight finish as they began." },
  { term: "Existing traces are kept", text: "Switching off stops new traces. It deletes nothing." },
  {
    term: "If the control plane is away",
    text: "Agents keep the last known policy: off stays off. A process that never reached it traces by default.",
  },
];

export const lastChanges = "Last changes";
export const noChanges = "No changes yet.";
export const changesNotLoaded = "The changes could not be loaded.";
export const renamed = (from: string, to: string) => `from “${from}” to “${to}”`;
export const by = "by";
export const liveAfter = (duration: string) => `In effect after ${duration}`;
export const notLive = "Not yet confirmed in effect";

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
export const byReason = (code: string) =>
  code === "break_glass" ? "by the emergency stop in Redis (break-glass)" : `by the rule “${code}”`;

/** Stands in the list of projects. */
export const onOrOff = (on: boolean) => (on ? "On" : "Off");
export const because = (reason: string) => `: ${reason}`;

export const action = (code: string): string => actions[code] ?? code;

const actions: Record<string, string> = {
  "tracing.enabled": "Tracing switched on",
  "tracing.disabled": "Tracing switched off",
  "project.created": "Project created",
  "project.renamed": "Project renamed",
  "project.deleted": "Project deleted",
};

export const via = (code: string): string => vias[code] ?? code;

const vias: Record<string, string> = { page: "on this page", api: "through the API" };
