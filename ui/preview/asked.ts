/** A question as it is typed, and stands in the address. */
export type Asked = Record<"user" | "session" | "at", string>;

export const NOTHING: Asked = { user: "", session: "", at: "" };

const NAMES = Object.keys(NOTHING) as (keyof Asked)[];

/** The question that an address asks, which may be about nobody in particular; null when it asks none. */
export function askedIn(search: string): Asked | null {
  const parameters = new URLSearchParams(search);
  if (!NAMES.some((name) => parameters.has(name))) return null;
  const read = (name: keyof Asked) => parameters.get(name) ?? "";
  return { user: read("user"), session: read("session"), at: read("at") };
}

/** The question as it stands in the address. */
export function searchOf(asked: Asked): string {
  const given = NAMES.filter((name) => asked[name] !== "").map((name) => [name, asked[name]]);
  return `?${new URLSearchParams(given.length > 0 ? given : [["user", ""]])}`;
}

/** Epoch ms; null for now, and for what is no time. */
export function instantOf({ at }: Asked): number | null {
  const instant = Date.parse(at);
  return Number.isNaN(instant) ? null : instant;
}
