import { type AnswerTo, request } from "../request.ts";
import type { Range } from "./range.ts";
import { STEPS } from "./range.ts";

type MetricsOperation = "GET /api/v1/projects/{id}/metrics";
export type Metrics = AnswerTo<MetricsOperation>;
export type Bucket = Metrics["buckets"][number];
export type Marked = Metrics["events"][number];

/** Up to now; the buckets are as fine as the range allows. */
export const readMetrics = (projectId: string, range: Range) =>
  request<MetricsOperation>("GET", `/projects/${encodeURIComponent(projectId)}/metrics?step=${STEPS[range]}`);
