import { stripVTControlCharacters } from "node:util";

const API_KEY = /tt_[0-9A-Za-z]{12}_[0-9A-Za-z]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** A text of somebody else's, fit for one line of a terminal: nothing in it moves the cursor or turns the writing around. */
export const clean = (text: string): string => stripVTControlCharacters(text).replace(CONTROL, " ");

/** Without API keys, and without these secrets. */
export const redact = (text: string, secrets: (string | undefined)[] = []): string =>
  secrets
    .filter((secret): secret is string => !!secret)
    .reduce((rest, secret) => rest.replaceAll(secret, "…"), text)
    .replace(API_KEY, "tt_…");

/** Rows in columns as wide as they need be; the last is not padded. Ends with a line feed unless there are no rows. */
export function table(rows: readonly (readonly string[])[]): string {
  const cleaned = rows.map((row) => row.map(clean));
  const widths = cleaned.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  const line = (row: string[]) => row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell));
  return cleaned.map((row) => `${line(row).join("  ").trimEnd()}\n`).join("");
}

/** An instant as `2026-11-23 09:30:00Z`; RFC 3339, or epoch ms. */
export const when = (instant: string | number): string =>
  new Date(instant)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");

/** A length of time, such as `35 ms`, `2.4 s` or `6 d 23 h`. */
export function howLong(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${Number((milliseconds / 1_000).toFixed(1))} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  const parts = [`${Math.floor(minutes / 1_440)} d`, `${Math.floor(minutes / 60) % 24} h`, `${minutes % 60} min`];
  return parts
    .filter((part) => !part.startsWith("0 "))
    .slice(0, 2)
    .join(" ");
}
