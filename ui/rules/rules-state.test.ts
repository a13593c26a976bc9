import { expect, test } from "vitest";
import type { ProjectApi, Rules, RulesRead } from "../api.ts";
import { ApiError } from "../request.ts";
import { createRulesState } from "./rules-state.ts";

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
  return { server, sent, state: createRulesState(api) };
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
