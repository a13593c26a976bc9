import { expect, test } from "vitest";
import type { ProjectApi, Rules, RulesRead } from "../api.ts";
import { ApiError } from "../request.ts";
import { createRulesState, type Unsaved } from "./rules-state.ts";

const first: RulesRead = {
  sample_rate: 1,
  capture: "full",
  when_unavailable: "last_known",
  production: false,
  daily_budget_usd: null,
  run_cost_usd: null,
  time_zone: "UTC",
  schedule: [],
  spent_today_usd: "0.00",
  override: null,
  lock: null,
  version: 1,
};
const stale = new ApiError(412, { code: "version_mismatch" });

/** A server on which somebody else may be at work: a save at another version than its own is refused. */
function sharedServer() {
  const server = { rules: first };
  const sent: Partial<Rules>[] = [];
  const api = {
    readRules: async () => server.rules,
    readDecision: async () => ({ next_change: null }),
    changeRules: async (change: Partial<Rules>, _reason: string, version: number) => {
      if (version !== server.rules.version) return stale;
      sent.push(change);
      server.rules = { ...server.rules, ...change, version: version + 1 };
      return { ...server.rules, effective: true, reason: "enabled", propagation: "live" };
    },
  } as unknown as ProjectApi;
  let unsaved: Unsaved | null = null;
  const tab = {
    read: () => structuredClone(unsaved),
    write: (value: Unsaved | null) => {
      unsaved = structuredClone(value);
    },
  };
  const load = () => createRulesState(api, tab);
  return { server, sent, load, state: load() };
}

test("a change that somebody else made meanwhile is shown and kept, and only a second save goes through", async () => {
  const { server, sent, state } = sharedServer();
  await state.refresh();
  state.edit({ sample_rate: "30" });
  server.rules = { ...first, capture: "metadata", version: 2 };

  expect(await state.save("")).toBe(false);
  expect(state.view.value.theirs?.fields).toEqual(["capture"]);
  expect(state.view.value.edits).toEqual({ sample_rate: "30" });
  expect(sent).toEqual([]);

  expect(await state.save("")).toBe(true);
  expect(sent).toEqual([{ sample_rate: 0.3 }]);
  expect(server.rules).toMatchObject({ sample_rate: 0.3, capture: "metadata" });
});

test("a change that is not of the rules does not get in the way of saving them", async () => {
  const { server, state } = sharedServer();
  await state.refresh();
  state.edit({ sample_rate: "30" });
  server.rules = { ...first, version: 7 };
  expect(await state.save("")).toBe(true);
  expect(server.rules).toMatchObject({ sample_rate: 0.3, version: 8 });
});

test("a refresh takes others' changes only while nothing is edited, today's cost always", async () => {
  const { server, state } = sharedServer();
  await state.refresh();
  server.rules = { ...first, capture: "metadata", version: 2 };
  await state.refresh();
  expect(state.view.value.rules?.capture).toBe("metadata");

  state.edit({ sample_rate: "30" });
  server.rules = { ...server.rules, capture: "full", spent_today_usd: "5.00", version: 3 };
  await state.refresh();
  expect(state.view.value.rules).toMatchObject({ capture: "metadata", spent_today_usd: "5.00", version: 2 });
});

test("edits outlive a reload of the page, and what was changed meanwhile is shown", async () => {
  const { server, sent, load, state } = sharedServer();
  await state.refresh();
  state.edit({ sample_rate: "30" });

  const reloaded = load();
  await reloaded.refresh();
  expect(reloaded.view.value).toMatchObject({ edits: { sample_rate: "30" }, theirs: null });

  server.rules = { ...first, capture: "metadata", version: 2 };
  const later = load();
  await later.refresh();
  expect(later.view.value).toMatchObject({ edits: { sample_rate: "30" }, theirs: { fields: ["capture"] } });
  expect(await later.save("")).toBe(true);
  expect(sent).toEqual([{ sample_rate: 0.3 }]);

  const last = load();
  await last.refresh();
  expect(last.view.value).toMatchObject({ edits: {}, theirs: null, rules: { sample_rate: 0.3 } });
});

test("edits that somebody else has made meanwhile are none after a reload", async () => {
  const { server, load, state } = sharedServer();
  await state.refresh();
  state.edit({ sample_rate: "30" });
  server.rules = { ...first, sample_rate: 0.3, version: 2 };
  const reloaded = load();
  await reloaded.refresh();
  expect(reloaded.view.value.edits).toEqual({});
});

test("what is edited while a save is under way stays an edit, also what is set back", async () => {
  const { server, state } = sharedServer();
  await state.refresh();
  state.edit({ sample_rate: "30", time_zone: "Asia/Tokyo" });
  const saving = state.save("");
  state.edit({ sample_rate: "100", capture: "metadata" });
  expect(await saving).toBe(true);
  expect(server.rules).toMatchObject({ sample_rate: 0.3, time_zone: "Asia/Tokyo", capture: "full" });
  expect(state.view.value.edits).toEqual({ sample_rate: "100", capture: "metadata" });
});
