// npm run api:types: writes sdk/src/api-types.ts, the types of the API's requests and answers, from its description.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openApiDocument } from "../worker/openapi/document.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE = "sdk/src/api-types.ts";

/** As much of JSON Schema as the description uses. */
interface Schema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  prefixItems?: Schema[];
}

interface Described {
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

function typeOf(schema: Schema): string {
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.prefixItems) return `readonly [${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (schema.type === "array") return schema.items ? `readonly (${typeOf(schema.items)})[]` : "readonly unknown[]";
  if (schema.type === "object") {
    const { properties, required = [], additionalProperties: rest } = schema;
    if (!properties) return `Record<string, ${typeof rest === "object" ? typeOf(rest) : "unknown"}>`;
    return fieldsOf(
      Object.entries(properties).map(([name, of]) => [name, required.includes(name), typeOf(of)] as const),
    );
  }
  return schema.type === "integer" ? "number" : (schema.type ?? "unknown");
}

const fieldsOf = (fields: (readonly [name: string, isRequired: boolean, type: string])[]): string =>
  fields.length === 0
    ? "object"
    : `{ ${fields.map(([name, isRequired, type]) => `${JSON.stringify(name)}${isRequired ? "" : "?"}: ${type}`).join("; ")} }`;

const jsonOf = (content: Record<string, { schema: Schema }> | undefined) => content?.["application/json"]?.schema;

const typeOrNone = (schema: Schema | undefined) => (schema ? typeOf(schema) : "undefined");

function operationType({ parameters = [], requestBody, responses }: Described): string {
  const answers = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const query = parameters.filter((parameter) => parameter.in === "query");
  const body = jsonOf(requestBody?.content);
  return fieldsOf([
    ["answer", true, answers.map(([, { content }]) => typeOrNone(jsonOf(content))).join(" | ")],
    ["query", true, fieldsOf(query.map(({ name, required, schema }) => [name, required, typeOf(schema)] as const))],
    ["body", true, typeOrNone(body)],
  ]);
}

/** The file's text, as biome formats it. @throws Error with biome's own words */
export function apiTypes(): string {
  const { paths } = openApiDocument("0") as { paths: Record<string, Record<string, Described>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => `  "${method.toUpperCase()} ${path}": ${operationType(operation)};`,
    ),
  );
  const text = `// Made by \`npm run api:types\` from the API's description: do not edit.

/** What each operation takes and answers. */
export interface Operations {
${operations.join("\n")}
}
`;
  const biome = `${root}node_modules/.bin/biome`;
  const args = ["format", `--stdin-file-path=${FILE}`];
  const { status, stdout, stderr, error } = spawnSync(biome, args, { cwd: root, input: text, encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`biome ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}

if (import.meta.main) writeFileSync(`${root}${FILE}`, apiTypes());
