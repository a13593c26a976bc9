import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { apiTypes } from "../../scripts/api-types.ts";
import { createApi } from "../../sdk/src/cli/api.ts";
import type { Io } from "../../sdk/src/cli/io.ts";
import { faultServer, faults } from "../faults/fault-server.ts";
import { type Stand, startStand } from "./stand.ts";

/** A busy machine is not what is tested. */
const PATIENT = { timeout: 10_000 };

let stand: Stand;
let id: string;

beforeAll(async () => {
  stand = await startStand();
});
beforeEach(async () => {
  id = await stand.stack.createProject("Demo");
});
afterEach(() => {
  stand.tamper.answer = undefined;
});
afterAll(() => stand?.close());

const cli = (args: string[], env: Record<string, string | undefined> = {}, io: Partial<Io> = {}) =>
  stand.cli(args, stand.environment(id, env), io);

/** The data of a command that succeeds. */
async function json(...args: string[]) {
  const { code, out, err } = await cli(["--json", ...args]);
  expect(code, err).toBe(0);
  expect(out).toMatch(/^.*\n$/);
  return JSON.parse(out);
}

test("the types of the API are those of its description", () => {
  expect(readFileSync(new URL("../../sdk/src/api-types.ts", import.meta.url), "utf8")).toBe(apiTypes());
});

describe("on and off", () => {
  test("switch, say how far it has come, and keep the reason", async () => {
    const off = await cli(["off", "--reason", "load test"]);
    expect(off).toEqual({
      code: 0,
      out: expect.stringMatching(/^Tracing is off \(disabled\); version \d+, live\.\n$/),
      err: "",
    });
    expect(await json("on")).toMatchObject({ tracing_enabled: true, effective: true, propagation: "live" });
    const { events } = await json("events", "--action", "tracing.disabled");
    expect(events).toMatchObject([{ reason: "load test", actor: { name: "admin" } }]);
  });

  test("for a while", async () => {
    const { override } = await json("off", "--for", "30m");
    expect(Date.parse(override.until) - Date.now()).toBeGreaterThan(29 * 60_000);
    expect((await cli(["off", "--for", "1d"])).out).toMatch(/^Tracing is off \(override\) until .*Z; version/);
  });

  test("on without effect says so", async () => {
    await json(
      "rules",
      "set",
      "--schedule",
      JSON.stringify([{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "24:00" }]),
    );
    const { code, out, err } = await cli(["on"]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("off (schedule)") });
    expect(err).toContain("not in effect: schedule");
  });

  test.for([
    ["pending", /^Saved, but .*lifts no emergency stop\.$/m],
    ["held", /^Saved, but .*Repeat the command\.$/m],
  ] as const)("a change that is %s is not one to go on from", async ([propagation, told]) => {
    const changed = { tracing_enabled: true, effective: false, reason: "break_glass", version: 5, override: null };
    stand.tamper.answer = () => Response.json({ status: "ok", message: "", ...changed, propagation });
    expect(await cli(["on"])).toMatchObject({ code: 6, err: expect.stringMatching(told) });
  });
});

test("an emergency stop outlasts off, and is lifted by on, which says so", async () => {
  const enabledKey = `tracing:${id}:enabled`;
  await stand.stack.redis.set(enabledKey, "false");
  const held = expect.stringContaining("emergency stop in Redis holds tracing off");
  expect(await cli(["off", "--for", "1h"])).toMatchObject({ code: 0, err: held });
  expect(await stand.stack.redis.pttl(enabledKey)).toBe(-1);
  const lifted = expect.stringContaining("An emergency stop in Redis was lifted");
  expect(await cli(["on"])).toMatchObject({ code: 0, out: expect.stringMatching(/^Tracing is on/), err: lifted });
});

test("status: the state, the switch and who follows", async () => {
  expect((await cli(["status"])).out).toMatch(
    /^Tracing is on, but no agent has reported in the last 30 s\.\n\nProject {6}Demo\nId {11}[\w-]+\nSwitch {7}on\n/,
  );
  await stand.stack.redis.set(`tracing:${id}:enabled`, "false");
  expect(await cli(["status"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("off (break_glass)"),
    err: expect.stringContaining("tracing-toggle on lifts it"),
  });
  expect(await json("status")).toMatchObject({
    project: { id },
    tracing: { reason: "break_glass" },
    status: { status: "off" },
  });
});

test("rules: every one can be set and is shown", async () => {
  const schedule = [{ days: ["mon"], from: "22:00", to: "06:00" }];
  const { version } = await json("rules");
  const args = [
    "--sample-rate",
    "0.3",
    "--daily-budget",
    "100",
    "--run-cost",
    "0.02",
    "--time-zone",
    "Europe/Zurich",
    "--schedule",
    JSON.stringify(schedule),
  ];
  const more = [
    "--capture",
    "metadata",
    "--when-unavailable",
    "skip",
    "--if-version",
    `${version}`,
    "--production",
    "yes",
  ];
  const changed = {
    sample_rate: 0.3,
    daily_budget_usd: "100.00",
    run_cost_usd: "0.02",
    time_zone: "Europe/Zurich",
    schedule,
    capture: "metadata",
    when_unavailable: "skip",
    production: true,
  };
  expect(await json("rules", "set", ...args, ...more)).toMatchObject({ ...changed, propagation: "live" });
  expect(await json("rules")).toMatchObject(changed);
  expect((await cli(["rules"])).out).toMatch(
    /^Daily budget {6}\$100\.00, \$0\.00 spent today\n(.*\n)+Quiet hours {7}mon 22:00 to 06:00\n/m,
  );
  expect(
    await cli(["rules", "set", "--sample-rate", "1", "--reason", "x", "--if-version", `${version}`]),
  ).toMatchObject({ code: 5, err: expect.stringContaining("--if-version") });
  expect(await cli(["off"])).toMatchObject({ code: 2, err: expect.stringContaining('--reason "…"') });
  expect(await json("rules", "set", "--daily-budget", "none", "--schedule", "[]", "--reason", "x")).toMatchObject({
    daily_budget_usd: null,
    schedule: [],
  });
});

test("users: always, never, list, revoke", async () => {
  expect((await cli(["user", "always", "u 1/ä", "--for", "2h", "--reason", "ticket"])).out).toMatch(
    /^u 1\/ä is always traced until .*; version \d+, live\.\n$/,
  );
  await json("user", "never", "--", "-u2");
  await json("user", "never", "u3", "--until", "2099-01-01T00:00:00Z");
  expect((await cli(["user"])).out.split("\n").sort()).toEqual([
    "",
    "-u2    never   without end",
    expect.stringMatching(/^u 1\/ä {2}always {2}until .*Z {2}ticket$/),
    "u3     never   until 2099-01-01 00:00:00Z",
  ]);
  await json("user", "revoke", "u 1/ä");
  expect((await json("user", "list")).users).toHaveLength(2);
  expect((await cli(["user", "revoke", "nobody"])).code).toBe(4);
});

test("a user's id and a reason cannot move the cursor", async () => {
  await json("user", "never", "evil\u001b[2J\u202e", "--reason", "a\nb");
  expect((await cli(["user"])).out).toBe("evil   never  without end  a b\n");
});

test("keys: the secret once, alone on stdout", async () => {
  const made = await cli(["keys", "create", "--name", "agents", "--scopes", "report,read", "--for", "1d"]);
  expect(made).toEqual({
    code: 0,
    out: expect.stringMatching(/^tt_\w{12}_\w{38}\n$/),
    err: expect.stringContaining("shown this once"),
  });
  const keyId = made.out.slice(3, 15);
  const { keys } = await json("keys");
  expect(keys.find((key: { id: string }) => key.id === keyId)).toMatchObject({
    name: "agents",
    project_id: id,
    scopes: ["report", "read"],
  });
  expect((await cli(["keys"])).out).toMatch(new RegExp(`^${keyId} +agents +report,read`, "m"));
  const rotated = JSON.parse((await cli(["keys", "rotate", keyId, "--expires-in", "1h", "--json"])).out);
  expect(rotated).toMatchObject({ key: expect.stringMatching(/^tt_/), replaces: { id: keyId } });
  expect((await cli(["keys", "revoke", rotated.id])).out).toBe(`${rotated.id} is revoked.\n`);
  expect((await cli(["keys", "revoke", rotated.id])).code).toBe(4);
  expect((await cli(["keys"])).out).not.toContain(rotated.id);
  expect((await cli(["keys", "--revoked"])).out).toMatch(new RegExp(`^${rotated.id} .* revoked 20`, "m"));
  const everywhere = await cli(["keys", "create", "--name", "all", "--scopes", "read", "--all-projects", "--json"]);
  expect(JSON.parse(everywhere.out)).toMatchObject({ project_id: null });
});

describe("events", () => {
  test("newest first, and as many as are wanted", async () => {
    for (const on of [true, false, true]) await stand.api.switch(id, on);
    expect((await json("events", "--limit", "2")).events).toMatchObject([
      { action: "tracing.enabled" },
      { action: "tracing.disabled" },
    ]);
    expect((await cli(["events", "--limit", "1"])).out).toMatch(
      /^20.*Z {2}tracing\.enabled {4}admin {2}live after \d+ ms\n$/,
    );
  });

  test("--follow prints what comes, once, over an outage, until Ctrl-C", async () => {
    await stand.api.switch(id, false);
    const stop = new AbortController();
    let out = "";
    let err = "";
    const following = cli(
      ["events", "--follow", "--json"],
      {},
      {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        untilInterrupted: () => stop.signal,
      },
    );
    const actions = () =>
      out
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line).action);
    await expect.poll(actions, PATIENT).toEqual(["tracing.disabled"]);
    await stand.api.switch(id, true);
    await expect.poll(actions, PATIENT).toEqual(["tracing.disabled", "tracing.enabled"]);
    stand.tamper.answer = () => new Response("", { status: 503 });
    await expect.poll(() => err, PATIENT).toMatch(/Trying on/);
    stand.tamper.answer = undefined;
    await expect.poll(() => err, PATIENT).toMatch(/answers again/);
    await stand.api.switch(id, false);
    await expect.poll(actions, PATIENT).toEqual(["tracing.disabled", "tracing.enabled", "tracing.disabled"]);
    stop.abort();
    expect((await following).code).toBe(0);
  });
});

describe("login", () => {
  const login = (args: string[], io: Partial<Io> & { stdin?: string }, env: Record<string, string> = {}) => {
    const home = mkdtempSync(path.join(stand.home, "home-"));
    const file = path.join(home, "tracing-toggle/config.json");
    return stand
      .cli(["login", ...args], { XDG_CONFIG_HOME: home, ...env }, io)
      .then((outcome) => ({ ...outcome, home, file }));
  };

  test("keeps the key for its owner's eyes, and other commands use it", async () => {
    const { code, out, home, file } = await login(["--url", `${stand.url}/`, "--project", id], {
      stdin: `${stand.adminKey}\n`,
    });
    expect({ code, out }).toEqual({ code: 0, out: `Signed in at ${stand.url}, project Demo.\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      api_url: stand.url,
      api_key: stand.adminKey,
      project_id: id,
    });
    const env = { XDG_CONFIG_HOME: home };
    expect((await stand.cli(["off"], env)).code).toBe(0);
    // The stored key is for its own URL alone.
    expect(await stand.cli(["off"], { ...env, TRACING_TOGGLE_API_URL: "http://127.0.0.1:9" })).toMatchObject({
      code: 3,
      err: expect.stringContaining("Not signed in"),
    });
    expect((await stand.cli(["off"], { ...env, TRACING_TOGGLE_API_KEY: "tt_other" })).code).toBe(3);
    chmodSync(file, 0o644);
    expect((await stand.cli(["doctor"], env)).out).toContain(`chmod 600 ${file}`);
    expect((await stand.cli(["logout"], env)).out).toBe("Signed out.\n");
    expect(existsSync(file)).toBe(false);
  });

  test("asks in a terminal, the key hidden", async () => {
    const asked: unknown[] = [];
    const ask: Io["ask"] = async (question, hidden) => {
      asked.push([question, hidden]);
      return hidden ? stand.adminKey : stand.url;
    };
    expect((await login([], { canAsk: true, ask })).code).toBe(0);
    expect(asked).toEqual([
      ["The Worker's URL: ", false],
      ["API key (not shown): ", true],
    ]);
  });

  test("a key of one project needs no project's id", async () => {
    const key = await stand.stack.createKey({ scopes: ["read"], projectId: id });
    const { file } = await login(["--url", stand.url], { stdin: key });
    expect(JSON.parse(readFileSync(file, "utf8")).project_id).toBe(id);
  });

  test("keeps nothing that is not good", async () => {
    const wrong = `tt_${"A".repeat(12)}_${"B".repeat(38)}`;
    const report = await stand.stack.createKey({ scopes: ["report"] });
    for (const [stdin, args, code] of [
      ["", ["--url", stand.url], 2],
      ["hunter2", ["--url", stand.url], 2],
      [stand.adminKey, [], 2],
      [stand.adminKey, ["--url", "ftp://example.com"], 2],
      [wrong, ["--url", stand.url], 3],
      [report, ["--url", stand.url], 3],
      [stand.adminKey, ["--url", stand.url, "--project", crypto.randomUUID()], 4],
      [stand.adminKey, ["--url", "http://127.0.0.1:9"], 6],
    ] as const) {
      const outcome = await login([...args], { stdin });
      expect(outcome, outcome.err).toMatchObject({ code, out: "" });
      expect(outcome.err).not.toMatch(/hunter2|tt_[0-9A-Za-z]/);
      expect(existsSync(outcome.file)).toBe(false);
    }
  });

  test("a damaged file is named", async () => {
    const home = mkdtempSync(path.join(stand.home, "home-"));
    mkdirSync(path.join(home, "tracing-toggle"));
    writeFileSync(path.join(home, "tracing-toggle/config.json"), "{");
    expect(await stand.cli(["status"], { XDG_CONFIG_HOME: home })).toMatchObject({
      code: 2,
      err: expect.stringContaining("is damaged"),
    });
  });
});

describe("what is wrong gets a remedy and its exit code", () => {
  test.for([
    [[], 2, "Usage: tracing-toggle <command>"],
    [["statsu"], 2, "Did you mean status?"],
    [["user", "ban"], 2, "tracing-toggle user always"],
    [["off", "--fro", "30m"], 2, "Did you mean --for?"],
    [["off", "--for"], 2, "--for <30m|2h|1d>"],
    [["off", "--for", "soon"], 2, "such as 30m"],
    [["off", "--for", "30d"], 2, "from 1m to 7d"],
    [["off", "--json=yes"], 2, "takes no value"],
    [["off", "now"], 2, "too many"],
    [["off", "--project", "demo"], 2, "--project must be a project's id"],
    [["off", "--project", "00000000-0000-4000-8000-000000000000"], 4, "No project"],
    [["user", "never"], 2, "<user> is missing"],
    [["user", "never", ".."], 2, "no path can name it"],
    [["user", "revoke", "."], 2, "no path can name it"],
    [["user", "always", "u", "--until", "tomorrow"], 2, "2026-12-01T00:00:00Z"],
    [["user", "always", "u", "--until", "2099-01-01T00:00:00Z"], 2, "30 days"],
    [["rules", "set"], 2, "Nothing to change"],
    [["rules", "set", "--sample-rate", "2"], 2, "0 to 1"],
    [["rules", "set", "--capture", "all"], 2, "full or metadata"],
    [["rules", "set", "--schedule", "nights"], 2, "JSON list"],
    [["rules", "set", "--time-zone", "Mars"], 2, "Europe/Zurich"],
    [["events", "--limit", "0"], 2, "from 1 to"],
    [["keys", "create"], 2, "--name agents"],
    [["keys", "create", "--name", "a", "--scopes", "root"], 2, "admin, write, read or report"],
    [["login", "--key", "hunter2"], 2, "secrets are never flags"],
    [["login", "--token=hunter2"], 2, "secrets are never flags"],
  ] as const)("%j", async ([args, code, words]) => {
    const outcome = await cli([...args]);
    expect(outcome).toMatchObject({ code, out: "", err: expect.stringContaining(words) });
    expect(outcome.err).not.toContain("hunter2");
  });

  test("a key may not do this, is wrong, or is none", async () => {
    const reader = await stand.stack.createKey({ scopes: ["read"] });
    expect(await cli(["off"], { TRACING_TOGGLE_API_KEY: reader })).toMatchObject({ code: 3, out: "" });
    expect(await cli(["off"], { TRACING_TOGGLE_API_KEY: "tt_x" })).toMatchObject({
      code: 3,
      err: expect.stringContaining("tracing-toggle login"),
    });
    expect(await cli(["off"], { TRACING_TOGGLE_API_KEY: "two words" })).toMatchObject({
      code: 2,
      err: expect.not.stringContaining("two words"),
    });
    expect((await cli(["off"], { TRACING_TOGGLE_API_KEY: undefined })).code).toBe(3);
    expect((await cli(["off"], { TRACING_TOGGLE_PROJECT_ID: undefined })).err).toContain("--project <id>");
    expect((await cli(["off"], { TRACING_TOGGLE_API_URL: "http://me:hunter2@host" })).err).not.toContain("hunter2");
  });

  test("a locked project, and one that was deleted", async () => {
    await stand.api.call("PUT", `/projects/${id}/lock`, { reason: "personal data" });
    const writer = await stand.stack.createKey({ scopes: ["write"] });
    expect(await cli(["off"], { TRACING_TOGGLE_API_KEY: writer })).toMatchObject({
      code: 5,
      err: expect.stringContaining("personal data"),
    });
    await stand.api.call("DELETE", `/projects/${id}`);
    expect((await cli(["status"])).code).toBe(4);
  });

  test("nobody answers, or somebody else", async () => {
    expect(await cli(["off"], { TRACING_TOGGLE_API_URL: "http://127.0.0.1:9" })).toMatchObject({ code: 6, out: "" });
    stand.tamper.answer = () => new Response("<h1>502</h1>", { status: 502 });
    expect((await cli(["off"])).code).toBe(6);
    stand.tamper.answer = () => new Response("", { status: 302, headers: { location: "https://example.com" } });
    expect(await cli(["off"])).toMatchObject({ code: 1, err: expect.stringContaining("sends us elsewhere") });
  });
});

test("a service that hangs is not waited for", async () => {
  const server = await faultServer(faults.headersOnly);
  onTestFinished(() => server.close());
  const { status, message, exitCode } = await createApi(server.url, "tt_x", fetch, 100)
    .call("GET /api/v1/keys")
    .catch((error) => error);
  expect({ status, exitCode }).toEqual({ status: 0, exitCode: 6 });
  expect(message).toContain("has not answered within 0.1 s");
});

test("every command has a help, on stdout", async () => {
  const { code, out } = await cli(["--help"]);
  expect(code).toBe(0);
  const names = Array.from(out.matchAll(/^ {2}([a-z]+(?: [a-z]+)?)/gm), ([, name]) => (name as string).trim());
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    const help = await cli([...name.split(" "), "--help"]);
    expect(help).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Usage: tracing-toggle .*\n(.*\n)*.*Exit codes:/),
      err: "",
    });
  }
  const readme = readFileSync(new URL("../../sdk/README.md", import.meta.url), "utf8");
  const documented = Array.from(readme.matchAll(/`([a-z]+(?: [a-z]+)?)`/g), ([, name]) => name);
  expect(documented).toEqual(expect.arrayContaining(names));
  expect((await cli(["--version"])).out).toBe("1.2.3\n");
  expect((await cli(["-h"])).out).toBe(out);
});

describe("as a process", () => {
  test("works in pipes, with no terminal and no stack trace", async () => {
    const env = stand.environment(id);
    const [piped, cut, scripted, wrong] = await Promise.all([
      stand.shell("tracing-toggle off --json | cat", env),
      stand.shell("tracing-toggle --help | head -n 1; exit $?", env),
      stand.shell("tracing-toggle login --url http://127.0.0.1:9", env),
      stand.shell("tracing-toggle keys create --name a --scopes root", env),
    ]);
    expect(JSON.parse(piped.out)).toMatchObject({ effective: false });
    expect(cut).toMatchObject({ code: 0, out: "Usage: tracing-toggle <command> [flags]\n", err: "" });
    expect(scripted).toMatchObject({ code: 2, err: expect.stringContaining("No key came in") });
    expect(wrong).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^tracing-toggle: .*\n$/) });
  });

  test("Ctrl-C ends --follow, and a reader that has gone ends it, too", async () => {
    await stand.api.switch(id, false);
    const start = async () => {
      const child = stand.spawnCli(["events", "--follow", "--json"], stand.environment(id));
      onTestFinished(() => void child.kill("SIGKILL"));
      let err = "";
      child.stderr.on("data", (text) => {
        err += text;
      });
      const [line] = await once(createInterface(child.stdout), "line");
      expect(JSON.parse(line)).toMatchObject({ action: "tracing.disabled" });
      return { child, exited: once(child, "exit").then(([code]) => ({ code, err })) };
    };
    const [interrupted, left] = await Promise.all([start(), start()]);
    interrupted.child.kill("SIGINT");
    left.child.stdout.destroy();
    await stand.api.switch(id, true);
    expect(await interrupted.exited).toEqual({ code: 0, err: "" });
    expect(await left.exited).toEqual({ code: 0, err: "" });
  });
});
