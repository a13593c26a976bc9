import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createTracingToggle, type TracingToggleOptions } from "../../sdk/src/index.ts";
import { faults, json } from "../faults/fault-server.ts";
import { off, PROJECT, type Stand, stand } from "./stand.ts";

const PATIENCE_MS = 15_000; // a loaded machine; a process that is kept alive would not end at all

function agent(it: Stand, scenario: string, options: TracingToggleOptions = {}) {
  const child = fork(fileURLToPath(new URL("agent.ts", import.meta.url)), [scenario, JSON.stringify(options)], {
    execArgv: ["--no-warnings"],
    env: {
      PATH: process.env.PATH,
      UPSTASH_REDIS_REST_URL: it.redis.url,
      UPSTASH_REDIS_REST_TOKEN: it.redis.token,
      TRACING_TOGGLE_PROJECT_ID: PROJECT,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

const nextMessage = async (child: ChildProcess) => (await once(child, "message"))[0];

describe("a Node process", () => {
  test.each(["decide", "peek"])("ends by itself after its last %s, without close()", async (scenario) => {
    const it = await stand();
    const { child, output } = agent(it, scenario, { timeoutMs: 5_000 });
    const [code] = await once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
    expect({ code, output: output() }).toEqual({ code: 0, output: scenario === "decide" ? "enabled\n" : "pending\n" });
  });

  test("ends by itself when nobody answers", async () => {
    const it = await stand();
    it.redis.fault = faults.hang;
    const { child, output } = agent(it, "decide", { timeoutMs: 500 });
    const [code] = await once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
    expect({ code, output: output() }).toEqual({ code: 0, output: "unavailable\n" });
  });

  test("that listens for changes goes on until close(), and then ends by itself", async () => {
    const it = await stand();
    const commands = it.redis.server.answer;
    it.redis.server.answer = (request, response) => {
      if (!request.url?.startsWith("/subscribe/")) return commands(request, response);
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: subscribe,c,1\n\n");
    };
    const { child, output } = agent(it, "live", { timeoutMs: 5_000 });
    expect(await nextMessage(child)).toBe("enabled");
    await it.redis.server.seen(3);
    child.send("close");
    const [code] = await once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
    expect({ code, output: output() }).toEqual({ code: 0, output: "still here\n" });
  });

  test.each([
    ["takes the report", json({ accepted: true })],
    ["does not answer", faults.hang],
  ])("ends by itself while the API %s of its usage", async (_name, fault) => {
    const it = await stand();
    it.api.fault = fault;
    const { child, output } = agent(it, "usage", { timeoutMs: 5_000, api: { url: it.api.url, key: it.api.key } });
    const [code] = await once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
    expect({ code, output: output() }).toEqual({ code: 0, output: "enabled\n" });
  });

  test("does nothing by making a client: no request, timer or random number", () => {
    const spies = [
      vi.spyOn(globalThis, "fetch"),
      vi.spyOn(globalThis, "setTimeout"),
      vi.spyOn(globalThis, "setInterval"),
      vi.spyOn(Math, "random"),
      vi.spyOn(Date, "now"),
      vi.spyOn(crypto, "getRandomValues"),
      vi.spyOn(crypto, "randomUUID"),
    ];
    const before = process.getActiveResourcesInfo();
    createTracingToggle({ projectId: PROJECT, redis: { url: "http://127.0.0.1:9", token: "t" } });
    expect(process.getActiveResourcesInfo()).toEqual(before);
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe("a project switched off while the process stood still is not traced", () => {
  test("after a blocked loop: by the decision that waited, a peek or the next decision", async () => {
    const it = await stand();
    const { child } = agent(it, "blocked", { maxAgeMs: 300, timeoutMs: 250 });
    expect(await nextMessage(child)).toBe("known");
    let answer = () => {};
    it.redis.fault = (request, response) => {
      it.redis.fault = undefined;
      answer = () => json({ result: ["true", "1"] })(request, response); // read before the switch
      it.redis.publish(off({ version: 2 }));
      child.send("the refresh was seen");
    };
    await sleep(301); // the agent's clock is its own
    child.send("the snapshot is old");
    expect(await nextMessage(child)).toBe("blocking");
    answer();
    const told = await nextMessage(child);
    expect(told).toEqual({ background: false, first: false, waited: false, second: false });
  });

  const MAX_AGE_MS = 600;
  const stopped = (child: ChildProcess) => /\) T /.test(readFileSync(`/proc/${child.pid}/stat`, "utf8"));

  const resting: Record<string, (it: Stand) => void> = {
    "nothing happened": () => {},
    "the answer to a refresh came, read before the switch": () => {},
    "its connections were reset": (it) => {
      for (const { socket } of it.redis.server.requests) if (!socket.destroyed) socket.resetAndDestroy();
    },
    "its connections were closed": (it) => {
      for (const { socket } of it.redis.server.requests) if (!socket.destroyed) socket.end();
    },
  };

  /** Stops a busy agent, switches its project off, and returns what it traced from the moment it went on. */
  async function tracedAfterStop(what: string, happen: (it: Stand) => void): Promise<unknown[]> {
    const it = await stand();
    const { child } = agent(it, "busy", { maxAgeMs: MAX_AGE_MS, timeoutMs: 500, whenUnavailable: "skip" });
    await nextMessage(child); // it traces
    let release = () => {};
    if (what.startsWith("the answer")) {
      await new Promise<void>((resolve) => {
        it.redis.fault = (request, response) => {
          it.redis.fault = undefined;
          release = () => json({ result: ["true", "1"] })(request, response);
          resolve();
        };
      });
    }
    child.kill("SIGSTOP");
    while (!stopped(child)) await sleep(1);
    release();
    happen(it);
    it.redis.publish(off({ version: 2 }));
    await sleep(2 * MAX_AGE_MS); // the agent's clock is its own
    const continuedAt = Date.now();
    const traced: unknown[] = [];
    child.on("message", (told: { at: number }[]) => traced.push(...told.filter(({ at }) => at >= continuedAt)));
    const asked = it.redis.server.requests.length;
    child.kill("SIGCONT");
    await it.redis.server.seen(asked + 4);
    return traced;
  }

  test.runIf(process.platform === "linux")("after SIGSTOP and SIGCONT, whatever happened meanwhile", async () => {
    const scenarios = Object.entries(resting);
    const traced = await Promise.all(scenarios.map(([what, happen]) => tracedAfterStop(what, happen)));
    expect(Object.fromEntries(scenarios.map(([what], i) => [what, traced[i]]))).toEqual(
      Object.fromEntries(scenarios.map(([what]) => [what, []])),
    );
  });
});
