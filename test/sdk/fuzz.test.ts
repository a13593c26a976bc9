import { type AddressInfo, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Decision } from "../../sdk/src/index.ts";
import { off, PROJECT, policy, stand } from "./stand.ts";

const TIMEOUT_MS = 30;
const SLACK_MS = 1_500; // a loaded machine; a decision that hangs would take for ever

/** What goes over the wire after a request: these bytes after that time, and then the end, a reset or silence. */
interface Wire {
  bytes: Buffer;
  delayMs: number;
  then: "end" | "reset" | "silence";
}

async function wireServer(): Promise<{ url: string; wire: Wire }> {
  const sockets = new Set<Socket>();
  const it = { url: "", wire: { bytes: Buffer.alloc(0), delayMs: 0, then: "end" } as Wire };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.once("data", () => {
      const { bytes, delayMs, then } = it.wire;
      setTimeout(() => {
        socket.write(bytes, () => {
          if (then === "end") socket.end();
          if (then === "reset") socket.resetAndDestroy();
        });
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  it.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return it;
}

const document = JSON.stringify(policy({ version: 2, overrides: { u: [false, null] } }));
const answers = [
  JSON.stringify({ result: ["true", document, "2"] }),
  JSON.stringify({ enabled: true, policy: JSON.parse(document) }),
];

const body = fc.oneof(
  fc.constantFrom(...answers).map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(`{"result":["false",${JSON.stringify(text)},"1"]}`)),
  fc.json().map((text) => Buffer.from(`{"enabled":false,"policy":${text}}`)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const header = fc.constantFrom(
  "content-type: application/json",
  "content-type: text/html; charset=utf-16",
  "content-encoding: gzip",
  "content-encoding: br",
  "content-encoding: nonsense",
  "content-length: 5",
  "content-length: 100000",
  "content-length: -1",
  "transfer-encoding: chunked",
  "location: /again",
  "connection: close",
  "retry-after: 99999999999",
  "set-cookie: a=b; Path=/",
  "x: \u0000",
  ": nameless",
);
const response = fc
  .record({
    status: fc.oneof(fc.constantFrom(200, 200, 200, 404, 410), fc.integer({ min: 100, max: 999 })),
    headers: fc.array(header, { maxLength: 3 }),
    body,
    framed: fc.boolean(),
  })
  .map(({ status, headers, body, framed }) => {
    const lines = framed ? [...headers, `content-length: ${body.length}`] : headers;
    return Buffer.concat([Buffer.from(`HTTP/1.1 ${[`${status} OK`, ...lines, "", ""].join("\r\n")}`, "latin1"), body]);
  });
const wire: fc.Arbitrary<Wire> = fc
  .record({
    bytes: fc.oneof(
      { weight: 5, arbitrary: response },
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    ),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    delayMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(TIMEOUT_MS)),
    then: fc.constantFrom("end" as const, "end" as const, "end" as const, "reset" as const, "silence" as const),
  })
  .map(({ bytes, cut, ...rest }) => ({ ...rest, bytes: cut === null ? bytes : bytes.subarray(0, cut * bytes.length) }));

const isDecision = (decision: Decision) =>
  typeof decision.trace === "boolean" &&
  typeof decision.reason === "string" &&
  (decision.capture === "full" || decision.capture === "metadata") &&
  decision.sampleRate >= 0 &&
  decision.sampleRate <= 1 &&
  (decision.version === null || Number.isSafeInteger(decision.version)) &&
  ["snapshot", "redis", "api", "fallback"].includes(decision.source);

test("whatever Redis and the API send, cut anywhere and however late, there is a decision within the bound", async () => {
  const it = await stand();
  const [redis, api] = await Promise.all([wireServer(), wireServer()]);
  await fc.assert(
    fc.asyncProperty(wire, wire, async (byRedis, byApi) => {
      redis.wire = byRedis;
      api.wire = byApi;
      const client = it.client({
        redis: { url: redis.url, token: "t" },
        api: { url: api.url, key: "k" },
        timeoutMs: TIMEOUT_MS,
        logger: null,
      });
      const start = performance.now();
      const decision = await client.decide({ userId: "u" });
      expect(performance.now() - start).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      expect(isDecision(decision)).toBe(true);
      expect(isDecision(client.peek({ userId: "u" }))).toBe(true);
      await client.close();
      await it.idle();
    }),
    { numRuns: 100 },
  );
}, 60_000);

test("an answer cut anywhere never turns on what is off", async () => {
  const it = await stand();
  it.redis.publish(off());
  const mine = await wireServer();
  const whole = answers[0] as string;
  const cuts = Array.from({ length: whole.length }, (_, length) => length);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cuts), fc.boolean(), async (length, honest) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${honest ? length : whole.length}\r\n\r\n`;
      mine.wire = { bytes: Buffer.from(head + whole.slice(0, length)), delayMs: 0, then: "end" };
      let url = it.redis.url;
      const client = it.redisClient({
        redis: { url: it.redis.url, token: it.redis.token },
        fetch: (input, init) => fetch(`${input}`.replace(it.redis.url, url), init),
      });
      expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled" });
      url = mine.url;
      it.now += 1_000;
      expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled", source: "fallback" });
      await client.close();
    }),
    { numRuns: 100 },
  );
});

test("any document that Redis holds gives a decision, and a false beside it only traces users it names", async () => {
  const it = await stand();
  const field = fc.constantFrom(
    "version",
    "enabled",
    "reason",
    "sample_rate",
    "capture",
    "until",
    "overrides",
    "transitions",
  );
  const change = fc.tuple(field, fc.oneof(fc.jsonValue(), fc.integer(), fc.boolean()));
  const enabled = fc.constantFrom("true", "false", "", "FALSE", "\u0000");
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 3 }), enabled, fc.string(), async (changes, state, userId) => {
      it.redis.publish({ ...policy(), ...Object.fromEntries(changes) }, state);
      it.redis.keys.set(`tracing:${PROJECT}:enabled`, state);
      const client = it.redisClient({ logger: null });
      const decision = await client.decide({ userId });
      expect(isDecision(decision)).toBe(true);
      if (state === "false" && decision.reason !== "user_override") expect(decision.trace).toBe(false);
      await client.close();
    }),
    { numRuns: 100 },
  );
});
