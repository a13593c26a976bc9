import type { Group, Name, Variable } from "../integration/snippets.ts";

export const title = "Integration";
export const intro =
  "Put the switch into an agent: copy what fits, with this project’s id and this page’s address filled in.";
export const choose = "What is it for?";

export const groups: Record<Group, string> = {
  runtimes: "An agent, by where it runs",
  frameworks: "An agent, by what it is made with",
  languages: "Another language",
  scripts: "A script or a pipeline",
};

export const names: Record<Name, string> = {
  node: "Node",
  workers: "Cloudflare Workers",
  edge: "Other edge runtimes",
  langgraph: "LangGraph",
  langchain: "LangChain",
  langsmith: "LangSmith traceable",
  otel: "OpenTelemetry",
  "ai-sdk": "AI SDK",
  openfeature: "OpenFeature",
  hono: "Hono",
  python: "Python",
  java: "Java",
  go: "Go",
  dotnet: ".NET",
  jaeger: "Go, Jaeger sampler",
  curl: "curl",
  github: "GitHub Actions",
};

/** What to know before it is used. */
export const notes: Partial<Record<Name, string>> = {
  workers:
    "Put the compatibility flag nodejs_compat, the first two variables and Redis’ URL into wrangler.toml, the secrets in with “npx wrangler secret put”.",
  edge: "For Deno, Bun, Vercel’s edge and others: settings are given by hand, since not all of them have an environment.",
  langgraph: "One decision for each root run; nodes, tools and nested graphs inherit it.",
  langchain: "One decision for each root run; what it calls inherits it. Wrap the outermost.",
  langsmith: "For traceable functions without LangChain. What they call inherits the decision.",
  otel: "A trace is decided on when its first span starts. Whose it is, its attributes say.",
  "ai-sdk": "For AI SDK 7, which needs Node 22 or newer.",
  hono: "One decision for each request, as a variable of its context.",
  python: "By OpenFeature’s OFREP: each evaluation is a request to this address, so ask once, when a request begins.",
  java: "By OpenFeature’s OFREP: each evaluation is a request to this address, so ask once, when a request begins.",
  go: "By OpenFeature’s OFREP: each evaluation is a request to this address, so ask once, when a request begins.",
  dotnet: "By OpenFeature’s OFREP: each evaluation is a request to this address, so ask once, when a request begins.",
  jaeger:
    "For a share of the traces: it knows no users, nor their overrides, and follows within its interval. The key is in the URL, which logs see.",
  github: "Tracing goes back to what it was even when the job fails, and after an hour even when the runner dies.",
};

export const install = "Install";
export const setEnvironment = "Set in its environment";
export const setSecret = "Set as a secret";
export const secrets = "Secrets are not shown here: fill them in where the agent runs, never in its code.";
export const use = "Use";

export const meanings: Record<Variable, string> = {
  project: "This project",
  url: "The API, which is this page’s address",
  reportKey: "Secret: a key of this project with the scope report",
  evaluateKey: "Secret: a key of this project with the scope report or read",
  writeKey: "Secret: a key of this project with the scope write",
  samplingKey: "Secret: a key of this project with the scope read and no other",
  redisUrl: "REST URL of the Redis that the API writes to",
  redisToken: "Secret: its token; the read-only one is enough",
};

export const check = "Does it arrive?";
export const looking = "Looking for reports";
export const waiting = "Waiting for the first report";
export const waitingText = "No agent has reported in the last day. This changes by itself when one does.";
export const arrived = "An agent reports";
export const quiet = "An agent has reported";
export const quietText = "None has in the last 10 minutes: one that makes no decision reports nothing.";
export const lastReport = "Last report";
export const reporter = ({ runtime, version }: { runtime: string; version: string }) => `${runtime}, SDK ${version}`;
export const reporters = (count: number) => `${count} ${count === 1 ? "process" : "processes"} in the last 10 minutes`;
export const notReported = "What is chosen here reports nothing: this tells of the project’s other agents.";
export const notChecked = "The reports could not be read.";

export const whenNot = "When it does not arrive";
export const remedies = [
  "The code must have run, and decided once: a report goes out at the first decision, then every 10 s at most.",
  "The client must have been made with usage: usage().",
  "TRACING_TOGGLE_API_URL and TRACING_TOGGLE_API_KEY must be set where it runs. The key needs the scope report, and this project.",
  "Where a process ends early or sleeps, as on the edge: await tracing.flush(), or waitUntil(tracing.flush()).",
];
export const doctorTitle = "Where it runs, this says what is wrong";
export const doctor = "npx tracing-toggle doctor";
