import { EXIT } from "../errors.ts";
import type { Context } from "./command.ts";

/**
 * Says how far a change has come.
 *
 * @param switched whether it was the switch, which lifts an emergency stop
 * @returns the exit code: a change that agents do not follow yet is none to go on from
 */
export function reportPropagation(
  { note }: Context,
  propagation: "live" | "pending" | "held",
  switched?: boolean,
): number {
  if (propagation === "pending") {
    const stop = switched === true ? "; it lifts no emergency stop" : "";
    note(
      `Saved, but Redis was not reached: agents do not follow yet. The cron publishes it within a minute of Redis' return${stop}.`,
    );
    return EXIT.unavailable;
  }
  if (propagation === "held") {
    note(
      switched === true
        ? "Saved, but the emergency stop in Redis still holds tracing off. Repeat the command."
        : "An emergency stop in Redis holds tracing off, whatever the rules say. tracing-toggle on lifts it.",
    );
    return switched === true ? EXIT.unavailable : EXIT.ok;
  }
  return EXIT.ok;
}

/** The body's `reason`, from `--reason`. */
export const because = ({ flags }: Context) => (flags.reason === undefined ? {} : { reason: flags.reason });

export const REASON = {
  reason: { value: "text", help: "why, for the audit log; a project marked production demands it" },
};
