import type { Field } from "./backend.ts";

/** A JSON value as a parameter in Postgres' text format: arrays become Postgres arrays, objects JSON. */
export function toPostgresText(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === "string") return value;
  return Array.isArray(value) ? toPostgresArray(value) : JSON.stringify(value);
}

function toPostgresArray(values: unknown[]): string {
  const items = values.map((value) => {
    if (value === null) return "NULL";
    if (Array.isArray(value)) return toPostgresArray(value);
    // Backslashes and double quotes are escaped in a Postgres array as in JSON, so a JSON string will do.
    return JSON.stringify(typeof value === "object" ? JSON.stringify(value) : value);
  });
  return `{${items.join(",")}}`;
}

const BOOL = 16;
const NUMBERS = new Set([21, 23, 700, 701]);
const JSON_TYPES = new Set([114, 3802]);

/**
 * A text value as JSON for a caller that did not ask for raw text (the driver always does). Neon also opens arrays;
 * here they stay text.
 */
export function toJson(text: string | null, { dataTypeID }: Field): unknown {
  if (text === null) return null;
  if (dataTypeID === BOOL) return text === "t";
  if (JSON_TYPES.has(dataTypeID)) return JSON.parse(text);
  // NaN and Infinity have no JSON number and stay text.
  if (NUMBERS.has(dataTypeID) && Number.isFinite(Number(text))) return Number(text);
  return text;
}
