import type { Answer } from "../api.ts";
import { EXIT } from "../errors.ts";
import { howLong, table, when } from "../text.ts";
import type { Command, Context } from "./command.ts";

type Project = Answer<"GET /api/v1/projects/{id}">;
type Tracing = Answer<"GET /api/v1/projects/{id}/tracing">;
type Status = Answer<"GET /api/v1/projects/{id}/status">;

function rowsOf(project: Project, tracing: Tracing, status: Status): string[][] {
  const { override, lock } = project;
  const { instances, last_change: change } = status;
  const live = change?.live_after_ms == null ? "not live yet" : `live after ${howLong(change.live_after_ms)}`;
  return [
    ["Project", `${project.name}${project.production ? ", production" : ""}`],
    ["Id", project.id],
    ["Switch", project.tracing_enabled ? "on" : "off"],
    ...(override ? [["Override", `${override.trace ? "on" : "off"} until ${when(override.until)}`]] : []),
    ...(lock ? [["Lock", lock.reason]] : []),
    ["Version", `${tracing.version ?? "none"} in ${tracing.source === "redis" ? "Redis" : "the database"}`],
    ...(change ? [["Last change", `${change.action}, ${when(change.at)}, ${live}`]] : []),
    ["Agents", `${instances.count} in the last 10 minutes, ${instances.current} with this version`],
    ["Last report", status.last_report_at === null ? "none in the last day" : when(status.last_report_at)],
  ];
}

/** The state in a word: on, off, or on with nobody there. */
function headline({ paint }: Context, { effective, reason }: Tracing, { status }: Status): string {
  if (!effective) return `Tracing is ${paint("red", "off")} (${reason}).`;
  return `Tracing is ${paint("green", "on")}${status === "silent" ? ", but no agent has reported in the last 30 s" : ""}.`;
}

export const status: Command = {
  name: "status",
  summary: "Whether tracing is on, why, and who follows",
  async run(context) {
    const api = context.api();
    const path = { id: context.project() };
    const [project, tracing, status] = await Promise.all([
      api.call("GET /api/v1/projects/{id}", { path }),
      api.call("GET /api/v1/projects/{id}/tracing", { path }),
      api.call("GET /api/v1/projects/{id}/status", { path }),
    ]);
    context.show(
      { project, tracing, status },
      () => `${headline(context, tracing, status)}\n\n${table(rowsOf(project, tracing, status))}`,
    );
    if (tracing.reason === "break_glass")
      context.note("An emergency stop in Redis holds tracing off. tracing-toggle on lifts it.");
    return EXIT.ok;
  },
};
