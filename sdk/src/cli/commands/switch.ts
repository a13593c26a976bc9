import { usageError } from "../errors.ts";
import { when } from "../text.ts";
import { secondsOf } from "../times.ts";
import { because, REASON, reportPropagation } from "./changed.ts";
import type { Command, Context } from "./command.ts";

const LEAST_S = 60;
const MOST_S = 604_800;

function durationOf({ flags }: Context): { duration_seconds?: number } {
  if (flags.for === undefined) return {};
  const seconds = secondsOf("for", flags.for);
  if (seconds < LEAST_S || seconds > MOST_S) throw usageError("--for must be from 1m to 7d.");
  return { duration_seconds: seconds };
}

async function setTracing(context: Context, enabled: boolean): Promise<number> {
  // "off for an hour" must not make of an emergency stop one that ends after an hour
  const stop = enabled ? {} : { lift_break_glass: false };
  const body = { tracing_enabled: enabled, ...durationOf(context), ...because(context), ...stop };
  const path = { id: context.project() };
  const changed = await context.api().call("PATCH /api/v1/projects/{id}/tracing", { path, body });
  const { effective, reason, override, version, propagation, before } = changed;
  const state = effective ? context.paint("green", "on") : context.paint("red", "off");
  const until = override ? ` until ${when(override.until)}` : "";
  context.show(
    changed,
    () => `Tracing is ${state}${effective ? "" : ` (${reason})`}${until}; version ${version}, ${propagation}.\n`,
  );
  if (propagation === "live" && before.break_glass) context.note("An emergency stop in Redis was lifted.");
  if (enabled && !effective) context.note(`Switched on, but not in effect: ${reason}. See tracing-toggle status.`);
  return reportPropagation(context, propagation, enabled);
}

const FOR = { value: "30m|2h|1d", help: "for so long (1m to 7d), then what it was; else until it is changed" };

export const on: Command = {
  name: "on",
  summary: "Switch tracing on",
  details: "Lifts an emergency stop, and ends a temporary override.",
  options: { for: FOR, ...REASON },
  run: (context) => setTracing(context, true),
};

export const off: Command = {
  name: "off",
  summary: "Switch tracing off",
  details: 'Leaves an emergency stop in force. Example: tracing-toggle off --for 30m --reason "load test"',
  options: { for: FOR, ...REASON },
  run: (context) => setTracing(context, false),
};
