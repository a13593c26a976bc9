import { usageError } from "./errors.ts";

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DURATION = /^(\d{1,9})([smhd])$/;
const INSTANT = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** The seconds of a length of time such as `90s`, `30m`, `2h` or `1d`. @throws CliError that names the flag */
export function secondsOf(flag: string, text: string): number {
  const [, count, unit = ""] = DURATION.exec(text) ?? [];
  if (count === undefined) throw usageError(`--${flag} must be a number and s, m, h or d, such as 30m, 2h or 1d.`);
  return Number(count) * (SECONDS[unit] as number);
}

/** An instant as RFC 3339 in UTC. @throws CliError that names the flag */
export function instantOf(flag: string, text: string): string {
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw usageError(
      `--${flag} must be a time with its offset, such as 2026-12-01T00:00:00Z or 2026-12-01T09:00+01:00.`,
    );
  return new Date(time).toISOString();
}

/**
 * When something ends, by `--until <time>` or `--for <length>`; undefined when neither is given.
 *
 * @throws CliError when both are, or one is wrong
 */
export function endOf({ until, for: span }: { until?: string; for?: string }, now: number): string | undefined {
  if (until !== undefined && span !== undefined) throw usageError("Give --until or --for, not both.");
  if (until !== undefined) return instantOf("until", until);
  return span === undefined ? undefined : new Date(now + secondsOf("for", span) * 1_000).toISOString();
}
