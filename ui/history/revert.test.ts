import { expect, test } from "vitest";
import type { ProjectEvent } from "../api.ts";
import { ApiError } from "../request.ts";
import type { HistoryApi } from "./history-api.ts";
import { goBack, type Plan, planRevert } from "./revert.ts";
import type { Rules, Settings } from "./settings.ts";

const FIRST: Settings = {
  tracing_enabled: true,
  sample_rate: 1,
  capture: "full",
  when_unavailable: "last_known",
  production: false,
  daily_budget_usd: null,
  run_cost_usd: null,
  time_zone: "UTC",
  schedule: [],
};
const unreachable = () => new ApiError(0, { code: "unreachable" });

/** A server that keeps a log, and on which an answer can be lost or somebody else be at work. */
function server() {
  const state = { settings: FIRST, version: 1, log: [] as ProjectEvent[], sent: [] as string[] };
  /** What happens right after the next changes. */
  const after: (() => "lost" | "answered")[] = [];
  let reachable = true;

  const change = (part: Partial<Settings>) => {
    const before = Object.fromEntries(Object.keys(part).map((name) => [name, state.settings[name as keyof Settings]]));
    state.settings = { ...state.settings, ...part };
    state.version++;
    state.log.unshift({ id: String(state.version), version: state.version, before } as unknown as ProjectEvent);
  };
  const changeAt = async (part: Partial<Settings>, version: number) => {
    if (!reachable) return unreachable();
    if (version !== state.version) return new ApiError(412, {});
    change(part);
    state.sent.push(...Object.keys(part));
    const answer = { version: state.version, propagation: "live" };
    return after.shift()?.() === "lost" ? unreachable() : answer;
  };
  const readAt = async () => (reachable ? { ...state.settings, version: state.version } : unreachable());
  const api = {
    read: readAt,
    readRules: readAt,
    readPage: async () => ({ events: state.log, next_cursor: null }),
    changeRules: (rules: Partial<Rules>, _: string, version: number) => changeAt(rules, version),
    setTracing: (tracing_enabled: boolean, _: string, _seconds: undefined, version: number) =>
      changeAt({ tracing_enabled }, version),
  } as unknown as HistoryApi;

  return {
    ...{ api, state, change, after },
    cutOff: () => {
      reachable = false;
    },
    /** Before the first change. */
    target: () => state.log.at(-1) as ProjectEvent,
  };
}

async function planned({ api, target }: ReturnType<typeof server>): Promise<Plan> {
  const plan = await planRevert(api, target());
  if (plan instanceof ApiError) throw new Error(plan.code);
  return plan;
}

/** Went off, then the rules changed. */
function gone() {
  const all = server();
  all.change({ tracing_enabled: false });
  all.change({ sample_rate: 0.5 });
  return all;
}

test("on comes last and off comes first, so that in between nobody is traced who should not be", async () => {
  const toOn = gone();
  await goBack(toOn.api, toOn.target(), await planned(toOn), "");
  expect(toOn.state.sent).toEqual(["sample_rate", "tracing_enabled"]);
  expect(toOn.state.settings).toEqual(FIRST);

  const toOff = server();
  toOff.state.settings = { ...FIRST, tracing_enabled: false };
  toOff.change({ tracing_enabled: true, sample_rate: 0.5 });
  await goBack(toOff.api, toOff.target(), await planned(toOff), "");
  expect(toOff.state.sent).toEqual(["tracing_enabled", "sample_rate"]);
});

test("a change of which only the answer was lost is done", async () => {
  const all = gone();
  all.after.push(
    () => "answered",
    () => "lost",
  );
  const result = await goBack(all.api, all.target(), await planned(all), "");
  expect(result).toEqual({ kind: "back", propagation: null });
  expect(all.state.settings).toEqual(FIRST);
});

test("what somebody changes between the two requests is not written over before it was seen", async () => {
  const all = gone();
  all.after.push(() => {
    all.change({ capture: "metadata" });
    return "answered";
  });
  const result = await goBack(all.api, all.target(), await planned(all), "");
  expect(result).toMatchObject({ kind: "left", known: true, done: ["rules"] });
  expect((result as { plan: Plan }).plan.fields).toEqual(["tracing_enabled", "capture"]);
  expect(all.state.settings).toMatchObject({ tracing_enabled: false, sample_rate: 1, capture: "metadata" });
});

test("a change of what is not gone back to does not get in the way", async () => {
  const all = gone();
  const plan = await planned(all);
  all.state.version++;
  expect(await goBack(all.api, all.target(), plan, "")).toMatchObject({ kind: "back" });
});

test("without any answer it is not claimed to be known what was done", async () => {
  const all = gone();
  const plan = await planned(all);
  all.cutOff();
  expect(await goBack(all.api, all.target(), plan, "")).toMatchObject({ kind: "left", known: false, done: [], plan });
});
