import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { sql as drizzleSql, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNeonFetch } from "../../dev/neon/app.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../dev/neon/endpoint.ts";
import { openDatabases, realServer } from "./real-servers.ts";

const databaseUrl = realServer("TEST_DATABASE_URL");
const backends = await openDatabases();
afterAll(() => Promise.all(backends.map(([, backend]) => backend.close())));

const table = `local_stack_${process.pid}_${Date.now()}`;

describe.each(backends)("the Neon driver on %s", (_, backend) => {
  let endpoint: NeonEndpoint;
  let sql: NeonQueryFunction<false, false>;

  beforeAll(async () => {
    endpoint = await startNeonEndpoint({ backend });
    neonConfig.fetchEndpoint = endpoint.url;
    sql = neon(endpoint.connectionString);
    await sql.query(`CREATE TABLE ${table} (id int PRIMARY KEY, name text NOT NULL, parent int REFERENCES ${table},
      data jsonb, n int NOT NULL DEFAULT 0, CONSTRAINT ${table}_positive CHECK (n >= 0))`);
  });
  afterAll(async () => {
    await sql?.query(`DROP TABLE IF EXISTS ${table}`);
    await endpoint?.close();
  });

  test("returns every column type as the real service does", async () => {
    const [row] = await sql`SELECT
      9007199254740993::int8 AS int8, 7::int4 AS int4, 12345678901234567890.123456789::numeric AS numeric,
      '{"a":[1,null,"x"]}'::jsonb AS jsonb, '{1,NULL,3}'::int4[] AS ints, '{"a b","c\\"d",NULL}'::text[] AS texts,
      '\\x00ff'::bytea AS bytea, '2026-01-02T03:04:05.678Z'::timestamptz AS at, NULL::text AS nothing, true AS yes,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS uuid, 'NaN'::float8 AS nan, '-Infinity'::float8 AS minus_infinity,
      0.1::float8 + 0.2::float8 AS sum, '{"{\\"k\\":1}"}'::jsonb[] AS docs, ''::text AS empty`;
    expect(row).toEqual({
      int8: "9007199254740993",
      int4: 7,
      numeric: "12345678901234567890.123456789",
      jsonb: { a: [1, null, "x"] },
      ints: [1, null, 3],
      texts: ["a b", 'c"d', null],
      bytea: Buffer.from([0, 255]),
      at: new Date("2026-01-02T03:04:05.678Z"),
      nothing: null,
      yes: true,
      uuid: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      nan: Number.NaN,
      minus_infinity: Number.NEGATIVE_INFINITY,
      sum: 0.30000000000000004,
      docs: [{ k: 1 }],
      empty: "",
    });
  });

  test("takes every type of parameter", async () => {
    const at = new Date("2026-05-06T07:08:09.123Z");
    const [row] = await sql`SELECT ${null}::text AS nothing, ${at}::timestamptz AS at,
      ${Buffer.from([0, 1, 254])}::bytea AS bytea, ${[1, 2]}::int[] AS ints, ${["a,b", 'c"\\', null, "NULL"]}::text[] AS texts,
      ${{ a: { b: [1] } }}::jsonb AS doc, ${true}::bool AS yes, ${1.5}::float8 AS float, ${2n ** 62n}::int8 AS big,
      ${"it's ünïcode ✓"}::text AS text`;
    expect(row).toEqual({
      nothing: null,
      at,
      bytea: Buffer.from([0, 1, 254]),
      ints: [1, 2],
      texts: ["a,b", 'c"\\', null, "NULL"],
      doc: { a: { b: [1] } },
      yes: true,
      float: 1.5,
      big: "4611686018427387904",
      text: "it's ünïcode ✓",
    });
  });

  test("tells command, row count and fields", async () => {
    const insert = await sql.query(`INSERT INTO ${table} (id, name) VALUES ($1, 'a'), ($2, 'b')`, [100, 101], {
      fullResults: true,
    });
    expect(insert).toMatchObject({ command: "INSERT", rowCount: 2, rows: [], fields: [] });
    const select = await sql.query(`SELECT id, name FROM ${table} WHERE id >= 100`, [], { fullResults: true });
    expect(select).toMatchObject({ command: "SELECT", rowCount: 2 });
    expect(select.fields).toMatchObject([
      { name: "id", dataTypeID: 23, columnID: 1, format: "text" },
      { name: "name", dataTypeID: 25, columnID: 2, format: "text" },
    ]);
    const created = await sql.query("CREATE TEMPORARY TABLE scratch (id int)", [], { fullResults: true });
    expect(created).toMatchObject({ command: "CREATE", rowCount: null });
    expect(await sql.query("", [], { fullResults: true })).toMatchObject({ command: "", rowCount: null, rows: [] });
  });

  test("gives errors with Postgres' own fields", async () => {
    await sql.query(`INSERT INTO ${table} (id, name) VALUES (1, 'one') ON CONFLICT DO NOTHING`);
    await expect(sql.query(`INSERT INTO ${table} (id, name) VALUES (1, 'again')`)).rejects.toMatchObject({
      name: "NeonDbError",
      code: "23505",
      severity: "ERROR",
      detail: "Key (id)=(1) already exists.",
      constraint: `${table}_pkey`,
      table,
      schema: "public",
    });
    await expect(sql.query(`INSERT INTO ${table} (id) VALUES (2)`)).rejects.toMatchObject({
      code: "23502",
      column: "name",
    });
    await expect(sql.query(`UPDATE ${table} SET n = -1 WHERE id = 1`)).rejects.toMatchObject({
      code: "23514",
      constraint: `${table}_positive`,
    });
    await expect(sql`SELECT nam FROM pg_class`).rejects.toMatchObject({ code: "42703", position: "8" });
    await expect(sql`SELECT lenght('x')`).rejects.toMatchObject({ code: "42883", hint: expect.any(String) });
    await expect(sql`SELECT ${"x"}::int`).rejects.toMatchObject({ code: "22P02" });
    await expect(sql`SELECT 1; SELECT 2`).rejects.toMatchObject({ code: "42601" });
    await expect(sql`SELECT ${"a\0b"}::text`).rejects.toMatchObject({ code: "22021" });
    expect(await sql`SELECT 1 AS still_there`).toEqual([{ still_there: 1 }]);
  });

  test("runs a batch as one transaction, Read Committed by default", async () => {
    const [insert, count, level] = await sql.transaction([
      sql.query(`INSERT INTO ${table} (id, name) VALUES (10, 'ten') RETURNING id`),
      sql.query(`SELECT count(*)::int AS n FROM ${table} WHERE id = 10`),
      sql`SHOW transaction_isolation`,
    ]);
    expect(insert).toEqual([{ id: 10 }]);
    expect(count).toEqual([{ n: 1 }]);
    expect(level).toEqual([{ transaction_isolation: "read committed" }]);
    expect(await sql.transaction([])).toEqual([]);
  });

  test("rolls a whole batch back when a statement fails, or the commit", async () => {
    const insert = sql.query(`INSERT INTO ${table} (id, name) VALUES (20, 'twenty')`);
    await expect(sql.transaction([insert, sql`SELECT 1/0`])).rejects.toMatchObject({ code: "22012" });
    const deferred = sql.query(
      `ALTER TABLE ${table} ALTER CONSTRAINT ${table}_parent_fkey DEFERRABLE INITIALLY DEFERRED`,
    );
    const orphan = sql.query(`INSERT INTO ${table} (id, name, parent) VALUES (20, 'twenty', 999)`);
    await expect(sql.transaction([deferred, orphan])).rejects.toMatchObject({ code: "23503" });
    expect(await sql.query(`SELECT id FROM ${table} WHERE id = 20`)).toEqual([]);
  });

  test("honours isolation level, read only and deferrable", async () => {
    for (const [level, shown] of [
      ["ReadUncommitted", "read uncommitted"],
      ["RepeatableRead", "repeatable read"],
      ["Serializable", "serializable"],
    ] as const) {
      const [rows] = await sql.transaction([sql`SHOW transaction_isolation`], { isolationLevel: level });
      expect(rows).toEqual([{ transaction_isolation: shown }]);
    }
    await expect(
      sql.transaction([sql.query(`INSERT INTO ${table} (id, name) VALUES (30, 'x')`)], { readOnly: true }),
    ).rejects.toMatchObject({ code: "25006" });
    const [rows] = await sql.transaction([sql`SHOW transaction_deferrable`], {
      isolationLevel: "Serializable",
      readOnly: true,
      deferrable: true,
    });
    expect(rows).toEqual([{ transaction_deferrable: "on" }]);
  });

  test("does not let a BEGIN of one request reach the next", async () => {
    await sql`BEGIN`;
    await sql.query(`INSERT INTO ${table} (id, name) VALUES (40, 'forty')`);
    await expect(sql`SELECT 1/0`).rejects.toMatchObject({ code: "22012" });
    expect(await sql.query(`SELECT id FROM ${table} WHERE id = 40`)).toEqual([{ id: 40 }]);
  });

  test("keeps concurrent batches apart", async () => {
    await sql.query(`INSERT INTO ${table} (id, name) VALUES (50, 'fifty')`);
    const writers = Array.from({ length: 8 }, () =>
      sql.transaction([
        sql.query(`UPDATE ${table} SET n = n + 1 WHERE id = 50 RETURNING n`),
        sql.query(`SELECT n FROM ${table} WHERE id = 50`),
      ]),
    );
    const seen = (await Promise.all(writers)).map(([updated, read]) => {
      expect(read).toEqual(updated);
      return (updated as { n: number }[])[0]?.n;
    });
    expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe.each(backends.filter(([name]) => name === "Postgres"))("only a real %s", (_, backend) => {
  const sql = neon(backend.connectionString);
  beforeAll(() => {
    neonConfig.fetchFunction = createNeonFetch({ backend });
  });
  afterAll(() => {
    neonConfig.fetchFunction = undefined;
  });

  test("runs requests in parallel", async () => {
    const holder = new pg.Client(databaseUrl);
    await holder.connect();
    try {
      await holder.query("SELECT pg_advisory_lock(4711)");
      const waiting = Array.from({ length: 8 }, () =>
        sql`SELECT pg_advisory_xact_lock_shared(4711)`.then(() => "done"),
      );
      expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }]);
      await holder.query("SELECT pg_advisory_unlock(4711)");
      expect(await Promise.all(waiting)).toEqual(Array(8).fill("done"));
    } finally {
      await holder.end();
    }
  });

  test("survives a connection that the server ends", async () => {
    await expect(sql`SELECT pg_terminate_backend(pg_backend_pid())`).rejects.toMatchObject({ code: "57P01" });
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }]);
  });
});

// Apart, since Drizzle replaces the driver's parsers of dates for the whole process.
test.each(backends)("Drizzle on %s: queries, batches and error codes", async (_, backend) => {
  neonConfig.fetchFunction = createNeonFetch({ backend });
  const db = drizzle(neon(backend.connectionString));
  const items = pgTable(table, { id: integer().primaryKey(), name: text().notNull(), data: jsonb(), n: integer() });
  await db.execute(`CREATE TABLE ${table} (id int PRIMARY KEY, name text NOT NULL, data jsonb, n int DEFAULT 0)`);
  try {
    const data = { list: [1, "a"], nested: { yes: true } };
    await db.insert(items).values({ id: 60, name: "sixty", data });
    expect(await db.select().from(items).where(eq(items.id, 60))).toEqual([{ id: 60, name: "sixty", data, n: 0 }]);
    const [updated, rows] = await db.batch([
      db
        .update(items)
        .set({ n: drizzleSql`${items.n} + 5` })
        .where(eq(items.id, 60))
        .returning({ n: items.n }),
      db.select({ n: items.n }).from(items).where(eq(items.id, 60)),
    ]);
    expect([updated, rows]).toEqual([[{ n: 5 }], [{ n: 5 }]]);
    const again = db.insert(items).values({ id: 60, name: "again" });
    await expect(again).rejects.toMatchObject({ cause: { code: "23505" } });
    await expect(db.batch([again])).rejects.toMatchObject({ code: "23505" });
  } finally {
    await db.execute(`DROP TABLE ${table}`);
    neonConfig.fetchFunction = undefined;
  }
});
