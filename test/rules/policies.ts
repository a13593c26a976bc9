// Random policies: every rule of a project at once, and instants and users at which they meet.
import fc from "fast-check";
import type { Subject } from "../../sdk/src/decide.ts";
import { edgesOf, projectRules } from "../../worker/domain/policy.ts";
import { type QuietWindow, WEEKDAYS } from "../../worker/domain/schedule.ts";
import { localDay, offsetsIn } from "../../worker/domain/zone.ts";
import type { FullProject } from "../../worker/store/schema.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** A project with every rule at its default: it is on for everyone. */
export function projectOf(fields: Partial<FullProject> = {}): FullProject {
  const created = new Date("2026-01-01T00:00:00Z");
  return {
    id: "8c1f6f0e-52a2-4a0d-9d0b-3f6f6f5b1c11",
    name: "test",
    tracingEnabled: true,
    version: 1_764_000_000_000,
    publishedVersion: 0,
    nextPublishAt: null,
    createdAt: created,
    updatedAt: created,
    sampleRate: 1,
    capture: "full",
    whenUnavailable: "last_known",
    production: false,
    timeZone: "UTC",
    schedule: [],
    dailyBudgetMicros: null,
    runCostMicros: null,
    budgetSpentOn: null,
    overrideTrace: null,
    overrideUntil: null,
    lockReason: null,
    lockedAt: null,
    deletedAt: null,
    overrides: {},
    ...fields,
  };
}

export const WHOLE_WEEK: QuietWindow = { days: [...WEEKDAYS], from: "00:00", to: "24:00" };

const ZONES = [
  "UTC",
  "Africa/Cairo",
  "Africa/Casablanca",
  "America/Havana",
  "America/New_York",
  "America/Nuuk",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Antarctica/Troll",
  "Asia/Beirut",
  "Asia/Gaza",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Tokyo",
  "Atlantic/Azores",
  "Australia/Eucla",
  "Australia/Lord_Howe",
  "Europe/Dublin",
  "Europe/Zurich",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Pacific/Marquesas",
];
const [BEGIN, END] = [Date.UTC(2026, 0), Date.UTC(2028, 0)];
const changes = new Map(
  ZONES.map((zone) => [
    zone,
    offsetsIn(zone, BEGIN, END).flatMap(({ from }) => (from > BEGIN && from < END ? [from] : [])),
  ]),
);

/** An instant at which a project is published; with luck one around which the zone's clock is set. */
const instantIn = (zone: string) => {
  const anywhere = fc.integer({ min: BEGIN, max: END });
  const around = changes.get(zone) ?? [];
  if (around.length === 0) return anywhere;
  const change = fc.tuple(fc.constantFrom(...around), fc.integer({ min: -50 * HOUR, max: 10 * HOUR }));
  return fc.oneof(
    anywhere,
    change.map(([at, offset]) => at + offset),
  );
};

const time = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const minute = fc.oneof(
  fc.integer({ min: 0, max: 1_439 }),
  fc.constantFrom(0, 30, 60, 90, 119, 120, 121, 135, 150, 180, 1_380, 1_439),
);
const window: fc.Arbitrary<QuietWindow> = fc.record({
  days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
  from: minute.map(time),
  to: fc.oneof({ weight: 4, arbitrary: minute.map(time) }, { weight: 1, arbitrary: fc.constant("24:00") }),
});
const schedule: fc.Arbitrary<QuietWindow[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<QuietWindow[]>([]) },
  { weight: 4, arbitrary: fc.array(window, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(window, { minLength: 4, maxLength: 21 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<QuietWindow[]>([WHOLE_WEEK], [{ ...WHOLE_WEEK, from: "12:00", to: "12:00" }]),
  },
);

const sampleRate = fc.oneof(
  fc.constantFrom(0, 1, 1, Number.MIN_VALUE, 2 ** -32, 0.3, 0.5, 1 - 2 ** -53),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** Who has an override, and who asks. */
const USERS = [
  "u",
  "user-42",
  "42",
  "0",
  "-1",
  "1e+21",
  "__proto__",
  "constructor",
  "toString",
  "日本語",
  "é",
  "\ufffd",
  "NaN",
];
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
const anyId: fc.Arbitrary<string | number | undefined> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<string | number | undefined>(...USERS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<string | number | undefined>(undefined, "", "\ud800", "a\udfffb", "hasOwnProperty"),
  },
  { weight: 1, arbitrary: fc.constantFrom<string | number | undefined>(42, 0, -0, -1, 1e21, 0.1, Number.NaN) },
  { weight: 1, arbitrary: anyText },
);
const otherId = fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anyId });

/** Whose request it is. */
export const anySubject: fc.Arbitrary<Subject> = fc.record({ userId: anyId, sessionId: otherId, traceId: otherId });

/** When something ends that is in force at an instant, or has just ended. */
const anEnd = fc.oneof(
  fc.constantFrom(-HOUR, -1, 0, 1, SECOND, HOUR, DAY, 2 * DAY - 1, 2 * DAY, 2 * DAY + 1, 7 * DAY),
  fc.integer({ min: 1, max: 2 * DAY }),
);
const userOverride = fc.tuple(fc.boolean(), fc.oneof(fc.constant(null), anEnd));

const often = fc.constantFrom(true, false);
const seldom = fc.constantFrom(...Array(15).fill(false), true);

/** A project, and the instant (epoch ms) at which its document is written. */
export interface Published {
  project: FullProject;
  at: number;
}

const aProject = fc.constantFrom(...ZONES).chain((timeZone) =>
  fc.record({
    timeZone: fc.constant(timeZone),
    instant: instantIn(timeZone),
    /** It is moved to an instant at which a rule begins or ends, or a millisecond beside it. */
    toEdge: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 2, arbitrary: fc.integer({ min: -1, max: 1 }) },
    ),
    id: fc.uuid(),
    isDeleted: seldom,
    isLocked: seldom,
    tracingEnabled: fc.constantFrom(true, true, false),
    override: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.tuple(fc.boolean(), anEnd) },
    ),
    hasBudget: often,
    /** Days from today until the one whose budget is spent. */
    spent: fc.constantFrom(undefined, -1, 0, 0, 1),
    schedule,
    sampleRate,
    capture: fc.constantFrom("full" as const, "metadata" as const),
    whenUnavailable: fc.constantFrom("last_known" as const, "skip" as const, "trace" as const),
    overrides: fc.array(fc.tuple(fc.constantFrom(...USERS), userOverride), { maxLength: 6 }),
  }),
);

function dayFrom(zone: string, at: number, days: number): string {
  const today = localDay(zone, at);
  if (days === 0) return today.date;
  return localDay(zone, days < 0 ? today.from - 1 : today.until).date;
}

/** A project with all kinds of rules at once, and an instant. */
export const anyPublished: fc.Arbitrary<Published> = aProject.map((wanted) => {
  const { timeZone, instant, toEdge, override, spent } = wanted;
  const at = (base: number): FullProject =>
    projectOf({
      id: wanted.id,
      timeZone,
      deletedAt: wanted.isDeleted ? new Date(base - DAY) : null,
      lockReason: wanted.isLocked ? "an incident" : null,
      tracingEnabled: wanted.tracingEnabled,
      overrideTrace: override ? override[0] : null,
      overrideUntil: override ? new Date(base + override[1]) : null,
      dailyBudgetMicros: wanted.hasBudget ? 100_000_000 : null,
      budgetSpentOn: spent === undefined ? null : dayFrom(timeZone, base, spent),
      schedule: wanted.schedule,
      sampleRate: wanted.sampleRate,
      capture: wanted.capture,
      whenUnavailable: wanted.whenUnavailable,
      overrides: Object.fromEntries(
        wanted.overrides.map(([user, [trace, end]]) => [user, [trace, end === null ? null : base + end]]),
      ),
    });
  const project = at(instant);
  const edge =
    toEdge !== undefined && edgesOf(projectRules(project, instant, instant + 2 * DAY), instant, instant + 2 * DAY)[0];
  if (!edge) return { project, at: instant };
  return { project, at: edge + (toEdge as number) };
});
