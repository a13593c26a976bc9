// What action.yml runs, on the runner's own Node and without an install. Off and on are temporary overrides: the switch stays as
// people have set it, and the override ends by itself when nobody is left to end it. None of it lifts an emergency stop.
import { appendFileSync } from "node:fs";

const { TRACING_TOGGLE_API_URL, TRACING_TOGGLE_API_KEY, TRACING_TOGGLE_PROJECT_ID } = process.env;
const { TRACING = "", TRACING_FOR = "3600", TRACING_REASON = "", GITHUB_OUTPUT, GITHUB_RUN_ID } = process.env;
const ATTEMPTS = 3;
const SHORTEST_S = 60;
const LONGEST_REASON = 500;

/** Ends the reason of every change that this run of the workflow makes: so it knows its own, in whichever job. */
const MARK = `run ${GITHUB_RUN_ID}`;

const input = {
  "api-url": TRACING_TOGGLE_API_URL,
  "api-key": TRACING_TOGGLE_API_KEY,
  "project-id": TRACING_TOGGLE_PROJECT_ID,
};
for (const [name, value] of Object.entries(input)) if (!value) fail(`The input ${name} is empty.`);
if (!["off", "on", "restore"].includes(TRACING))
  fail(`The input tracing must be off, on or restore, not "${TRACING}".`);
if (!/^\d+$/.test(TRACING_FOR)) fail(`The input for must be a number of seconds, not "${TRACING_FOR}".`);
if (!GITHUB_RUN_ID) fail("GITHUB_RUN_ID is not set: restore could not tell what is this run's own.");

/** @returns {never} */
function fail(message) {
  console.log(`::error::${message}`);
  process.exit(1);
}

/**
 * A request to the project; again when the service cannot answer right now.
 *
 * @param version only if the project is at it
 * @returns the answer's body; undefined when the project is at another version
 */
async function call(method, path, body, version) {
  const url = `${TRACING_TOGGLE_API_URL.replace(/\/+$/, "")}/api/v1/projects/${TRACING_TOGGLE_PROJECT_ID}${path}`;
  const headers = { authorization: `Bearer ${TRACING_TOGGLE_API_KEY}`, "content-type": "application/json" };
  if (version !== undefined) headers["if-match"] = `"${version}"`;
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    })
      .then(async (response) => ({ status: response.status, body: await response.json() }))
      .catch((error) => ({
        status: 503,
        body: { detail: `${url} does not answer: ${error.cause?.code ?? error.message}` },
      }));
    if (answer.status < 400) return answer.body;
    if (answer.status === 412) return undefined;
    if (answer.status < 500 || attempt === ATTEMPTS) fail(answer.body.detail ?? `${url} answers ${answer.status}.`);
    await new Promise((resolve) => setTimeout(resolve, 1_000 * attempt));
  }
}

/** The reason with the mark, cut to what the audit log takes. */
function markedReason() {
  if (TRACING_REASON.endsWith(MARK) && TRACING_REASON.length <= LONGEST_REASON) return TRACING_REASON;
  const cut = TRACING_REASON.slice(0, LONGEST_REASON - `, ${MARK}`.length).replace(/[\uD800-\uDBFF]$/, "");
  return [cut, MARK].filter(Boolean).join(", ");
}

function setTracing(change, version) {
  return call("PATCH", "/tracing", { ...change, reason: markedReason(), lift_break_glass: false }, version);
}

/** What was set for a while by anybody, the newest first. */
async function* overrideEvents() {
  for (let page = ""; page !== null; ) {
    const { events, next_cursor } = await call("GET", `/events?action=override&limit=100${page}`);
    yield* events;
    page = next_cursor && `&cursor=${next_cursor}`;
  }
}

/** What was set for a while before this run's own; undefined when what is in force is not this run's. */
async function overrideBefore() {
  let before;
  for await (const event of overrideEvents()) {
    if (!event.reason?.endsWith(MARK)) break;
    // one that this run had set before is no older one, unless something else ended it
    if (before !== undefined && event.after.override.until !== before?.until) break;
    before = event.before.override;
  }
  return before;
}

/** The change that brings an earlier override back for the rest of its time; else the switch as it is, which ends what is set. */
function bringBack({ tracing_enabled }, before) {
  const left = before ? Math.ceil((Date.parse(before.until) - Date.now()) / 1_000) : 0;
  if (left < (before?.trace ? SHORTEST_S : 1)) return { tracing_enabled };
  return { tracing_enabled: before.trace, duration_seconds: Math.max(left, SHORTEST_S) };
}

/** The project with what agents see of it: an emergency stop, too. */
async function asSeen(project) {
  return { ...project, ...(await call("GET", "/tracing")) };
}

async function restore() {
  for (;;) {
    const project = await call("GET", "");
    if (project.override === null) return asSeen(project);
    const before = await overrideBefore();
    if (before === undefined) {
      console.log("::notice::What is set for a while was set by somebody else, and stays.");
      return asSeen(project);
    }
    // for this version, so that nobody's change since is taken back
    const restored = await setTracing(bringBack(project, before), project.version);
    if (restored) return restored;
  }
}

const { effective, reason, version, override, propagation } = await (TRACING === "restore"
  ? restore()
  : setTracing({ tracing_enabled: TRACING === "on", duration_seconds: Number(TRACING_FOR) }));
console.log(
  `Tracing is ${effective ? "on" : `off (${reason})`}${override ? ` until ${override.until}` : ""}; version ${version}.`,
);
if (propagation === "pending")
  console.log("::warning::Redis was not reached: agents follow within a minute of its return.");
if (propagation === "held" || reason === "break_glass")
  console.log("::warning::An emergency stop in Redis holds tracing off.");
if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `effective=${effective}\nversion=${version}\n`);
