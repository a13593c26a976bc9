import type { ProjectEvent } from "../api.ts";
import type { AnswerTo, BodyOf } from "../request.ts";

export type Rules = Required<Omit<BodyOf<"PATCH /api/v1/projects/{id}/rules">, "reason">>;

/** What can be gone back to: the switch and the rules. */
export type Settings = Rules & { tracing_enabled: boolean };
export type Setting = keyof Settings;

export const SETTINGS = [
  "tracing_enabled",
  "sample_rate",
  "capture",
  "when_unavailable",
  "daily_budget_usd",
  "run_cost_usd",
  "time_zone",
  "schedule",
  "production",
] as const satisfies Setting[];

export function settingsOf(
  project: Pick<AnswerTo<"GET /api/v1/projects/{id}">, "tracing_enabled">,
  rules: AnswerTo<"GET /api/v1/projects/{id}/rules">,
): Settings {
  return Object.fromEntries(SETTINGS.map((name) => [name, { ...rules, ...project }[name]])) as unknown as Settings;
}

type Logged = Pick<ProjectEvent, "before">;

/** Those that the change was about. What had no before, a new project, has nothing to go back to. */
export const settingsIn = ({ before }: Logged): Setting[] => SETTINGS.filter((name) => before && name in before);

/** The settings as they were before all of these changes, which are given newest first. */
export function settingsBefore(now: Settings, changes: readonly Logged[]): Settings {
  const then = { ...now };
  for (const change of changes) {
    for (const name of settingsIn(change)) Object.assign(then, { [name]: change.before?.[name] });
  }
  return then;
}

/** Those that differ. */
export const differingSettings = (one: Settings, other: Settings): Setting[] =>
  SETTINGS.filter((name) => inOneOrder(one[name]) !== inOneOrder(other[name]));

/** Postgres keeps the fields of an object in an order of its own. */
const inOneOrder = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
