import type { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startUpstashEndpoint, type UpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { client, key, openRedises, post, readOnlyToken, removeKeys, rest, token } from "./rest.ts";

const { servers, close } = await openRedises();
afterAll(close);

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
    await removeKeys(redis);
    await endpoint.close();
  });

  test("reads back what it wrote: strings, objects, numbers, hashes, nothing", async () => {
    expect(await redis.set(key("object"), { a: ["ü", 1, null] }, { ex: 100 })).toBe("OK");
    expect(await redis.get(key("object"))).toEqual({ a: ["ü", 1, null] });
    expect(await redis.ttl(key("object"))).toBeGreaterThan(70);
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
    expect(Math.abs((now as number) - Date.now())).toBeLessThan(15_000);
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
      timeout: 10_000,
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
});

test("keys of the embedded Redis expire by Date.now(), which a test may move", async () => {
  const [[, redisUrl] = ["", ""]] = servers;
  const endpoint = await startUpstashEndpoint({ redisUrl, token, readOnlyToken });
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
