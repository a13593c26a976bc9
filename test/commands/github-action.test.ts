import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { startGate } from "../harness/gate.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const action = readFileSync(`${root}action.yml`, "utf8");
/** The command of the action's one step, as bash gets it. */
const COMMAND = /^ {6}run: (.+)$/m.exec(action)?.[1] as string;
/** The environment variables of the step, by the inputs they come from. */
const VARIABLES = Object.fromEntries(
  Array.from(action.matchAll(/^ {8}(\w+): \$\{\{ inputs\.([\w-]+) \}\}$/gm), ([, variable, input]) => [
    input,
    variable,
  ]),
);

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let api: ReturnType<typeof apiOf>;
let key: string;
let id: string;
let folder: string;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  key = await stack.createKey({ name: "ci", scopes: ["write"] });
  api = apiOf(worker, key);
  folder = mkdtempSync(join(tmpdir(), "action-"));
});
beforeEach(async () => {
  id = await stack.createProject();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await worker?.close();
  await stack?.close();
});

/** Runs the action's step with these inputs, as a runner does. */
async function run(inputs: Record<string, string>, runId = "7") {
  const output = join(folder, crypto.randomUUID());
  const all = {
    "api-url": worker.url,
    "api-key": key,
    "project-id": id,
    for: "3600",
    reason: "Load test, run 7",
    ...inputs,
  };
  const variables = Object.fromEntries(Object.entries(all).map(([name, value]) => [VARIABLES[name] as string, value]));
  const runner = { GITHUB_ACTION_PATH: root, GITHUB_OUTPUT: output, GITHUB_RUN_ID: runId };
  const env = { PATH: process.env.PATH, ...runner, ...variables };
  const outcome = await new Promise<{ code: number; log: string }>((resolve) =>
    execFile("bash", ["-e", "-o", "pipefail", "-c", COMMAND], { env }, (error, stdout) =>
      resolve({ code: error ? 1 : 0, log: stdout }),
    ),
  );
  const outputs = outcome.code === 0 ? readFileSync(output, "utf8") : "";
  return { ...outcome, outputs };
}

const project = async () => (await api.call("GET", `/projects/${id}`)).json();

test("off for the load test, and back to what it was after it", async () => {
  const off = await run({ tracing: "off" });
  expect(off).toMatchObject({
    code: 0,
    log: expect.stringMatching(/^Tracing is off \(override\) until 2.+; version \d+\.\n$/),
  });
  expect(off.outputs).toMatch(/^effective=false\nversion=\d+\n$/);
  expect(await project()).toMatchObject({ effective: false, tracing_enabled: true, override: { trace: false } });
  const back = await run({ tracing: "restore" });
  expect(back.outputs).toMatch(/^effective=true\n/);
  expect(await project()).toMatchObject({ effective: true, override: null });
  const { events } = await (await api.call("GET", `/projects/${id}/events`)).json();
  expect(events[0]).toMatchObject({ actor: { name: "ci" }, reason: "Load test, run 7" });
});

test("a project that was off before is off after it, and nothing to restore is no change", async () => {
  await api.switch(id, false);
  await run({ tracing: "on", for: "60" });
  expect(await project()).toMatchObject({ effective: true, tracing_enabled: false });
  await run({ tracing: "restore" });
  const restored = await project();
  expect(restored).toMatchObject({ effective: false, reason: "disabled" });
  await run({ tracing: "restore" });
  expect(await project()).toEqual(restored);
});

test("what somebody switched off while the job ran stays off, also at the last moment", async () => {
  const gate = await startGate(worker.url);
  onTestFinished(() => gate.close());
  await run({ tracing: "on", for: "60" });
  const ending = gate.hold('"tracing_enabled":true');
  const restoring = run({ tracing: "restore", "api-url": gate.url });
  const held = await ending;
  await api.switch(id, false, "an incident");
  held.release();
  expect((await restoring).outputs).toMatch(/^effective=false\n/);
  expect(await project()).toMatchObject({ effective: false, tracing_enabled: false, override: null });
});

const setForAWhile = (tracing_enabled: boolean, duration_seconds: number, reason?: string) =>
  api.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled, duration_seconds, reason });

test.for([
  ["a person", undefined],
  ["another run", "Load test, run 8"],
])("what %s set for a while during the job stays", async ([, reason]) => {
  await run({ tracing: "on", for: "60" });
  await setForAWhile(false, 7_200, reason);
  const set = await project();
  const { code, log, outputs } = await run({ tracing: "restore" });
  expect({ code, log }).toEqual({ code: 0, log: expect.stringMatching(/^::notice::.*stays\.\nTracing is off/) });
  expect(outputs).toMatch(/^effective=false\n/);
  expect(await project()).toEqual(set);
});

test("the steps of a run know each other, whatever their reasons", async () => {
  await run({ tracing: "off", reason: "" });
  await run({ tracing: "off", reason: "Load test" });
  expect((await run({ tracing: "restore", reason: "It is over" })).outputs).toMatch(/^effective=true\n/);
  const { events } = await (await api.call("GET", `/projects/${id}/events`)).json();
  const reasons = events.slice(0, 3).map(({ reason }: { reason: string }) => reason);
  expect(reasons).toEqual(["It is over, run 7", "Load test, run 7", "run 7"]);
});

test("a reason as long as the audit log takes one, and longer, leaves room for the run", async () => {
  for (const reason of ["r".repeat(500), `${"r".repeat(492)}\u{1F600}`, "r".repeat(2_000)])
    expect(await run({ tracing: "off", reason })).toMatchObject({ code: 0 });
  const { events } = await (await api.call("GET", `/projects/${id}/events`)).json();
  const reasons = events.slice(0, 3).map(({ reason }: { reason: string }) => reason);
  expect(reasons).toEqual([493, 492, 493].map((length) => `${"r".repeat(length)}, run 7`));
  expect((await run({ tracing: "restore" })).outputs).toMatch(/^effective=true\n/);
});

test("what a run has set more often than the audit log shows at once ends all the same", async () => {
  await setForAWhile(true, 7_200);
  for (let i = 0; i < 101; i++) await setForAWhile(false, 3_600, "Load test, run 7");
  expect((await run({ tracing: "restore" })).outputs).toMatch(/^effective=true\n/);
  expect(await project()).toMatchObject({ override: { trace: true } });
});

test("where no run is known the step fails, and says why: another's would be taken for its own", async () => {
  const { code, log } = await run({ tracing: "restore" }, "");
  expect({ code, log }).toEqual({ code: 1, log: expect.stringMatching(/^::error::.*GITHUB_RUN_ID/) });
});

test("what was set for a while before the job is in force again after it, until its own end", async () => {
  await setForAWhile(false, 7_200);
  const { override } = await project();
  await run({ tracing: "on", for: "60" });
  await run({ tracing: "on", for: "3600" });
  await run({ tracing: "restore" });
  const restored = await project();
  expect(restored).toMatchObject({ effective: false, override: { trace: false } });
  expect(Math.abs(Date.parse(restored.override.until) - Date.parse(override.until))).toBeLessThan(60_000);
});

test("what was set for a while before the job, and ended by a person during it, does not come back", async () => {
  await setForAWhile(false, 7_200);
  await run({ tracing: "on" });
  await api.switch(id, true);
  await run({ tracing: "off" });
  expect((await run({ tracing: "restore" })).outputs).toMatch(/^effective=true\n/);
  expect(await project()).toMatchObject({ override: null });
});

test("an emergency stop holds, and the step says so", async () => {
  const enabledKey = `tracing:${id}:enabled`;
  const stopped = { code: 0, log: expect.stringContaining("::warning::An emergency stop") };
  await run({ tracing: "off" });
  await stack.redis.set(enabledKey, "false");
  expect(await run({ tracing: "restore" })).toMatchObject(stopped);
  for (const tracing of ["off", "on"]) expect(await run({ tracing })).toMatchObject(stopped);
  expect(await stack.redis.pttl(enabledKey)).toBe(-1);
});

test.for(["nothing", "somebody else's"])(
  "over an emergency stop, with %s to restore, a step does not say on",
  async (whose) => {
    if (whose !== "nothing") await setForAWhile(true, 7_200);
    await stack.redis.set(`tracing:${id}:enabled`, "false");
    const { log, outputs } = await run({ tracing: "restore" });
    expect(log).toMatch(/^Tracing is off \(break_glass\).*\n::warning::An emergency stop/m);
    expect(outputs).toMatch(/^effective=false\n/);
  },
);

test.for([
  [{ tracing: "maybe" }, "off, on or restore"],
  [{ tracing: "off", for: "1h" }, "seconds"],
  [{ tracing: "off", for: "1" }, "60"],
  [{ tracing: "off", "api-key": "" }, "api-key"],
  [{ tracing: "off", "api-key": "tt_wrong" }, "API key is not valid"],
  [{ tracing: "off", "project-id": crypto.randomUUID() }, "No project"],
] as const)("with %j the step fails, and says why", async ([inputs, why]) => {
  const { code, log } = await run(inputs);
  expect(code).toBe(1);
  expect(log).toMatch(/^::error::/);
  expect(log).toContain(why);
  expect(log).not.toContain(key);
});
