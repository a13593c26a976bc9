import { expect, test } from "vitest";
import type { ProjectStatus, TracingChange } from "./api.ts";
import { progressOf } from "./progress.ts";
import type { Change } from "./project-state.ts";
import { versionName } from "./time.ts";

const VERSION = Date.parse("2026-03-01T12:00:00.123Z");

type Saved = Extract<Change, { kind: "saved" }>;
const saved = (propagation: TracingChange["propagation"], readBack = false): Saved => ({
  kind: "saved",
  wanted: { on: false },
  answer: { version: VERSION, propagation } as TracingChange,
  at: 0,
  readBack,
  undo: null,
});

const agents = (seen_by: number, of: number, slowest_ms: number | null = null, version = VERSION) =>
  ({ version, instances: { count: of }, last_change: { version, seen_by, of, slowest_ms } }) as ProjectStatus;

const texts = (change: Saved | { kind: "saving"; wanted: { on: boolean } }, status: ProjectStatus | null = null) =>
  progressOf(change, false, status).map(({ state, text }) => `${state}: ${text}`);

test("nothing is claimed while a change is being saved", () => {
  expect(texts({ kind: "saving", wanted: { on: false } })).toEqual([
    "now: Saving",
    "later: Not yet in effect",
    "later: Not yet seen by agents",
  ]);
});

test("saved is not in effect, and in effect is not seen", () => {
  const name = versionName(VERSION);
  expect(texts(saved("live"), agents(3, 3, 800))).toEqual([
    `done: Saved as version ${name}`,
    "now: Written to Redis; reading it back",
    "later: Not yet seen by agents",
  ]);
  expect(texts(saved("live", true)).slice(1)).toEqual(["done: In effect", "now: Not yet seen by agents"]);
  expect(texts(saved("pending"))[1]).toMatch(/^stuck: Redis could not be reached/);
  expect(texts(saved("held"))[1]).toMatch(/^stuck: The emergency stop/);
});

test("of an emergency stop that is still to be lifted nobody is told that it ends by itself", () => {
  const lift = { ...saved("pending"), wanted: { on: true, lifts: true } };
  expect(texts(lift)[1]).toMatch(/lift the emergency stop again/);
});

test("how many agents have seen it is told with how long the slowest took", () => {
  const last = (status: ProjectStatus) => texts(saved("live", true), status).at(-1);
  expect(last(agents(3, 3, 800))).toBe("done: Seen by 3 of 3 agents in 800 ms");
  expect(last(agents(1, 1))).toBe("done: Seen by 1 of 1 agent");
  expect(last(agents(2, 3, 800))).toBe("now: Seen by 2 of 3 agents so far");
  expect(last(agents(3, 3, 800, VERSION - 1)), "of an earlier change").toBe("now: Not yet seen by agents");
});

test("where another rule decides, a change that Redis has is not called in effect", () => {
  expect(progressOf(saved("live", true), true, null)[1]?.text).toBe("Read back from Redis");
});

test("where no agent reports, none is waited for at any step", () => {
  const none = agents(0, 0, null, VERSION - 1);
  const lasts = [{ kind: "saving", wanted: { on: false } } as const, saved("live"), saved("live", true)].map((change) =>
    texts(change, none).at(-1),
  );
  expect(lasts).toEqual(Array(3).fill("later: No agent reports yet"));
  expect(texts(saved("live", true), agents(0, 0)).at(-1)).toBe("later: No agent reports yet");
});
