import { neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNeonFetch } from "../../dev/neon/app.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../dev/neon/endpoint.ts";
import { openPostgres } from "../../dev/neon/postgres.ts";
import { openDatabases } from "./real-servers.ts";

const backends = await openDatabases();
afterAll(() => Promise.all(backends.map(([, backend]) => backend.close())));

// A URL of its own, whatever the server's: with a password that needs encoding.
const connectionString = "postgresql://app%40user:p%2Fss%3Aw%C3%B6rd@db.example/main";

describe.each(backends)("Neon's HTTP protocol on %s", (_, backend) => {
  let endpoint: NeonEndpoint;
  beforeAll(async () => {
    endpoint = await startNeonEndpoint({ backend, connectionString });
    neonConfig.fetchEndpoint = endpoint.url;
  });
  afterAll(() => endpoint.close());

  /** A request without the driver. */
  async function post(
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: { [field: string]: unknown } }> {
    const response = await fetch(endpoint.url, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "Neon-Connection-String": connectionString, ...headers },
    });
    return { status: response.status, body: await response.json() };
  }

  test("takes JSON arrays and objects as parameters of a bare request", async () => {
    const { body } = await post({
      query: "SELECT $1::int[] AS ints, $2::jsonb[] AS docs, $3::text[] AS texts, $4::int + 1 AS n",
      params: [
        [
          [1, 2],
          [3, null],
        ],
        [{ a: '"' }],
        ["NULL", null, "\\"],
        41,
      ],
    });
    expect(body.rows).toEqual([
      {
        ints: "{{1,2},{3,NULL}}",
        docs: String.raw`{"{\"a\": \"\\\"\"}"}`,
        texts: String.raw`{"NULL",NULL,"\\"}`,
        n: 42,
      },
    ]);
  });

  test("answers values for a bare request, and text or arrays when asked", async () => {
    const query = `SELECT 1 AS n, true AS b, '{"a":1}'::json AS j, 'NaN'::float8 AS f, NULL AS z, 2::int8 AS big`;
    expect((await post({ query })).body.rows).toEqual([{ n: 1, b: true, j: { a: 1 }, f: "NaN", z: null, big: "2" }]);
    const raw = await post({ query }, { "Neon-Raw-Text-Output": "true", "Neon-Array-Mode": "true" });
    expect(raw.body).toMatchObject({ rowAsArray: true, rows: [["1", "t", '{"a":1}', "NaN", null, "2"]] });
    expect((await post({ query: "SELECT 1 AS n", arrayMode: true })).body.rows).toEqual([[1]]);
  });

  test("refuses wrong credentials as Neon does", async () => {
    await expect(neon(connectionString.replace("app%40user", "nobody"))`SELECT 1`).rejects.toMatchObject({
      name: "NeonDbError",
      message: "password authentication failed for user 'nobody'",
    });
    for (const [wrong, message] of [
      [connectionString.replace("p%2Fss", "guess"), "password authentication failed for user 'app@user'"],
      [connectionString.replace(/:p%2F[^@]*/, ""), "missing authentication credentials: required password"],
      [connectionString.replace("/main", "/other"), 'database "other" does not exist'],
      [connectionString.replace("/main", ""), "missing database name"],
      ["mysql://a:b@c/d", "incorrect scheme"],
      ["nonsense", "invalid connection string: not a URL"],
      ["postgresql://%zz:b@c/d", "invalid connection string: malformed percent-encoding"],
    ] as const) {
      const answer = await post({ query: "SELECT 1" }, { "Neon-Connection-String": wrong });
      expect(answer).toMatchObject({ status: 400, body: { message } });
    }
  });

  test("answers a malformed request with a 400 that says what is wrong", async () => {
    for (const body of [
      "",
      "{",
      "null",
      "[]",
      '"x"',
      {},
      { query: 1 },
      { query: "SELECT 1", params: {} },
      { queries: 1 },
      { queries: ["SELECT 1"] },
      { queries: [null] },
      { query: "SELECT 1\0" },
      { query: "SELECT 1", arrayMode: 1 },
      `{"query":"x","params":[${"[".repeat(5_000)}${"]".repeat(5_000)}]}`,
    ]) {
      const answer = await post(body);
      expect(answer.status, JSON.stringify(body)).toBe(400);
      expect(answer.body.message).toEqual(expect.any(String));
    }
    expect(await post({ queries: [] }, { "Neon-Batch-Isolation-Level": "Chaos" })).toMatchObject({
      status: 400,
      body: { message: "invalid isolation level" },
    });
    expect(await post({ query: "SELECT $1::int", params: [] })).toMatchObject({ status: 400, body: { code: "08P01" } });
    expect(await post({ query: `COPY pg_class FROM STDIN` })).toMatchObject({ status: 400, body: { code: "57014" } });
    expect(await neon(connectionString)`SELECT 1 AS still_there`).toEqual([{ still_there: 1 }]);
  });

  test("refuses what is beyond Neon's 10 MB, in both directions", async () => {
    expect((await post({ query: `SELECT 1 -- ${"x".repeat(11 * 1024 * 1024)}` })).status).toBe(413);
    expect((await post({ query: "SELECT repeat('x', 11 * 1024 * 1024)" })).status).toBe(507);
  });

  test("counts one request for a batch, however long", async () => {
    const before = endpoint.requests();
    const sql = neon(connectionString);
    await sql.transaction([sql`SELECT 1`, sql`SELECT 2`, sql`SELECT 3`]);
    expect(endpoint.requests() - before).toBe(1);
  });

  test("works in process, without a port", async () => {
    neonConfig.fetchFunction = createNeonFetch({ backend });
    try {
      expect(await neon(backend.connectionString)`SELECT 1 AS n`).toEqual([{ n: 1 }]);
    } finally {
      neonConfig.fetchFunction = undefined;
    }
  });
});

test("a Postgres that cannot be reached is a 500, not a NeonDbError of the query", async () => {
  const closed = openPostgres("postgres://nobody:x@127.0.0.1:1/none");
  const fetchNeon = createNeonFetch({ backend: closed });
  const response = await fetchNeon("http://any/sql", {
    method: "POST",
    body: '{"query":"SELECT 1"}',
    headers: { "Neon-Connection-String": closed.connectionString },
  });
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
  await closed.close();
});
