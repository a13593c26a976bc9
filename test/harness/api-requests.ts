import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { openApiDocument } from "../../worker/openapi/document.ts";
import type { Stack } from "./stack.ts";
import { createWorker } from "./worker.ts";

type Schema = Record<string, unknown> & {
  type?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
};

interface Described {
  operationId: string;
  parameters?: { name: string; in: "path" | "query" | "header"; required: boolean; schema: Schema }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Operation extends Described {
  method: string;
  path: string;
}

const json = fc.jsonValue({ maxDepth: 2 });

/** Values that a schema takes, as far as the schema says. */
function valid(schema: Schema): fc.Arbitrary<unknown> {
  const { type, format, pattern, anyOf, properties = {}, required = [], items } = schema;
  if (anyOf) return fc.oneof(...anyOf.map(valid));
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (format === "uuid") return fc.uuid();
  if (typeof pattern === "string") return fc.oneof(matching(pattern), fc.string());
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  const { minimum = -1e6, maximum = 1e6 } = schema as { minimum?: number; maximum?: number };
  if (type === "integer") return fc.integer({ min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) });
  if (type === "number") return fc.double({ min: minimum, max: maximum, noNaN: true });
  if (type === "array") return fc.array(valid(items ?? {}), { maxLength: 4 });
  if (type === "object") {
    const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valid(field)]));
    return fc.record(fields, { requiredKeys: required });
  }
  const { minLength = 0, maxLength = 20 } = schema as { minLength?: number; maxLength?: number };
  return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 20), unit: "binary" });
}

/** What the patterns of the API mean, and what nearly does. */
function matching(pattern: string): fc.Arbitrary<string> {
  if (pattern.includes("[Tt]")) {
    const near = fc.date({ min: new Date(Date.now() - 1e9), max: new Date(Date.now() + 1e9), noInvalidDate: true });
    return near.map((date) => date.toISOString());
  }
  if (pattern.startsWith("^\\d{1,3}$")) return fc.integer({ min: 0, max: 999 }).map(String);
  return fc.stringMatching(new RegExp(pattern));
}

/** Values that are not quite what the schema takes. */
const broken = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof(
    json,
    valid(schema).chain((value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? fc
            .tuple(fc.constantFrom(...Object.keys(schema.properties ?? {}), "unknown", "__proto__"), json)
            .map(([field, other]) => ({ ...value, [field]: other }))
        : json,
    ),
  );

interface Request {
  operation: Operation;
  parameters: Record<string, unknown>;
  body: unknown;
  text: string | undefined;
  accept: string | undefined;
}

const requestOf = (operation: Operation): fc.Arbitrary<Request> => {
  const { parameters = [], requestBody, responses } = operation;
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema
    ? fc.oneof({ weight: 3, arbitrary: valid(schema) }, { weight: 1, arbitrary: broken(schema) })
    : fc.constant(undefined);
  const done = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const types = done.flatMap(([, { content = {} }]) => Object.keys(content));
  const one = (schema: Schema) =>
    fc.oneof({ weight: 8, arbitrary: valid(schema) }, { weight: 1, arbitrary: fc.string({ unit: "binary" }) });
  const required = parameters.filter(({ required }) => required);
  const parametersOf = (some: typeof parameters) =>
    fc.record(Object.fromEntries(some.map(({ name, schema }) => [name, one(schema)])), {
      requiredKeys: required.map(({ name }) => name),
    });
  return fc.record({
    operation: fc.constant(operation),
    parameters: fc.oneof(parametersOf(required), parametersOf(parameters)),
    body,
    text: fc.option(fc.string(), { freq: 20, nil: undefined }),
    accept: types.length > 0 ? fc.constantFrom(...types) : fc.constant(undefined),
  });
};

const NDJSON = "application/x-ndjson";
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** A request as it goes over the wire. `project` stands in for most ids, since random ones are never found. */
function wire(
  { operation, parameters, body, text, accept }: Request,
  project: string,
): [path: string, init: RequestInit] {
  const query = new URLSearchParams();
  const headers: Record<string, string> = accept === undefined ? {} : { accept };
  let path = operation.path;
  for (const { name, in: where } of operation.parameters ?? []) {
    if (!(name in parameters)) continue;
    const value = Buffer.from(String(parameters[name])).toString();
    if (where === "path")
      path = path.replace(`{${name}}`, encodeURIComponent(/^[0-9a-f]{8}-/.test(value) ? project : value) || "-");
    else if (where === "query") query.set(name, value);
    else if (HEADER_VALUE.test(value)) headers[name] = value;
  }
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const init: RequestInit = { method: operation.method.toUpperCase(), headers };
  if (sent !== undefined && operation.requestBody) {
    headers["content-type"] = "application/json";
    init.body = sent;
  }
  return [query.size > 0 ? `${path}?${query}` : path, init];
}

/** What came of the requests: those that were not answered as described, and how many were done and refused. */
export interface Outcome {
  surprises: string[];
  done: number;
  refused: number;
  /** The media types of the answers. */
  types: Set<string>;
}

/**
 * Fires requests made from the API's description, valid and broken, with keys of all scopes, and holds each answer to the
 * description.
 */
export async function fireRequests(stack: Stack, count: number): Promise<Outcome> {
  const worker = createWorker(stack);
  const document = openApiDocument("0.0.0") as {
    paths: Record<string, Record<string, Described>>;
    components: { schemas: Record<string, Schema> };
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Operation => ({ method, path, ...described })),
  );
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const problem = ajv.compile(document.components.schemas.Problem as Schema);
  const checks = new Map<unknown, ReturnType<typeof ajv.compile>>();
  const checkOf = (schema: Schema) => checks.get(schema) ?? checks.set(schema, ajv.compile(schema)).get(schema);
  const keys = await Promise.all(
    [["admin"], ["admin"], ["admin", "report"], ["write"], ["read"], ["report"]].map((scopes) =>
      stack.createKey({ scopes: scopes as never }),
    ),
  );
  const projects = await Promise.all(Array.from({ length: 4 }, () => stack.createProject()));
  const outcome: Outcome = { surprises: [], done: 0, refused: 0, types: new Set() };

  async function fire(request: Request, key: string, project: string): Promise<void> {
    const [path, init] = wire(request, project);
    (init.headers as Record<string, string>).authorization = `Bearer ${key}`;
    const response = await worker.fetch(path, init);
    const { operation } = request;
    const surprise = (why: string) =>
      void outcome.surprises.push(`${init.method} ${path} ${init.body ?? ""}: ${response.status} ${why}`);
    const text = await response.text();
    const described = operation.responses[response.status];
    if (response.status >= 500) surprise(text);
    if (!described) return void surprise(`is not described: ${text}`);
    if (response.status < 400) outcome.done++;
    else outcome.refused++;
    if (!described.content) return void (text && surprise("has a body"));
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const content = described.content[type];
    if (!content) return surprise(`is ${type}`);
    const check = content.schema.$ref ? problem : checkOf(content.schema);
    outcome.types.add(type);
    for (const value of type === NDJSON ? text.split("\n").slice(0, -1) : [text])
      if (!check?.(JSON.parse(value))) surprise(`${value}: ${ajv.errorsText(check?.errors)}`);
  }

  const requests = fc.sample(
    fc.tuple(fc.constantFrom(...operations).chain(requestOf), fc.constantFrom(...keys), fc.constantFrom(...projects)),
    count,
  );
  for (const [request, key, project] of requests) {
    // A deleted project stays deleted: there must be some that are not.
    if (request.operation.operationId === "deleteProject") projects.push(await stack.createProject());
    await fire(request, key, project);
  }
  await worker.settled();
  return outcome;
}
