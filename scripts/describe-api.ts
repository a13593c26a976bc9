// The API's description beside the page: openapi.json for programs, docs.html for people. Both are static, so that the Worker
// need not carry what makes them.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { html, raw } from "hono/html";
import { openApiDocument } from "../worker/openapi/document.ts";

const root = new URL("..", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("sdk/package.json", root), "utf8")) as { version: string };

interface Schema {
  type?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
}

interface Described {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

type Html = ReturnType<typeof html>;
const join = (parts: Html[]) => parts.map((part) => raw(`${part}`));

/** A schema in a few words, such as `"full" | "metadata"` or `integer, 60 to 604800`. */
function inWords(schema: Schema): string {
  const {
    type,
    format,
    enum: values,
    anyOf,
    items,
    prefixItems,
    minimum,
    maximum,
    maxLength,
    maxItems,
    additionalProperties,
  } = schema;
  if (anyOf) return anyOf.map(inWords).join(" or ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (prefixItems) return `[${prefixItems.map(inWords).join(", ")}]`;
  if (type === "array")
    return `list of ${items && items.type !== "object" ? inWords(items) : "objects"}${maxItems ? `, ${maxItems} at most` : ""}`;
  if (type === "object" && additionalProperties && additionalProperties !== true)
    return `object of ${inWords(additionalProperties)}`;
  const range =
    minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
      ? `, ${minimum} to ${maximum}`
      : "";
  const length = maxLength === undefined ? "" : `, ${maxLength} characters at most`;
  return `${format ?? type ?? "any"}${range}${length}`;
}

/** Text in which backticks mark code. */
const marked = (text: string) =>
  join(text.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`)));

const withDefault = (schema: Schema) =>
  schema.default === undefined ? "" : ` Default: ${JSON.stringify(schema.default)}.`;

/** The fields of an object, those of objects within it below them. */
function fieldRows(schema: Schema, prefix = ""): Html[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = prefix + name;
    const inner = field.anyOf?.find(({ properties }) => properties) ?? (field.type === "array" ? field.items : field);
    const row = html`<tr>
      <th scope="row"><code>${path}</code></th>
      <td>${inWords(field)}${required.includes(name) ? "" : " (may be left out)"}</td>
      <td>${marked(`${field.description ?? ""}${withDefault(field)}`)}</td>
    </tr>`;
    return [row, ...(inner?.properties ? fieldRows(inner, `${path}${field.type === "array" ? "[]" : ""}.`) : [])];
  });
}

const fields = (title: string, schema: Schema) =>
  html`<h4>${title}</h4>
    <div class="scroll" tabindex="0"><table><tbody>${join(fieldRows(schema))}</tbody></table></div>`;

function operationHtml(method: string, path: string, operation: Described): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const answers = Object.entries(responses).map(([status, { description, content = {} }]) => {
    const schema = content["application/json"]?.schema;
    const line = content["application/x-ndjson"]?.schema;
    return html`<details><summary><code>${status}</code> ${description}</summary>
      ${schema?.properties ? [fields("Fields", schema), line ? fields("Fields of each line of application/x-ndjson", line) : ""] : content["application/problem+json"] ? html`<p><a href="#problem">Problem</a></p>` : ""}
    </details>`;
  });
  const properties = Object.fromEntries(
    parameters.map(({ name, in: where, schema, description }) => [
      `${name}`,
      { ...schema, description: [description, `In the ${where}`].filter(Boolean).join(". ") },
    ]),
  );
  const required = parameters.filter(({ required }) => required).map(({ name }) => name);
  return html`<section class="operation" id="${operationId}">
    <h3><a href="#${operationId}"><span class="method">${method.toUpperCase()}</span> <code>${path}</code></a></h3>
    <p><strong>${summary}.</strong> ${description === summary ? "" : marked(description)}</p>
    ${parameters.length > 0 ? fields("Parameters", { properties, required }) : ""}
    ${body ? fields(requestBody?.required ? "Body" : "Body (may be left out)", body) : ""}
    <h4>Answers</h4>
    ${join(answers)}
  </section>`;
}

function page(document: Record<string, unknown>): Html {
  const paths = document.paths as Record<string, Record<string, Described>>;
  const { schemas } = document.components as { schemas: { Problem: Schema } };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const tags = document.tags as { name: string; description: string }[];
  const of = (tag: string) => all.filter(({ operation }) => operation.tags.includes(tag));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tracing Toggle: API</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<header><h1>Tracing Toggle: API</h1>
<p>Version ${version}. For programs: <a href="/openapi.json">openapi.json</a>. <a href="/">Settings page</a></p>
<p>JSON in snake_case under <code>/api/v1</code>. Send an API key: <code>Authorization: Bearer tt_...</code>.
An error is a <a href="#problem">problem</a> with a stable <code>code</code>, and names the field and the remedy.</p></header>
<nav aria-label="Operations">${join(
    tags.map(
      ({ name }) =>
        html`<h2>${name}</h2><ul>${join(
          of(name).map(
            ({ method, path, operation }) =>
              html`<li><a href="#${operation.operationId}"><span class="method">${method.toUpperCase()}</span> <code>${path.replace("/api/v1", "")}</code></a></li>`,
          ),
        )}</ul>`,
    ),
  )}</nav>
<main>${join(
    tags.map(
      ({ name, description }) => html`<h2>${name}</h2><p>${description}</p>
${join(of(name).map(({ method, path, operation }) => operationHtml(method, path, operation)))}`,
    ),
  )}
<section id="problem"><h2>Problem</h2><p>Every error (RFC 9457, <code>application/problem+json</code>).</p>${fields("Fields", schemas.Problem)}</section>
</main>
</body>
</html>
`;
}

/** Writes openapi.json, docs.html and docs.css into a folder. */
export function describeApi(folder: string): void {
  const document = openApiDocument(version);
  writeFileSync(`${folder}/openapi.json`, `${JSON.stringify(document, null, 2)}\n`);
  writeFileSync(`${folder}/docs.html`, `${page(document)}`);
  copyFileSync(new URL("worker/openapi/docs.css", root), `${folder}/docs.css`);
}
