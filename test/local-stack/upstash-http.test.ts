import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type EmbeddedRedis, startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import { startUpstashEndpoint, type UpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { client, key, openRedises, post, readOnlyToken, removeKeys, rest, token } from "./rest.ts";

const { servers, close } = await openRedises();
afterAll(close);

describe.each(servers)("Upstash's REST API on %s", (_, url) => {
  let endpoint: UpstashEndpoint;
  beforeAll(async () => {
    endpoint = await startUpstashEndpoint({ redisUrl: url, token, readOnlyToken });
  });
  afterAll(async () => {
    await removeKeys(client(endpoint.url));
    await endpoint.close();
  });

  test("takes commands in the path, the body as last argument, options in the query", async () => {
    expect(await rest(endpoint, `/set/${key("path")}/a%2Fb%20%C3%BC?EX=100&NX`)).toEqual({
      status: 200,
      body: { result: "OK" },
    });
    expect(await rest(endpoint, `/GET/${key("path")}`)).toEqual({ status: 200, body: { result: "a/b ü" } });
    for (const method of ["POST", "PUT"]) {
      await rest(endpoint, `/set/${key("path")}?EXAT=4000000000`, { method, body: `["${method}"]` });
      expect((await rest(endpoint, `/get/${key("path")}`)).body).toEqual({ result: `["${method}"]` });
      expect((await rest(endpoint, `/expiretime/${key("path")}`)).body).toEqual({ result: 4_000_000_000 });
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

  test("sends events in Upstash's own format", async () => {
    const abort = new AbortController();
    const response = await fetch(`${endpoint.url}/subscribe/${key("raw")}?_token=${token}`, { signal: abort.signal });
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    const events = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await events.read()).value);
    expect(await next()).toBe(`data: subscribe,${key("raw")},1\n\n`);
    await client(endpoint.url).publish(key("raw"), "17");
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
    expect(performance.now() - startedAt).toBeLessThan(4_000);

    redis = await startEmbeddedRedis({ port });
    await vi.waitFor(async () => expect(await rest(server, "/get/k")).toMatchObject({ status: 200 }), {
      interval: 10,
      timeout: 10_000,
    });
  });

  test("is an error at the start", async () => {
    const starting = startUpstashEndpoint({ redisUrl: "redis://127.0.0.1:1", token, readOnlyToken });
    await expect(starting).rejects.toThrow("ECONNREFUSED");
  });
});
