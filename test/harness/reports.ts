import { randomUUID } from "node:crypto";

/** A report of ten seconds of usage that end then (epoch ms), as an SDK sends it. */
export const reportOf = (end: number, fields: Record<string, unknown> = {}) => ({
  batch_id: randomUUID(),
  instance: "agent-1",
  period_start: new Date(end - 10_000).toISOString(),
  period_end: new Date(end).toISOString(),
  counts: { enabled: 3, disabled: 1 },
  cost_micros: 1_000,
  policy_version: null as number | null,
  sdk: { version: "0.1.0", runtime: "node" },
  ...fields,
});
