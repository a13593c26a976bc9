import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { keyId, userId } from "../routes/schemas.ts";
import { problem } from "./answers.ts";
import { type Operation, operations, TAGS } from "./operations.ts";

type Json = Record<string, unknown>;
type Schema = GenericSchema<unknown, unknown>;

/** JSON Schema 2020-12 of what a schema takes; what only code can check is left out. */
function jsonSchema(schema: Schema): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    typeMode: "input",
    errorMode: "ignore",
    target: "draft-2020-12",
  });
  return rest as Json;
}

const NDJSON = "application/x-ndjson";

const STATUS: Record<number, string> = {
  200: "Done",
  201: "Created",
  204: "Done; no body",
  304: "Unchanged; no body",
  400: "The request cannot be read",
  401: "A valid API key is needed",
  403: "The key may not do this",
  404: "Not known to this key",
  409: "It is there already, or there are too many",
  410: "The project was deleted",
  412: "The project has another version",
  413: "The body is too large",
  415: "The body must be JSON",
  422: "A field of the body is wrong",
  423: "The project is locked",
  429: "Too many requests",
  500: "A fault of the service",
  503: "A store cannot be reached; try again",
};

const PATH_PARAMETERS: Record<string, Json> = {
  id: { schema: { type: "string", format: "uuid" }, description: "The project's id" },
  key: { schema: jsonSchema(keyId), description: "The key's id, as the list of keys shows it" },
  secret: { schema: { type: "string" }, description: "The API key itself" },
  flag: { schema: { type: "string", enum: ["tracing"] }, description: "The only flag; any other is not found" },
  user: { schema: { ...jsonSchema(userId), maxLength: 128 }, description: "The user's id, percent-encoded" },
};

const problemAnswer = (status: number, schema: Schema | undefined): Json => ({
  description: STATUS[status],
  content: {
    "application/problem+json": { schema: schema ? jsonSchema(schema) : { $ref: "#/components/schemas/Problem" } },
  },
});

function parametersOf({ path, query, headers = {} }: Operation): Json[] {
  const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    ...PATH_PARAMETERS[name],
  }));
  const { properties = {}, required = [] } = (query ? jsonSchema(query) : {}) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

/** The statuses of the problems that an operation may answer. */
export function problemsOf({ access, problems = [] }: Operation): number[] {
  return [...new Set([400, ...(access === "none" ? [] : [401, 403]), ...problems, 429, 500, 503])].sort();
}

/** A name for programs: the method and what the path names, as in `patchProjectTracing`. */
function operationId({ method, path }: Operation): string {
  const words = path
    .replace("/api/v1", "")
    .split("/")
    .filter((word) => word && !word.startsWith("{"));
  const isOne = path.endsWith("}");
  const named = words.map((word, i) => (i < words.length - 1 || isOne ? word.replace(/s$/, "") : word));
  return method + named.map((word) => word.replace(/^\w/, (letter) => letter.toUpperCase())).join("");
}

function operationJson(operation: Operation): Json {
  const { tag, summary, description, access, body, bodyIsOptional, answers, line } = operation;
  const needs = access === "none" ? undefined : `Needs a key with scope ${access.join(" or ")}.`;
  const parameters = parametersOf(operation);
  const problems = problemsOf(operation).filter((status) => !(status in answers));
  const done = Object.entries(answers).map(([status, schema]) => [
    status,
    {
      description: STATUS[Number(status)],
      ...(schema && {
        content: {
          "application/json": { schema: jsonSchema(schema) },
          ...(line && { [NDJSON]: { schema: { ...jsonSchema(line), description: "Each line" } } }),
        },
      }),
    },
  ]);
  return {
    operationId: operationId(operation),
    tags: [tag],
    summary,
    description: [description, needs].filter(Boolean).join(" ") || summary,
    security: access === "none" ? [] : [{ key: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: !bodyIsOptional, content: { "application/json": { schema: jsonSchema(body) } } },
    }),
    responses: {
      ...Object.fromEntries(done),
      ...Object.fromEntries(problems.map((at) => [at, problemAnswer(at, operation.problem)])),
    },
  };
}

/** The API's description (OpenAPI 3.1), made of the schemas that validate its requests. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationJson(operation) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Tracing Toggle",
      version,
      summary: "Decides at run time, per project and per user, whether an LLM agent's request is traced",
      description:
        "JSON in snake_case. Errors are problem details (RFC 9457) with a stable `code`. Unknown body fields are an error. Every answer has `X-Request-Id` and `Server-Timing`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "Where this document is served" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key: tt_..." } },
      schemas: { Problem: jsonSchema(problem) },
    },
  };
}
