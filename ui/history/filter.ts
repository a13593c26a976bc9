/** Which changes are shown; "" for any. `since` and `until` are instants (RFC 3339). */
export type Filter = Record<"actor" | "action" | "since" | "until", string>;

export const NO_FILTER: Filter = { actor: "", action: "", since: "", until: "" };

const ACTION = /^[a-z_]{1,40}(\.[a-z_]{1,40})?$/;

/** The filter that an address asks for; what makes no sense in it is left out. */
export function filterIn(search: string): Filter {
  const parameters = new URLSearchParams(search);
  const read = (name: keyof Filter) => parameters.get(name)?.trim() ?? "";
  return {
    actor: read("actor").slice(0, 100),
    action: ACTION.test(read("action")) ? read("action") : "",
    since: instantOf(read("since")),
    until: instantOf(read("until")),
  };
}

/** The filter as it stands in the address. */
export function searchOf(filter: Filter): string {
  const names = Object.keys(NO_FILTER) as (keyof Filter)[];
  const given = names.map((name) => [name, filter[name]]).filter(([, value]) => value !== "");
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

export const isFiltered = (filter: Filter): boolean => searchOf(filter) !== "";

/** A time as it is typed, in the browser's zone, as an instant; "" for what is none. */
export function instantOf(typed: string): string {
  const instant = new Date(typed);
  return Number.isNaN(instant.getTime()) ? "" : instant.toISOString();
}

/** An instant as a field for a local time wants it: 2026-11-23T20:14. */
export function typedOf(instant: string): string {
  if (instant === "") return "";
  const date = new Date(instant);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
