import { Redis } from "@upstash/redis";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type EmbeddedRedis, startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import { startUpstashEndpoint, type UpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { realServer } from "./real-servers.ts";

const token = "full-token";
const readOnlyToken = "read-only-token";

const embedded = await startEmbeddedRedis();
const redisUrl = realServer("TEST_REDIS_URL");
const servers: [string, string][] = [["the embedded Redis", embedded.url]];
if (redisUrl) servers.push(["a real Redis", redisUrl]);
afterAll(() => embedded.close());

/** A key of this run: a real server may hold others. */
const key = (name: string) => `local-stack:${process.pid}:${name}`;

function client(url: string, use = token): Redis {
  return new Redis({ url, token: use, retry: { retries: 0 }, enableTelemetry: false });
}

/** A request without the client. */
async function rest(endpoint: UpstashEndpoint, path: string, init: RequestInit & { token?: string } = {}) {
  const headers = { Authorization: `Bearer ${init.token ?? token}`, ...(init.headers as Record<string, string>) };
  const response = await fetch(`${endpoint.url}${path}`, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

const post = (body: unknown): RequestInit => ({ method: "POST", body: JSON.stringify(body) });

describe.each(servers)("Upstash's client on %s", (_, url) => {
  let endpoint: UpstashEndpoint;
  let redis: Redis;
  let reader: Redis;

  beforeAll(async () => {
    endpoint = await startUpstashEndpoint({ redisUrl: url, token, readOnlyToken });
    redis = client(endpoint.url);
    reader = client(endpoint.url, readOnlyToken);
  });
  afterAll(async () => {
    const keys = await redis.keys(key("*"));
    if (keys.length > 0) await redis.del(...keys);
    await endpoint.close();
  });

  test("reads back what it wrote: strings, objects, numbers, hashes, nothing", async () => {
    expect(await redis.set(key("object"), { a: ["ü", 1, null] }, { ex: 100 })).toBe("OK");
    expect(await redis.get(key("object"))).toEqual({ a: ["ü", 1, null] });
    expect(await redis.ttl(key("object"))).toBeGreaterThan(90);
    await redis.set(key("ok"), "OK");
    expect(await redis.mget(key("ok"), key("object"), key("missing"))).toEqual(["OK", { a: ["ü", 1, null] }, null]);
    expect(await redis.hset(key("hash"), { x: 1, y: "é" })).toBe(2);
    expect(await redis.hgetall(key("hash"))).toEqual({ x: 1, y: "é" });
    expect(await redis.hgetall(key("missing"))).toBeNull();
    expect(await redis.incrby(key("n"), 41)).toBe(41);
  });

  test("runs scripts, by text and by hash, with nested replies", async () => {
    expect(await redis.eval("return {1, {2, {'deep'}}, KEYS[1], ARGV[1], false}", ["k"], ["v"])).toEqual([
      1,
      [2, ["deep"]],
      "k",
      "v",
      null,
    ]);
    const sha = await redis.scriptLoad("return redis.call('SET', KEYS[1], ARGV[1])");
    expect(await redis.evalsha(sha, [key("by-hash")], ["1"])).toBe("OK");
    expect(await redis.scriptExists(sha, "0".repeat(40))).toEqual([1, 0]);
    await expect(redis.evalsha("0".repeat(40), [], [])).rejects.toThrow("NOSCRIPT");
  });

  test("has what a script of versioned writes needs: PXAT, the time, JSON, publishing", async () => {
    const at = Date.now() + 60_000;
    const script = `
      local now = redis.call('TIME')
      redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
      redis.call('SET', KEYS[2], 'false')
      local document = cjson.decode(redis.call('GET', KEYS[1]))
      redis.call('PUBLISH', KEYS[3], document.version)
      return { string.format('%.0f', document.version), redis.call('PEXPIRETIME', KEYS[1]), redis.call('PTTL', KEYS[2]),
        redis.call('PTTL', KEYS[3]), now[1] * 1000 + math.floor(now[2] / 1000), tostring(pcall(cjson.decode, '{'))}`;
    const keys = [key("doc"), key("forever"), key("missing")];
    const [version, expiresAt, forever, missing, now, decoded] = await redis.eval<string[], unknown[]>(script, keys, [
      '{"version":1764000000123}',
      String(at),
    ]);
    expect([version, expiresAt, forever, missing, decoded]).toEqual([1764000000123, at, -1, -2, false]);
    expect(Math.abs((now as number) - Date.now())).toBeLessThan(5_000);
  });

  test("runs a pipeline in order; one command's error is its own", async () => {
    const answer = await rest(
      endpoint,
      "/pipeline",
      post([
        ["SET", key("p"), "x"],
        ["INCR", key("p")],
        ["GET", key("p")],
      ]),
    );
    expect(answer).toEqual({
      status: 200,
      body: [{ result: "OK" }, { error: "ERR value is not an integer or out of range" }, { result: "x" }],
    });
    const pipeline = redis.pipeline().set(key("p"), "OK").get(key("p")).mget(key("p"), key("missing"));
    expect(await pipeline.exec()).toEqual(["OK", "OK", ["OK", null]]);
  });

  test("runs a transaction whole, or not at all", async () => {
    expect(await redis.multi().set(key("t"), 1).incr(key("t")).get(key("t")).exec()).toEqual(["OK", 2, 2]);
    expect(
      await rest(
        endpoint,
        "/multi-exec",
        post([
          ["SET", key("t"), "x"],
          ["INCR", key("t")],
        ]),
      ),
    ).toEqual({
      status: 200,
      body: [{ result: "OK" }, { error: "ERR value is not an integer or out of range" }],
    });
    expect(await rest(endpoint, "/multi-exec", post([["SET", key("t"), "lost"], ["GET"]]))).toEqual({
      status: 400,
      body: { error: "EXECABORT Transaction discarded because of previous errors." },
    });
    expect(await redis.get(key("t"))).toBe("x");
  });

  test("keeps concurrent transactions apart", async () => {
    const write = () => redis.multi().incr(key("c")).get(key("c")).exec<[number, number]>();
    const results = await Promise.all(Array.from({ length: 20 }, write));
    for (const [incremented, read] of results) expect(read).toBe(incremented);
  });

  test("takes commands in the path, the body as last argument, options in the query", async () => {
    expect(await rest(endpoint, `/set/${key("path")}/a%2Fb%20%C3%BC?EX=100&NX`)).toEqual({
      status: 200,
      body: { result: "OK" },
    });
    expect(await rest(endpoint, `/GET/${key("path")}`)).toEqual({ status: 200, body: { result: "a/b ü" } });
    for (const method of ["POST", "PUT"]) {
      await rest(endpoint, `/set/${key("path")}?EX=100`, { method, body: `["${method}"]` });
      expect((await rest(endpoint, `/get/${key("path")}`)).body).toEqual({ result: `["${method}"]` });
      expect((await rest(endpoint, `/ttl/${key("path")}`)).body).toEqual({ result: 100 });
    }
    expect(await rest(endpoint, "/", post(["set", key("n"), 12.5, "ex", 100]))).toMatchObject({ status: 200 });
    expect((await rest(endpoint, `/mget/${key("n")}/${key("missing")}`)).body).toEqual({ result: ["12.5", null] });
  });

  test("answers bytes in base64 when asked", async () => {
    const binary = Buffer.from([0, 255, 10, 128]);
    await rest(endpoint, `/set/${key("bytes")}`, { method: "POST", body: binary });
    const headers = { "Upstash-Encoding": "base64" };
    expect((await rest(endpoint, `/get/${key("bytes")}`, { headers })).body).toEqual({
      result: binary.toString("base64"),
    });
    expect((await rest(endpoint, `/set/${key("bytes")}/x`, { headers })).body).toEqual({ result: "OK" });
    expect((await rest(endpoint, "/ping", { headers })).body).toEqual({ result: "UE9ORw==" });
    expect((await rest(endpoint, `/eval/return {1,{'a'}}/0`, { headers })).body).toEqual({ result: [1, ["YQ=="]] });
  });

  test("refuses a wrong or missing token on every route", async () => {
    const error = "WRONGPASS invalid or missing auth token";
    for (const [path, init] of [
      ["/get/k", {}],
      ["/", post(["GET", "k"])],
      ["/pipeline", post([["GET", "k"]])],
      ["/multi-exec", post([["GET", "k"]])],
      ["/subscribe/c", {}],
      ["/psubscribe/c", { method: "POST" }],
      ["/get/k", { method: "DELETE" }],
    ] as [string, RequestInit][]) {
      for (const wrong of ["", "guess", `${token}x`]) {
        expect(await rest(endpoint, path, { ...init, token: wrong }), path).toEqual({ status: 401, body: { error } });
      }
      expect((await fetch(`${endpoint.url}${path}`, init)).status).toBe(401);
    }
    expect((await fetch(`${endpoint.url}/get/k?_token=guess`)).status).toBe(401);
    await expect(client(endpoint.url, "guess").get("k")).rejects.toThrow(error);
  });

  test("takes the token in the query", async () => {
    const response = await fetch(`${endpoint.url}/set/${key("q")}/v?_token=${token}`);
    expect(await response.json()).toEqual({ result: "OK" });
    expect(await (await fetch(`${endpoint.url}/get/${key("q")}?_token=${readOnlyToken}`)).json()).toEqual({
      result: "v",
    });
  });

  test("lets the read-only token read, and nothing else, also inside a pipeline", async () => {
    await redis.set(key("r"), "v");
    expect(await reader.mget(key("r"), key("missing"))).toEqual(["v", null]);
    const no = (command: string) => `NOPERM this user has no permissions to run the '${command}' command`;
    await expect(reader.set(key("r"), "w")).rejects.toThrow(no("set"));
    await expect(reader.eval("return 1", [], [])).rejects.toThrow(no("eval"));
    await expect(reader.evalsha("0".repeat(40), [], [])).rejects.toThrow(no("evalsha"));
    await expect(reader.publish("c", "m")).rejects.toThrow(no("publish"));
    await expect(reader.flushall()).rejects.toThrow(no("flushall"));
    await expect(reader.keys("*")).rejects.toThrow(no("keys"));
    const mixed = post([
      ["GET", key("r")],
      ["del", key("r")],
      ["GET", key("r")],
    ]);
    expect((await rest(endpoint, "/pipeline", { ...mixed, token: readOnlyToken })).body).toEqual([
      { result: "v" },
      { error: expect.stringContaining(no("del")) },
      { result: "v" },
    ]);
    expect(await rest(endpoint, "/multi-exec", { ...mixed, token: readOnlyToken })).toMatchObject({ status: 400 });
    expect(await redis.get(key("r"))).toBe("v");
  });

  test("answers errors with a 400 that names them", async () => {
    for (const [path, init, error] of [
      ["/get", {}, "ERR wrong number of arguments for 'get' command"],
      ["/nonsense", {}, /^ERR unknown command/],
      ["/", {}, "ERR empty command"],
      ["/get/%zz", {}, /^ERR .*percent-encoding/],
      ["/", post({}), /^ERR .*array/],
      ["/", post([]), "ERR empty command"],
      ["/", post(["SET", "k", { a: 1 }]), /^ERR .*strings or numbers/],
      ["/", { method: "POST", body: "{" }, /^ERR .*JSON/],
      ["/pipeline", post({}), /^ERR .*array/],
      ["/pipeline", post([]), "ERR empty pipeline request"],
      ["/pipeline", post(["GET"]), /^ERR .*array/],
      ["/", post(["MULTI"]), "ERR Command is not available: 'MULTI'"],
      ["/", post(["BLPOP", "l", 0]), "ERR Command is not available: 'BLPOP'"],
      ["/", post(["XREAD", "block", 0, "STREAMS", "s", "$"]), "ERR Command is not available: 'XREAD'"],
    ] as [string, RequestInit, string | RegExp][]) {
      const answer = await rest(endpoint, path, init);
      expect(answer, path).toEqual({ status: 400, body: { error: expect.stringMatching(error) } });
    }
    expect(await rest(endpoint, "/get/k", { method: "DELETE" })).toMatchObject({ status: 405 });
    expect((await fetch(`${endpoint.url}/get/k?_token=${token}`, { method: "HEAD" })).status).toBe(200);
  });

  test("counts requests and commands", async () => {
    const before = { requests: endpoint.requests(), commands: endpoint.commands() };
    await redis.pipeline().get("a").get("b").get("c").exec();
    await redis.mget("a", "b");
    expect(endpoint.requests() - before.requests).toBe(2);
    expect(endpoint.commands() - before.commands).toBe(4);
  });

  test("delivers what is published on a channel, and leaves it when the client does", async () => {
    const channel = key("channel");
    const subscription = reader.subscribe(channel);
    const messages: unknown[] = [];
    const subscribed = new Promise((resolve) => subscription.on("subscribe", resolve));
    const received = new Promise<void>((resolve) =>
      subscription.on("message", ({ message }) => messages.push(message) === 2 && resolve()),
    );
    expect(await subscribed).toBe(1);
    await redis.publish(channel, { version: 7 });
    await redis.publish(channel, "a, b");
    await received;
    expect(messages).toEqual([{ version: 7 }, "a, b"]);

    expect(await redis.exec(["PUBSUB", "NUMSUB", channel])).toEqual([channel, 1]);
    await subscription.unsubscribe();
    await vi.waitFor(async () => expect(await redis.exec(["PUBSUB", "NUMSUB", channel])).toEqual([channel, 0]), {
      interval: 5,
    });
  });

  test("delivers what is published on channels that match a pattern", async () => {
    const subscription = redis.psubscribe(key("many:*"));
    const received = new Promise((resolve) => subscription.on("pmessage", resolve));
    await new Promise((resolve) => subscription.on("psubscribe", resolve));
    await redis.publish(key("many:1"), "hello".length);
    expect(await received).toMatchObject({ channel: key("many:1"), message: 5 });
    await subscription.unsubscribe();
  });

  test("sends events in Upstash's own format", async () => {
    const abort = new AbortController();
    const response = await fetch(`${endpoint.url}/subscribe/${key("raw")}?_token=${token}`, { signal: abort.signal });
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    const events = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await events.read()).value);
    expect(await next()).toBe(`data: subscribe,${key("raw")},1\n\n`);
    await redis.publish(key("raw"), "17");
    expect(await next()).toBe(`data: message,${key("raw")},17\n\n`);
    abort.abort();
  });
});

describe("a Redis that goes away", () => {
  let redis: EmbeddedRedis | undefined;
  let endpoint: UpstashEndpoint | undefined;
  afterEach(async () => {
    await endpoint?.close();
    await redis?.close();
    endpoint = redis = undefined;
  });

  test("is a prompt 503 on every route, ends subscriptions, and is used again when it is back", async () => {
    redis = await startEmbeddedRedis();
    const port = Number(new URL(redis.url).port);
    const server = await startUpstashEndpoint({ redisUrl: redis.url, token, readOnlyToken });
    endpoint = server;
    const events = await fetch(`${server.url}/subscribe/c?_token=${token}`);
    await redis.close();
    expect(await events.text()).toBe("data: subscribe,c,1\n\n");

    const startedAt = performance.now();
    const error = expect.stringContaining("ERR Redis is not reachable");
    for (const [path, init] of [
      ["/get/k", {}],
      ["/pipeline", post([["GET", "k"]])],
      ["/multi-exec", post([["GET", "k"]])],
      ["/subscribe/c", {}],
    ] as [string, RequestInit][]) {
      expect(await rest(server, path, init)).toEqual({ status: 503, body: { error } });
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000);

    redis = await startEmbeddedRedis({ port });
    await vi.waitFor(async () => expect(await rest(server, "/get/k")).toMatchObject({ status: 200 }), { interval: 10 });
  });

  test("is an error at the start", async () => {
    const starting = startUpstashEndpoint({ redisUrl: "redis://127.0.0.1:1", token, readOnlyToken });
    await expect(starting).rejects.toThrow("ECONNREFUSED");
  });
});

test("keys of the embedded Redis expire by Date.now(), which a test may move", async () => {
  const endpoint = await startUpstashEndpoint({ redisUrl: embedded.url, token, readOnlyToken });
  const redis = client(endpoint.url);
  try {
    await redis.set("day", "false", { ex: 86_400 });
    await redis.set("forever", "false");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_399_000 });
    expect(await redis.mget("day", "forever")).toEqual([false, false]);
    vi.setSystemTime(Date.now() + 1_001);
    expect(await redis.mget("day", "forever")).toEqual([null, false]);
    expect(await redis.eval("return redis.call('TTL', KEYS[1])", ["day"], [])).toBe(-2);
  } finally {
    vi.useRealTimers();
    await endpoint.close();
  }
});
