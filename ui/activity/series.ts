import { type Series, stack } from "d3-shape";
import type { Bucket, Metrics } from "./activity-api.ts";

/** Reasons that mean the same to a person, from the bottom of a column to its top. */
export const BANDS = [
  "traced",
  "not_sampled",
  "switched_off",
  "schedule",
  "budget",
  "stopped",
  "user_override",
  "no_policy",
  "other",
] as const;
export type Band = (typeof BANDS)[number];

const BAND_OF: Record<string, Band> = {
  enabled: "traced",
  sampled: "traced",
  not_sampled: "not_sampled",
  disabled: "switched_off",
  override: "switched_off",
  schedule: "schedule",
  budget: "budget",
  locked: "stopped",
  break_glass: "stopped",
  deleted: "stopped",
  user_override: "user_override",
  unavailable: "no_policy",
  pending: "no_policy",
  unknown_project: "no_policy",
};

export type Counts = Record<Band, number>;

/** A stretch of time, as it is drawn and told. */
export interface Column {
  at: number;
  counts: Counts;
  total: number;
  costUsd: string;
}

function countsOf(reasons: Readonly<Record<string, number>>): Counts {
  const counts = Object.fromEntries(BANDS.map((band) => [band, 0])) as Counts;
  for (const [reason, count] of Object.entries(reasons)) counts[BAND_OF[reason] ?? "other"] += count;
  return counts;
}

export const decisionsOf = ({ traced, skipped, undetermined }: Metrics["total"]): number =>
  traced + skipped + undetermined;

export const columnOf = (bucket: Omit<Bucket, "at"> & { at?: string }): Column => ({
  at: Date.parse(bucket.at ?? ""),
  counts: countsOf(bucket.reasons),
  total: decisionsOf(bucket),
  costUsd: bucket.cost_usd,
});

/** The bands that something was reported of. */
export const presentIn = ({ counts }: Column): Band[] => BANDS.filter((band) => counts[band] > 0);

export const isEmpty = ({ total, costUsd }: Column): boolean => total === 0 && Number(costUsd) === 0;

/**
 * The bands stacked upon each other: of every band, its part of each column as the heights of its lower and its upper edge.
 * A part is at least `least` high, so that a few among many can be seen.
 */
export const stackOf = (
  columns: readonly Column[],
  bands: readonly Band[],
  heightOf: (count: number) => number,
  least: number,
): Series<Column, Band>[] =>
  stack<Column, Band>()
    .keys(bands)
    .value(({ counts }, band) => (counts[band] === 0 ? 0 : Math.max(least, heightOf(counts[band]))))(columns);
