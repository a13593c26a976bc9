import * as v from "valibot";
import { AppError, type ErrorCode } from "../errors.ts";
import type { AppContext } from "./app-context.ts";

type Schema = v.GenericSchema<unknown, unknown>;

function check<S extends Schema>(schema: S, value: unknown, code: ErrorCode, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  const errors = result.issues.map((issue) => ({ field: v.getDotPath(issue) ?? what, message: issue.message }));
  throw new AppError(code, errors.map(({ field, message }) => `${field}: ${message}`).join("; "), errors);
}

/**
 * The body as the schema wants it.
 *
 * @throws AppError `unsupported_media_type`, `malformed_json`, or `invalid_body` with every wrong field
 */
export async function parseBody<S extends Schema>(c: AppContext, schema: S): Promise<v.InferOutput<S>> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new AppError(
      "unsupported_media_type",
      "Send the body as JSON, with the header Content-Type: application/json.",
    );
  }
  const text = await c.req.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError("malformed_json", "The body is not valid JSON; check quotes, commas and braces.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AppError("invalid_body", "The body must be a JSON object, such as {}.");
  }
  return check(schema, value, "invalid_body", "body");
}

/** The same for a request that need not have a body. */
export const optionalBody = async <S extends Schema>(c: AppContext, schema: S): Promise<v.InferOutput<S>> =>
  (await c.req.text()) === "" ? check(schema, {}, "invalid_body", "body") : parseBody(c, schema);

/** @throws AppError `invalid_query` with every wrong parameter */
export const parseQuery = <S extends Schema>(c: AppContext, schema: S): v.InferOutput<S> =>
  check(schema, c.req.query(), "invalid_query", "query");

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The `:id` of the path, in lower case. @throws AppError `invalid_project_id` */
export function projectIdOf(c: AppContext): string {
  const id = (c.req.param("id") ?? "").toLowerCase();
  if (!UUID.test(id)) throw new AppError("invalid_project_id", "The project id in the path must be a UUID.");
  return id;
}

/** A parameter of the path as the schema wants it. @throws AppError with the code */
export const parseParam = <S extends Schema>(c: AppContext, name: string, schema: S, code: ErrorCode) =>
  check(schema, c.req.param(name) ?? "", code, name);

/**
 * The versions that `If-Match` names (RFC 9110, section 13.1.1): none when its tags are not ours; undefined when it is not
 * there or is `*`.
 */
export function ifVersionOf(c: AppContext): number[] | undefined {
  const header = c.req.header("if-match")?.trim();
  if (header === undefined || header === "*") return undefined;
  const versions = header.split(",").map((tag) => /^(?:W\/)?"(\d{1,15})"$/.exec(tag.trim())?.[1]);
  return versions.flatMap((version) => (version === undefined ? [] : Number(version)));
}
