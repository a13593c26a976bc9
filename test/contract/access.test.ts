// Sign-in by Cloudflare Access: assertions signed by a team whose keys are served, and rotate, as Cloudflare's do.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HOUR, MINUTE, moveClock, resetClock, SECOND } from "../harness/clock.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker, startWorker } from "../harness/worker.ts";

const AUDIENCE = "32eafc7626e737873e8e2f9c5f9a4b1c";
const SCOPES = "admin:Alice@example.org, write:*@example.org,read:*,report:f4c1.access";

interface Signer {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

async function makeSigner(kid: string, alg = "RS256"): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

let stack: Stack;
let team: Server;
let issuer: string;
/** What the team's domain serves. */
let published: Signer[];
let isAway = false;
let fetches = 0;
let first: Signer;
let second: Signer;
let worker: ReturnType<typeof createWorker>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  [first, second] = await Promise.all([makeSigner("first"), makeSigner("second")]);
  team = createServer((request, response) => {
    fetches++;
    const isThere = request.url === "/cdn-cgi/access/certs" && !isAway;
    response.writeHead(isThere ? 200 : 503, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  }).listen(0, "127.0.0.1");
  await once(team, "listening");
  issuer = `http://127.0.0.1:${(team.address() as { port: number }).port}`;
  id = await stack.createProject();
});
const behindAccess = (env: Record<string, string> = {}) =>
  createWorker({
    workerEnv: {
      ...stack.workerEnv,
      ...{ ACCESS_TEAM_DOMAIN: issuer, ACCESS_AUDIENCE: AUDIENCE, ACCESS_SCOPES: SCOPES },
      ...env,
    },
  });
beforeEach(() => {
  published = [first];
  isAway = false;
  worker = behindAccess();
});
afterEach(async () => {
  await worker.settled();
  resetClock();
});
afterAll(async () => {
  team?.close();
  await stack?.close();
});

interface Assertion extends JWTPayload {
  email?: string;
  common_name?: string;
}
async function assertion(claims: Assertion = {}, { alg, kid, privateKey }: Signer = first): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const whole = {
    iss: issuer,
    aud: [AUDIENCE],
    iat: now,
    nbf: now,
    exp: now + 3_600,
    email: "alice@example.org",
    ...claims,
  };
  return new SignJWT(whole).setProtectedHeader({ alg, kid }).sign(privateKey);
}
const call = (
  jwt: string,
  method = "GET",
  path = `/projects/${id}`,
  body?: unknown,
  headers: Record<string, string> = {},
) =>
  worker.fetch(`/api/v1${path}`, {
    method,
    headers: { "cf-access-jwt-assertion": jwt, ...(body ? { "content-type": "application/json" } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const statusOf = async (jwt: string) => (await call(jwt)).status;
const switchOff = (jwt: string, headers?: Record<string, string>) =>
  call(jwt, "PATCH", `/projects/${id}/tracing`, { tracing_enabled: false }, headers);

describe("a person whom Access let through", () => {
  test("is signed in, and the history tells who it was", async () => {
    const jwt = await assertion();
    const session = await (await call(jwt, "GET", "/session")).json();
    expect(session).toMatchObject({
      key: { id: "alice@example.org", name: "alice@example.org" },
      scopes: ["admin", "write", "read"],
      project_id: null,
    });
    expect(Date.parse(session.expires_at) - Date.now()).toBeLessThanOrEqual(HOUR);
    expect((await switchOff(jwt)).status).toBe(200);
    const { events } = await (await call(jwt, "GET", `/projects/${id}/events`)).json();
    expect(events[0].actor).toEqual({ id: "alice@example.org", name: "alice@example.org", via: "page" });
  });

  test("may do what the setting says of the address, of its domain, or of everyone", async () => {
    const scopesOf = async (email: string) =>
      (await (await call(await assertion({ email }), "GET", "/session")).json()).scopes;
    expect(await scopesOf("ALICE@Example.org")).toEqual(["admin", "write", "read"]);
    expect(await scopesOf("bob@example.org")).toEqual(["write", "read"]);
    expect(await scopesOf("eve@example.org.evil.example")).toEqual(["read"]);
    const eve = await assertion({ email: "eve@evil.example" });
    expect((await switchOff(eve)).status).toBe(403);
    expect((await call(eve, "POST", "/keys", { name: "x", scopes: ["admin"] })).status).toBe(403);
    worker = behindAccess({ ACCESS_SCOPES: "admin:alice@example.org" });
    expect(await problemOf(await call(eve))).toMatchObject({ status: 403, code: "forbidden" });
  });

  test("may make keys, once for each Idempotency-Key", async () => {
    const jwt = await assertion();
    const again = { "idempotency-key": crypto.randomUUID() };
    const make = async () => (await call(jwt, "POST", "/keys", { name: "CI", scopes: ["write"] }, again)).json();
    const { key } = await make();
    expect((await make()).key).toBe(key);
    const headers = { authorization: `Bearer ${key}` };
    expect((await worker.fetch(`/api/v1/projects/${id}`, { headers })).status).toBe(200);
  });

  test("changes nothing by a request that another site made the browser send", async () => {
    const jwt = await assertion();
    expect(await problemOf(await switchOff(jwt, { origin: "https://evil.example" }))).toMatchObject({
      code: "cross_origin",
    });
    expect((await switchOff(jwt, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await switchOff(jwt, { origin: "http://localhost", "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  test("is who the key says, when there is one, or the page's own sign-in while it lasts", async () => {
    const jwt = await assertion();
    const key = await stack.createKey({ scopes: ["read"] });
    expect((await switchOff(jwt, { authorization: `Bearer ${key}` })).status).toBe(403);
    expect((await switchOff(jwt, { authorization: "Bearer wrong" })).status).toBe(401);
    const signedIn = await call(jwt, "POST", "/session", { key });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] as string;
    expect((await switchOff(jwt, { cookie })).status).toBe(403);
    await call(jwt, "DELETE", "/session", undefined, { cookie });
    expect((await switchOff(jwt, { cookie })).status).toBe(200);
  });
});

test("a service token is told by its client id", async () => {
  const jwt = await assertion({ email: "", common_name: "f4c1.access" });
  expect((await (await call(jwt, "GET", "/session")).json()).scopes).toEqual(["read", "report"]);
});

describe("an assertion is refused", () => {
  const now = Math.floor(Date.now() / 1_000);
  test.for([
    ["for another application", { aud: ["other"] }],
    ["for no application", { aud: [] }],
    ["of another team", { iss: "https://evil.cloudflareaccess.com" }],
    ["that has ended", { exp: now - 60 }],
    ["that does not end", { exp: undefined }],
    ["that has not begun", { nbf: now + 600 }],
    ["that names nobody", { email: undefined }],
  ] as const)("%s", async ([, claims]) => {
    const response = await call(await assertion(claims as Assertion));
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ code: "unauthenticated" });
  });

  test("signed by somebody else, in another way, or not at all", async () => {
    const impostor = { ...(await makeSigner("first")), kid: "first" };
    const elliptic = await makeSigner("elliptic", "ES256");
    const rsaPss = await makeSigner("pss", "PS256");
    published = [first, elliptic, rsaPss];
    const good = await assertion();
    const [header, payload, signature] = good.split(".") as [string, string, string];
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const none = `${encode({ alg: "none" })}.${payload}.`;
    const publicKey = new TextEncoder().encode(JSON.stringify(first.jwk));
    const symmetric = await new SignJWT({ iss: issuer, aud: AUDIENCE, exp: now + 3_600, email: "alice@example.org" })
      .setProtectedHeader({ alg: "HS256", kid: "first" })
      .sign(publicKey);
    const changed = `${header}.${encode({ iss: issuer, aud: AUDIENCE, exp: now + 3_600, email: "eve@x" })}.${signature}`;
    for (const jwt of [
      ...[await assertion({}, impostor), await assertion({}, elliptic), await assertion({}, rsaPss)],
      ...[none, symmetric, changed, "", "x", "a.b.c", `${good}.x`, good.slice(0, -4)],
    ]) {
      expect(await statusOf(jwt), jwt.slice(0, 40)).toBe(401);
    }
    expect(await statusOf(good)).toBe(200);
  });

  test("where Access is not set up", async () => {
    worker = createWorker(stack);
    expect(await statusOf(await assertion())).toBe(401);
    expect((await call(await assertion(), "GET", "/session")).status).toBe(204);
  });
});

test("the Worker as it is deployed does the same", async () => {
  const deployed = await startWorker(stack, {
    ACCESS_TEAM_DOMAIN: issuer,
    ACCESS_AUDIENCE: AUDIENCE,
    ACCESS_SCOPES: SCOPES,
  });
  const ask = async (jwt: string) =>
    (await deployed.fetch(`/api/v1/projects/${id}`, { headers: { "cf-access-jwt-assertion": jwt } })).status;
  try {
    expect(await ask(await assertion())).toBe(200);
    published = [second, first];
    expect(await ask(await assertion())).toBe(200);
    expect(await ask(await assertion({ aud: "other" }))).toBe(401);
    expect(await ask(await assertion({}, await makeSigner("first")))).toBe(401);
  } finally {
    await deployed.close();
  }
});

describe("the team's keys", () => {
  test("are fetched once for many requests", async () => {
    const jwt = await assertion();
    const before = fetches;
    for (let i = 0; i < 5; i++) expect(await statusOf(jwt)).toBe(200);
    expect(fetches - before).toBe(1);
  });

  test("may rotate: the new one is found at its first use, and the old one ends when it is withdrawn", async () => {
    expect(await statusOf(await assertion())).toBe(200);
    published = [second, first];
    moveClock(6 * SECOND);
    expect(await statusOf(await assertion({}, second))).toBe(200);
    expect(await statusOf(await assertion())).toBe(200);
    published = [second];
    moveClock(11 * MINUTE);
    expect(await statusOf(await assertion())).toBe(401);
    expect(await statusOf(await assertion({}, second))).toBe(200);
  });

  test("are not fetched for every made-up id", async () => {
    expect(await statusOf(await assertion())).toBe(200);
    const unknown = await makeSigner("unknown");
    const before = fetches;
    for (let i = 0; i < 5; i++) expect(await statusOf(await assertion({}, unknown))).toBe(401);
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  test("that cannot be had are a 503, not a 401; those that were had last", async () => {
    isAway = true;
    const response = await call(await assertion());
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: "unavailable" });
    isAway = false;
    expect(await statusOf(await assertion())).toBe(200);
    isAway = true;
    expect(await statusOf(await assertion())).toBe(200);
  });
});
