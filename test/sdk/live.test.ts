import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import { startUpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { live } from "../../sdk/src/live.ts";
import { type Answer, faults, json, refusals } from "../faults/fault-server.ts";
import { off, PROJECT, policy, type Stand, stand } from "./stand.ts";

const CHANNEL = `tracing:${PROJECT}:changes`;

/** What a stream sends: that the subscription stands, or that there is a new version. */
const begun: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(`data: subscribe,${CHANNEL},1\n\n`);
};
const publish = (response: ServerResponse | undefined, version: number) =>
  response?.write(`data: message,${CHANNEL},${version}\n\n`);

/** Lets a stand's Redis answer subscriptions as told, and its commands as ever. */
function streaming(it: Stand, answer: Answer = begun) {
  const commands = it.redis.server.answer;
  const streams = {
    answer,
    requests: [] as IncomingMessage[],
    responses: [] as ServerResponse[],
    waiting: [] as (() => void)[],
    async seen(count: number): Promise<void> {
      while (this.requests.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    },
  };
  it.redis.server.answer = (request, response) => {
    if (!request.url?.startsWith("/subscribe/")) return commands(request, response);
    streams.requests.push(request);
    streams.responses.push(response);
    streams.answer(request, response);
    for (const go of streams.waiting.splice(0)) go();
  };
  return streams;
}

const until = (condition: () => boolean) => expect.poll(condition, { interval: 2, timeout: 10_000 }).toBe(true);

describe("on Upstash's endpoint", () => {
  async function endpoint() {
    const redis = await startEmbeddedRedis();
    const upstash = await startUpstashEndpoint({ redisUrl: redis.url, token: "t", readOnlyToken: "r" });
    const writer = new Redis(redis.url);
    onTestFinished(async () => {
      writer.disconnect();
      await upstash.close();
      await redis.close();
    });
    const write = async (document: { version: number; enabled: boolean }) => {
      await writer.mset(
        `tracing:${PROJECT}:policy`,
        JSON.stringify(document),
        `tracing:${PROJECT}:version`,
        `${document.version}`,
        `tracing:${PROJECT}:enabled`,
        `${document.enabled}`,
      );
      await writer.publish(CHANNEL, `${document.version}`);
    };
    await write(policy());
    const make = (token: string) => {
      const logged: string[] = [];
      const client = createTracingToggle({
        projectId: PROJECT,
        redis: { url: upstash.url, token },
        maxAgeMs: 600_000, // so that nothing is polled
        timeoutMs: 5_000,
        logger: { warn: (line) => logged.push(line) },
        live: live(),
      });
      onTestFinished(() => client.close());
      return { client, logged };
    };
    const subscribers = async () => Number((await writer.pubsub("NUMSUB", CHANNEL))[1]);
    return { upstash, write, make, subscribers };
  }

  test("a change is seen at once, there and back", async () => {
    const { write, make, subscribers } = await endpoint();
    const { client } = make("t");
    expect(await client.isEnabled()).toBe(true);
    await expect.poll(subscribers).toBe(1);
    for (let version = 2; version <= 11; version++) {
      const enabled = version % 2 === 1;
      await write({ ...(enabled ? policy() : off()), version });
      await until(() => client.peek().version === version);
      expect(client.peek()).toMatchObject({ trace: enabled, source: "snapshot" });
    }
  });

  test("nothing is left of the subscription after close()", async () => {
    const { make, subscribers } = await endpoint();
    const { client } = make("t");
    await client.ready();
    await expect.poll(subscribers).toBe(1);
    await client.close();
    await expect.poll(subscribers, { timeout: 10_000 }).toBe(0);
  });

  test("a token that is refused is told of once, and does not keep the policy from being read", async () => {
    const { upstash, make } = await endpoint();
    const { client, logged } = make("wrong");
    await client.decide();
    const refused = () => logged.filter((line) => line.includes("changes are not pushed (HTTP 401 WRONGPASS"));
    await until(() => refused().length === 1);
    const asked = upstash.requests();
    await client.ready();
    expect(upstash.requests()).toBe(asked);
  });
});

describe("live", () => {
  const QUIET = { maxAgeMs: 1_000_000 };

  test("begins with a project's first use, and not when the client is made", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await new Promise(setImmediate);
    expect(it.redis.server.requests).toHaveLength(0);
    client.peek();
    await streams.seen(1);
    const [request] = streams.requests;
    expect(request).toMatchObject({
      method: "POST",
      url: `/subscribe/${encodeURIComponent(CHANNEL)}`,
      headers: { authorization: `Bearer ${it.redis.token}`, accept: "text/event-stream" },
    });
    client.peek();
    await client.decide();
    expect(streams.requests).toHaveLength(1);
  });

  test("reads the policy once the subscription stands: a change before it was not heard of", async () => {
    const it = await stand();
    const streams = streaming(it, faults.hang);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    it.redis.publish(off({ version: 2 }));
    await streams.seen(1);
    begun(streams.requests[0] as IncomingMessage, streams.responses[0] as ServerResponse);
    await until(() => client.peek().version === 2);
  });

  test("understands a message in pieces, comments, and line ends of either kind", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await streams.seen(1);
    const [response] = streams.responses;
    response?.write(": heartbeat\r\n\r\nevent: x\r\nid: 1\r\n\r\n");
    it.redis.publish(off({ version: 12 }));
    for (const piece of [`data: mess`, `age,${CHANNEL}`, `,1`, `2\r`, `\n\r\n`]) {
      response?.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => client.peek().version === 12);
  });

  test("reads again until a replica has what was announced", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await streams.seen(1);
    await until(() => it.redis.commands().length === 2);
    publish(streams.responses[0], 2);
    await until(() => it.redis.commands().length >= 4);
    it.redis.publish(off({ version: 2 }));
    await until(() => client.peek().version === 2);
    expect(it.redis.commands().length).toBeLessThan(10);
  });

  test("gives up on a version that never comes", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await until(() => it.redis.commands().length === 2);
    publish(streams.responses[0], 9);
    await until(() => it.redis.commands().length === 8);
    it.redis.publish(off({ version: 10 }));
    publish(streams.responses[0], 10);
    await until(() => client.peek().version === 10);
    expect(it.redis.commands().length).toBeLessThanOrEqual(11);
  });

  test("answers a hundred messages with a few reads", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await until(() => it.redis.commands().length === 2);
    it.redis.publish(off({ version: 101 }));
    for (let version = 2; version <= 101; version++) publish(streams.responses[0], version);
    await until(() => client.peek().version === 101);
    expect(it.redis.commands().length).toBeLessThan(20);
  });

  test("reads at a bounded rate, whatever is published", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await until(() => it.redis.commands().length === 2);
    const before = it.redis.commands().length;
    const begun = performance.now();
    while (performance.now() - begun < 500) {
      streams.responses[0]?.write(`data: message,${CHANNEL},rubbish\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const reads = it.redis.commands().length - before;
    expect(reads).toBeLessThan((performance.now() - begun) / 25 + 3);
    it.redis.publish(off({ version: 2 }));
    publish(streams.responses[0], 2);
    await until(() => client.peek().version === 2);
  });

  test("is not held up for good by a version that nobody will ever have", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await until(() => it.redis.commands().length === 2);
    publish(streams.responses[0], Number.MAX_SAFE_INTEGER);
    await until(() => it.redis.commands().length === 8);
    it.redis.publish(off({ version: 10 }));
    publish(streams.responses[0], 10);
    await until(() => client.peek().version === 10);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(it.redis.commands()).toHaveLength(10); // the version, then the document
  });

  test("tells of changes that were pushed or missed, and not of the first version", async () => {
    const it = await stand();
    const streams = streaming(it);
    const part = live();
    const told: unknown[] = [];
    part.onChange(() => {
      throw new Error("a listener's own");
    });
    part.onChange((...change) => void told.push(change));
    const client = it.redisClient({ live: part, ...QUIET });
    await client.ready();
    await until(() => it.redis.commands().length === 2);
    for (const version of [2, 3]) {
      it.redis.publish(off({ version }));
      publish(streams.responses[0], version);
      await until(() => told.length === version - 1);
    }
    publish(streams.responses[0], 3);
    it.redis.publish(off({ version: 4 }));
    streams.responses.at(-1)?.destroy();
    await until(() => told.length === 3);
    expect(told).toEqual([2, 3, 4].map((version) => [PROJECT, version]));
  });

  test("takes an answer that dribbles for ever, and is no subscription, for a silent one", async () => {
    const it = await stand();
    const streams = streaming(it, (_request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      const timer = setInterval(() => response.write("<p>wait</p>\n"), 20);
      response.on("close", () => clearInterval(timer));
    });
    await it.redisClient({ live: live({ silenceMs: 100 }), ...QUIET }).ready();
    await streams.seen(2);
    expect(it.logged).toEqual([expect.stringContaining("changes are not pushed (silent for 100 ms)")]);
  });

  test("does not read an error that never ends to its end", async () => {
    const it = await stand();
    let written = 0;
    streaming(it, (_request, response) => {
      response.writeHead(500);
      const timer = setInterval(() => {
        written++;
        response.write("x".repeat(60_000));
      }, 2);
      response.on("close", () => clearInterval(timer));
    });
    await it.redisClient({ live: live(), ...QUIET }).ready();
    await until(() => it.logged.length === 1);
    expect(it.logged[0]).toContain("(HTTP 500)");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written).toBe(before);
  });

  test("ends a silent stream of a fetch that knows no signal", async () => {
    const it = await stand();
    let opened = 0;
    let cancelled = 0;
    const client = it.redisClient({
      live: live({ silenceMs: 50 }),
      ...QUIET,
      fetch: async (input, init) => {
        if (!`${input}`.includes("/subscribe/")) return fetch(input, init);
        opened++;
        return new Response(new ReadableStream({ cancel: () => void cancelled++ }));
      },
    });
    await client.ready();
    await until(() => opened === 2 && cancelled >= 1);
  });

  test("comes back after the stream broke, and reads what it missed", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await until(() => it.redis.commands().length === 2);
    for (const [i, cut] of [(r?: ServerResponse) => r?.destroy(), (r?: ServerResponse) => r?.end()].entries()) {
      it.redis.publish(off({ version: i + 2 }));
      cut(streams.responses.at(-1));
      await until(() => client.peek().version === i + 2);
    }
    expect(streams.requests).toHaveLength(3);
    expect(it.logged).toEqual([]);
  });

  test("replaces a stream that is silent", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live({ silenceMs: 100 }), ...QUIET });
    await client.ready();
    await streams.seen(1);
    const closed = once(streams.responses[0] as ServerResponse, "close");
    await closed;
    await streams.seen(2);
    expect(it.logged).toEqual([]);
  });

  test("keeps a stream that has only heartbeats", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live({ silenceMs: 500 }), ...QUIET });
    await client.ready();
    await streams.seen(1);
    for (let i = 0; i < 20; i++) {
      streams.responses[0]?.write(": heartbeat\n\n");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(streams.requests).toHaveLength(1);
  });

  const broken = Object.entries({ ...faults, ...refusals, notFound: json({ error: "not found" }, 404) });
  test.each(broken)("with a stream that fails by %s is polling, and says so once", async (_name, fault) => {
    const it = await stand();
    streaming(it, fault);
    const client = it.redisClient({ live: live({ silenceMs: 100 }) });
    expect(await client.decide()).toMatchObject({ trace: true, source: "redis" });
    await until(() => it.logged.length > 0);
    expect(it.logged).toEqual([expect.stringMatching(/: changes are not pushed \(.+\); polling goes on$/)]);
    expect(it.logged.join()).not.toContain(it.redis.token);
    it.redis.publish(off({ version: 2 }));
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, version: 2, source: "redis" });
    expect(it.logged).toHaveLength(1);
  });

  test("tries again with pauses that grow, without another word", async () => {
    const it = await stand();
    const streams = streaming(it, faults.serverError);
    await it.redisClient({ live: live() }).decide();
    const times: number[] = [];
    for (let i = 1; i <= 3; i++) {
      await streams.seen(i);
      times.push(performance.now());
    }
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThan(450);
    expect(third - second).toBeGreaterThan(950);
    expect(it.logged).toHaveLength(1);
  });

  test("does not ask again for a while when it is refused", async () => {
    const it = await stand();
    const streams = streaming(it, refusals.noPermission);
    await it.redisClient({ live: live() }).decide();
    await until(() => it.logged.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // the longest pause after any other failure is 1.5 s
    expect(streams.requests).toHaveLength(1);
  });

  test("is for the projects used first; the others are polled", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ projectId: undefined, live: live({ maxStreams: 2 }), ...QUIET });
    for (const projectId of ["a", "b", "c", "a"]) await client.decide({ projectId });
    await streams.seen(2);
    await client.decide();
    expect(streams.requests.map(({ url = "" }) => decodeURIComponent(url))).toEqual([
      "/subscribe/tracing:a:changes",
      "/subscribe/tracing:b:changes",
    ]);
  });

  test("ends with close(): no stream, no timer, nothing asked any more", async () => {
    const it = await stand();
    const streams = streaming(it);
    const client = it.redisClient({ live: live(), ...QUIET });
    await client.ready();
    await streams.seen(1);
    const closed = once(streams.responses[0] as ServerResponse, "close");
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    await client.close();
    await closed;
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThan(before);
    const asked = it.redis.server.requests.length;
    client.peek({ projectId: "another" });
    await new Promise(setImmediate);
    expect(it.redis.server.requests).toHaveLength(asked);
  });

  test.each([faults.hang, faults.headersOnly, faults.serverError])(
    "ends with close() while it tries (%#)",
    async (fault) => {
      const it = await stand();
      const streams = streaming(it, fault);
      const client = it.redisClient({ live: live(), ...QUIET });
      await client.ready();
      await streams.seen(1);
      await client.close();
      await expect.poll(() => streams.responses[0]?.closed || streams.responses[0]?.writableFinished).toBe(true);
    },
  );

  test.each([
    ["redis", { redis: { mget: async () => [] } }],
    ["redis", { redis: null }],
  ])("needs the address of %s", (_name, options) => {
    const api = { url: "http://127.0.0.1:9", key: "k" };
    expect(() => createTracingToggle({ api, live: live(), ...options })).toThrow(
      new TypeError("tracing-toggle: redis must be { url, token } to be live"),
    );
  });

  test.each([{ maxStreams: 0 }, { silenceMs: Number.NaN }, { silenceMs: "60s" as never }])("refuses %j", (options) => {
    expect(() => live(options)).toThrow(/^tracing-toggle: (maxStreams|silenceMs) must be a number/);
  });
});
