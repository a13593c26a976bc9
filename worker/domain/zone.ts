import { create, getTimeZoneTransition, offsetNanoseconds } from "temporal-polyfill/fns/ZonedDateTime";

const DAY_MS = 86_400_000;
/** No zone is known to change its offset twice in less. */
const SAMPLE_MS = 4 * DAY_MS;
/** How far beyond a question its answer is computed, so that it serves the same zone for weeks. */
const BEHIND_MS = 8 * DAY_MS;
const AHEAD_MS = 32 * DAY_MS;
const CACHED_ZONES = 500;

/** From this instant (epoch ms) to that of the next step, the zone's wall clock reads instant + `offsetMs`. */
export interface Offset {
  from: number;
  offsetMs: number;
}

/** A date of a zone's calendar: it lasts from the instant `from` until the instant `until`, epoch ms. */
export interface LocalDay {
  /** YYYY-MM-DD */
  date: string;
  from: number;
  until: number;
}

const NS_PER_MS = 1_000_000;
const zoned = (zone: string, at: number) => create(BigInt(Math.floor(at)) * BigInt(NS_PER_MS), zone);

/** The usual spelling of an IANA zone's name, whatever its case; undefined for what the calendar does not know and for fixed offsets. */
export function zoneNamed(name: string): string | undefined {
  // "+02:00" is a zone to Temporal, but not to people: it has no summer.
  if (/^[+-]/.test(name)) return undefined;
  try {
    return zoned(name, 0).timeZoneId;
  } catch {
    return undefined;
  }
}

/** Whether the calendar knows an IANA zone of that name. */
export const isZone = (name: string): boolean => zoneNamed(name) !== undefined;

const cache = new Map<string, { from: number; until: number; offsets: Offset[] }>();

/**
 * A zone's offset as a step function that is right for at least [from, until), epoch ms; its first step begins at -Infinity.
 *
 * @param zone a name that {@link isZone} accepts; throws a RangeError for others
 */
export function offsetsIn(zone: string, from: number, until: number): readonly Offset[] {
  const cached = cache.get(zone);
  if (cached && cached.from <= from && until <= cached.until) return cached.offsets;
  const entry = { from: from - BEHIND_MS, until: until + AHEAD_MS, offsets: [] as Offset[] };
  entry.offsets = steps(zone, entry.from, entry.until);
  if (cache.size >= CACHED_ZONES) cache.clear();
  cache.set(zone, entry);
  return entry.offsets;
}

/** Asks for a transition only where there is one: for zones without any, Temporal searches the next three years. */
function steps(zone: string, from: number, until: number): Offset[] {
  const offsetAt = (at: number) => offsetNanoseconds(zoned(zone, at)) / NS_PER_MS;
  let offsetMs = offsetAt(from);
  const offsets = [{ from: Number.NEGATIVE_INFINITY, offsetMs }];
  for (let at = from; at < until; at += SAMPLE_MS) {
    const next = offsetAt(at + SAMPLE_MS);
    if (next === offsetMs) continue;
    const change = getTimeZoneTransition(zoned(zone, at), "next");
    if (!change) throw new RangeError(`${zone} changes its offset at no instant`);
    offsetMs = next;
    offsets.push({ from: change.epochMilliseconds, offsetMs });
  }
  return offsets;
}

const endOf = (offsets: readonly Offset[], step: number) => offsets[step + 1]?.from ?? Number.POSITIVE_INFINITY;

/** The first instant (epoch ms) at which the wall clock reads `wallMs` (ms since 1970-01-01T00:00 on that clock) or later. */
export function firstInstant(offsets: readonly Offset[], wallMs: number): number {
  let first = Number.NEGATIVE_INFINITY;
  for (let step = 0; step < offsets.length; step++) {
    const { from, offsetMs } = offsets[step] as Offset;
    first = Math.max(from, wallMs - offsetMs);
    if (first < endOf(offsets, step)) break;
  }
  return first;
}

/** The instant (epoch ms) until which the wall clock reads earlier than `wallMs`, for the last time. */
export function lastInstant(offsets: readonly Offset[], wallMs: number): number {
  let last = Number.POSITIVE_INFINITY;
  for (let step = offsets.length - 1; step >= 0; step--) {
    const { from, offsetMs } = offsets[step] as Offset;
    last = Math.min(endOf(offsets, step), wallMs - offsetMs);
    if (last > from) break;
  }
  return last;
}

/**
 * The local date at an instant (epoch ms): from its first instant until the first of the next date that exists.
 *
 * A date that has begun does not end because the clock is set back over midnight, so that dates never overlap.
 */
export function localDay(zone: string, at: number): LocalDay {
  const offsets = offsetsIn(zone, at - 2 * DAY_MS, at + 3 * DAY_MS);
  const reached = offsets.map(({ from, offsetMs }, step) =>
    from <= at ? Math.min(at, endOf(offsets, step) - 1) + offsetMs : Number.NEGATIVE_INFINITY,
  );
  const midnight = Math.floor(Math.max(...reached) / DAY_MS) * DAY_MS;
  return {
    date: new Date(midnight).toISOString().slice(0, 10),
    from: firstInstant(offsets, midnight),
    until: firstInstant(offsets, midnight + DAY_MS),
  };
}
