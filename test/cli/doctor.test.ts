import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Stand, startStand } from "./stand.ts";

let stand: Stand;
let id: string;

beforeAll(async () => {
  stand = await startStand();
});
beforeEach(async () => {
  id = await stand.stack.createProject();
  await stand.api.switch(id, true);
});
afterEach(() => {
  stand.tamper.date = undefined;
  stand.tamper.answer = undefined;
});
afterAll(() => stand?.close());

/** What `doctor` says of each link. */
async function doctor(env: Record<string, string | undefined> = {}, io = {}) {
  const { code, out, err } = await stand.cli(
    ["doctor", "--json"],
    stand.environment(id, { ...stand.redisEnv, ...env }),
    io,
  );
  const { ok, checks } = JSON.parse(out) as {
    ok: boolean;
    checks: { name: string; result: string; detail: string; remedy?: string }[];
  };
  const wrong = Object.fromEntries(
    checks.filter(({ result }) => result === "wrong").map((check) => [check.name, check]),
  );
  return { code, ok, err, checks, wrong, names: Object.keys(wrong) };
}

test("everything is well: each link of the chain is named, and the exit code is 0", async () => {
  const { code, ok, checks } = await doctor();
  expect(checks.map(({ name, result }) => [name, result === "note" ? "ok" : result])).toEqual(
    ["settings", "api", "clock", "database", "redis", "project", "own redis", "sdk"].map((name) => [name, "ok"]),
  );
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(checks.find(({ name }) => name === "own redis")?.detail).toMatch(
    /^version \d+; enabled lives .*, policy lives 6 d 23 h, version lives 13 d 23 h$/,
  );
});
