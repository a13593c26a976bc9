export type Kind = "always" | "never";

/** What is offered, in hours ("" is no end), first what is usual. "Always" lasts 30 days at most. */
export const HOURS: Record<Kind, readonly [string, ...string[]]> = {
  always: ["24", "1", "168", "720"],
  never: ["", "24", "168", "720"],
};

const HOUR_MS = 3_600_000;
/** So much sooner, so that 30 days by this clock are not more by the server's. */
const MARGIN_MS = 60_000;

/** The instant (RFC 3339) so many hours from `now` (epoch ms); null for no end. */
export function endOf(hours: string, now: number): string | null {
  if (hours === "") return null;
  const margin = hours === "720" ? MARGIN_MS : 0;
  return new Date(now + Number(hours) * HOUR_MS - margin).toISOString();
}
