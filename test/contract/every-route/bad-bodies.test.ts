import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { problemOf } from "../../harness/problem.ts";
import { type Stack, startStack } from "../../harness/stack.ts";
import { createWorker } from "../../harness/worker.ts";

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let key: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  key = await stack.createKey();
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const json = { "content-type": "application/json" };
const send = (method: string, path: string, body: string, headers: Record<string, string> = json) =>
  worker.fetch(`/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}`, ...headers }, body });
const patchTracing = (body: string, headers?: Record<string, string>) =>
  send("PATCH", `/projects/${id}/tracing`, body, headers);
const post = (body: string) => send("POST", "/projects", body);

describe("a body that is wrong", () => {
  const bodies: Record<string, [body: string, status: number, code: string, says: RegExp]> = {
    "no body": ["", 400, "malformed_json", /JSON/],
    "half a body": ['{"tracing_enabled": tr', 400, "malformed_json", /JSON/],
    "single quotes": ["{'tracing_enabled': true}", 400, "malformed_json", /quotes/],
    "a form": ["tracing_enabled=true", 400, "malformed_json", /JSON/],
    "two documents": ["{}{}", 400, "malformed_json", /JSON/],
    null: ["null", 422, "invalid_body", /must be a JSON object/],
    "an array": ["[true]", 422, "invalid_body", /must be a JSON object/],
    "an empty array": ["[]", 422, "invalid_body", /must be a JSON object/],
    "a text": ['"true"', 422, "invalid_body", /must be a JSON object/],
    "a boolean": ["true", 422, "invalid_body", /must be a JSON object/],
    "a number": ["1e999", 422, "invalid_body", /must be a JSON object/],
    "an empty object": ["{}", 422, "invalid_body", /tracing_enabled: is required/],
    "a boolean as text": ['{"tracing_enabled":"true"}', 422, "invalid_body", /tracing_enabled: must be true or false/],
    "a boolean as number": ['{"tracing_enabled":1}', 422, "invalid_body", /tracing_enabled: must be true or false/],
    "null for a boolean": ['{"tracing_enabled":null}', 422, "invalid_body", /tracing_enabled: must be true or false/],
    "an unknown field": ['{"tracing_enabled":true,"enabled":true}', 422, "invalid_body", /enabled: is not known/],
    "a field in another case": ['{"Tracing_Enabled":true}', 422, "invalid_body", /tracing_enabled: is required/],
    "a field by the name of __proto__": ['{"tracing_enabled":true,"__proto__":{}}', 422, "invalid_body", /__proto__/],
    "a field by the name of constructor": ['{"tracing_enabled":true,"constructor":1}', 422, "invalid_body", /constr/],
    "an empty reason": ['{"tracing_enabled":true,"reason":" "}', 422, "invalid_body", /reason: must not be empty/],
    "a reason of a wrong type": ['{"tracing_enabled":true,"reason":[]}', 422, "invalid_body", /reason: must be a str/],
    "a reason too long": [`{"tracing_enabled":true,"reason":"${"x".repeat(501)}"}`, 422, "invalid_body", /500 char/],
    "a reason with NUL": ['{"tracing_enabled":true,"reason":"a\\u0000b"}', 422, "invalid_body", /reason: .* NUL/],
    "a reason with half a character": ['{"tracing_enabled":true,"reason":"\\ud800"}', 422, "invalid_body", /reason: /],
    "deep nesting": [
      `{"tracing_enabled":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
      422,
      "invalid_body",
      /tracing_en/,
    ],
    "deep nesting without an end": ["[".repeat(60_000), 400, "malformed_json", /JSON/],
  };

  test.each(Object.entries(bodies))("%s", async (_, [body, status, code, says]) => {
    const response = await patchTracing(body);
    expect(response.status).toBe(status);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code, detail: expect.stringMatching(says) });
    const field = says.source.match(/^(\w+): /)?.[1];
    if (field) expect(problem.errors).toContainEqual({ field, message: expect.any(String) });
  });

  test("names every wrong field", async () => {
    const { errors } = await problemOf(await post('{"name":7,"id":"x"}'));
    expect(errors?.map(({ field }) => field).sort()).toEqual(["id", "name"]);
  });

  test.each(["", "x".repeat(101), " ", "a\0b", "\udfff", 7, null, {}])(
    "a project cannot be called %j",
    async (name) => {
      const response = await post(JSON.stringify({ name }));
      expect(response.status).toBe(422);
      expect((await problemOf(response)).errors?.[0]?.field).toBe("name");
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "json",
    "",
    "application/jsonp",
  ])("of the type %j", async (type) => {
    const response = await patchTracing('{"tracing_enabled":false}', { "content-type": type });
    expect(response.status).toBe(415);
    expect(await problemOf(response)).toMatchObject({ detail: expect.stringContaining("application/json") });
  });

  test.each(["application/json;charset=utf-8", "Application/JSON", "application/merge-patch+json"])(
    "is not one of the type %j",
    async (type) => {
      expect((await patchTracing('{"tracing_enabled":true}', { "content-type": type })).status).toBe(200);
    },
  );
});
