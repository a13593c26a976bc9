import aiSdk from "./snippets/ai-sdk.ts?raw";
import curl from "./snippets/curl.sh?raw";
import dotnet from "./snippets/dotnet.cs?raw";
import edge from "./snippets/edge.ts?raw";
import github from "./snippets/github.yml?raw";
import go from "./snippets/go.go?raw";
import hono from "./snippets/hono.ts?raw";
import jaeger from "./snippets/jaeger.go?raw";
import java from "./snippets/java.java?raw";
import langchain from "./snippets/langchain.ts?raw";
import langgraph from "./snippets/langgraph.ts?raw";
import langsmith from "./snippets/langsmith.ts?raw";
import node from "./snippets/node.ts?raw";
import openfeature from "./snippets/openfeature.ts?raw";
import otel from "./snippets/otel.ts?raw";
import python from "./snippets/python.py?raw";
import workers from "./snippets/workers.ts?raw";

/** What the code finds in its environment, by what it is. */
export const VARIABLES = {
  project: "TRACING_TOGGLE_PROJECT_ID",
  url: "TRACING_TOGGLE_API_URL",
  reportKey: "TRACING_TOGGLE_API_KEY",
  evaluateKey: "TRACING_TOGGLE_API_KEY",
  writeKey: "TRACING_TOGGLE_API_KEY",
  samplingKey: "TRACING_TOGGLE_SAMPLING_KEY",
  redisUrl: "UPSTASH_REDIS_REST_URL",
  redisToken: "UPSTASH_REDIS_REST_TOKEN",
} as const;
export type Variable = keyof typeof VARIABLES;

export interface Snippet {
  /** How to get what it needs; null: nothing. */
  install: string | null;
  variables: readonly Variable[];
  /** What it decides is reported, so that this page sees it. */
  reports: boolean;
  code: string;
}

const ALL: readonly Variable[] = ["project", "url", "reportKey", "redisUrl", "redisToken"];

const sdk = (code: string, besides = "", variables = ALL): Snippet => ({
  install: `npm install tracing-toggle${besides && ` ${besides}`}`,
  variables,
  reports: true,
  code,
});
const other = (code: string, install: string | null, variable: Variable): Snippet => ({
  install,
  variables: [variable],
  reports: false,
  code,
});

const OTEL = [
  ..."@opentelemetry/api@1.9 @opentelemetry/sdk-trace-base@2".split(" "),
  ..."@opentelemetry/context-async-hooks@2 @opentelemetry/exporter-trace-otlp-http@0.2".split(" "),
].join(" ");

export const GROUPS = {
  runtimes: {
    node: sdk(node),
    workers: sdk(workers),
    edge: sdk(edge, "", ["reportKey", "redisUrl", "redisToken"]),
  },
  frameworks: {
    langgraph: sdk(langgraph, "@langchain/langgraph @langchain/core"),
    langchain: sdk(langchain, "@langchain/core"),
    langsmith: sdk(langsmith, "langsmith"),
    otel: sdk(otel, OTEL),
    "ai-sdk": sdk(aiSdk, "ai@7"),
    openfeature: sdk(openfeature, "@openfeature/server-sdk @openfeature/core"),
    hono: sdk(hono, "hono"),
  },
  languages: {
    python: other(python, "pip install openfeature-provider-ofrep", "evaluateKey"),
    java: other(java, "dev.openfeature.contrib.providers:ofrep", "evaluateKey"),
    go: other(go, "go get github.com/open-feature/go-sdk-contrib/providers/ofrep", "evaluateKey"),
    dotnet: other(dotnet, "dotnet add package OpenFeature.Providers.Ofrep", "evaluateKey"),
    jaeger: other(jaeger, "go get go.opentelemetry.io/contrib/samplers/jaegerremote", "samplingKey"),
  },
  scripts: {
    curl: other(curl, null, "writeKey"),
    github: other(github, null, "writeKey"),
  },
} as const satisfies Record<string, Record<string, Snippet>>;

export type Group = keyof typeof GROUPS;
export type Name = { [G in Group]: keyof (typeof GROUPS)[G] }[Group];

export const SNIPPETS = Object.assign({}, ...Object.values(GROUPS)) as Record<Name, Snippet>;

export const isName = (name: string | null): name is Name => name !== null && Object.hasOwn(SNIPPETS, name);

/** The project and the address in the snippets' files. */
const EXAMPLE_ID = "0197f3c2-6f0e-7a51-9d3c-1f2e3d4c5b6a";
const EXAMPLE_URL = "https://tracing-toggle.example.workers.dev";

/** The code for a project, at the address of its API. */
export const codeFor = ({ code }: Snippet, projectId: string, url: string): string =>
  code.trimEnd().replaceAll(EXAMPLE_ID, projectId).replaceAll(EXAMPLE_URL, url);

/** What to set, as a file of variables: each with what it is above it, secrets without a value. */
export function environmentFor(
  { variables }: Snippet,
  known: Partial<Record<Variable, string>>,
  meanings: Record<Variable, string>,
): string {
  return variables
    .map((variable) => `# ${meanings[variable]}\n${VARIABLES[variable]}=${known[variable] ?? ""}`)
    .join("\n");
}
