/** What the API tells of by that step, unless it is asked for more. */
export const STEPS = { "1h": "minute", "24h": "hour", "30d": "day" } as const;
export type Range = keyof typeof STEPS;
export type Step = (typeof STEPS)[Range];

export const RANGES = Object.keys(STEPS) as Range[];
const isRange = (name: string | null): name is Range => name !== null && Object.hasOwn(STEPS, name);

/** The range that an address asks for: the last hour if none. */
export function rangeIn(search: string): Range {
  const asked = new URLSearchParams(search).get("range");
  return isRange(asked) ? asked : "1h";
}
