import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { environment, runExample } from "./examples.ts";
import { startOtlp } from "./otlp.ts";
import { startLangSmith, startRedis } from "./servers.ts";

let langSmith: Awaited<ReturnType<typeof startLangSmith>>;
let otlp: Awaited<ReturnType<typeof startOtlp>>;
let redis: Awaited<ReturnType<typeof startRedis>>;

beforeAll(async () => {
  [langSmith, otlp, redis] = await Promise.all([startLangSmith(), startOtlp(), startRedis()]);
});

beforeEach(() => {
  langSmith.forget();
  otlp.forget();
});

afterAll(() => Promise.all([langSmith.close(), otlp.close(), redis.close()]));

const EXAMPLES = {
  langgraph: ["LangGraph", "write", "FakeListChatModel", "log"],
  langchain: ["LangGraph", "weather", "RunnableSequence", "ChatPromptTemplate"],
  langsmith: ["agent", "model", "stream"],
  "ai-sdk": ["invoke_agent mock-model-id", "chat mock-model-id"],
};

const question = "What is the weather?";

/** Runs all at the same time, since each waits for its tracer's last batch. */
async function run(): Promise<void> {
  const env = {
    ...environment(redis),
    LANGSMITH_TRACING: "true",
    LANGSMITH_API_KEY: "key",
    LANGSMITH_ENDPOINT: langSmith.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
  };
  const outputs = await Promise.all(Object.keys(EXAMPLES).map((example) => runExample(`${example}/index.ts`, env)));
  for (const output of outputs) expect(output).toContain(question);
}

const names = () => [...langSmith.runs, ...otlp.spans].map(({ name }) => name);
const content = () => JSON.stringify([langSmith.bodies, otlp.spans]);

test.each([
  ["off", { enabled: false, overrides: {} }],
  ["never for this user", { enabled: true, overrides: { "user-42": [false, null] as [boolean, null] } }],
])("%s: the examples send nothing", async (_, policy) => {
  redis.set({ capture: "full", ...policy });
  await run();
  expect([...langSmith.requests, ...otlp.requests]).toEqual([]);
});

test.each(["full", "metadata"])("on, capture %s: the examples send their traces", async (capture) => {
  redis.set({ enabled: true, overrides: {}, capture });
  await run();
  expect(names()).toEqual(expect.arrayContaining(Object.values(EXAMPLES).flat()));
  expect(content().includes(question)).toBe(capture === "full");
});
