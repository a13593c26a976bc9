import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parseKey } from "../../worker/domain/api-key.ts";
import { apiOf } from "../harness/api.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a script as its npm command does. */
async function run(
  script: string,
  args: string[] = [],
  env: Record<string, string> = {},
  folder = root,
): Promise<Outcome> {
  const { DATABASE_URL, NEON_FETCH_ENDPOINT } = stack.workerEnv;
  const database = { DATABASE_URL, NEON_FETCH_ENDPOINT } as Record<string, string>;
  try {
    const options = { cwd: folder, env: { PATH: process.env.PATH, ...database, ...env } };
    const output = await promisify(execFile)(
      process.execPath,
      [path.join(folder, "scripts", script), ...args],
      options,
    );
    return { code: 0, ...output };
  } catch (error) {
    return error as Outcome;
  }
}

/** What a user of the command sees when it fails: exit code 1 and one line, no stack trace. */
function expectOneLine({ code, stdout, stderr }: Outcome, says: RegExp): void {
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(says);
  expect(stderr.trim().split("\n")).toHaveLength(1);
}

const tables = async () => {
  const rows = await stack.sql`select tablename from pg_tables where schemaname = 'public' order by tablename`;
  return rows.map(({ tablename }) => tablename);
};

describe("db:migrate", () => {
  beforeEach(async () => {
    await stack.sql`drop schema public cascade`;
    await stack.sql`create schema public`;
  });

  test("makes the schema, and has nothing to do the second time", async () => {
    expect(await run("migrate.ts")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied 0000_init/) });
    expect(await tables()).toEqual(expect.arrayContaining(["api_keys", "events", "projects", "schema_migrations"]));
    expect(await run("migrate.ts")).toMatchObject({ code: 0, stdout: "The database is up to date.\n", stderr: "" });
  });

  test("may be run by two at once: each migration is applied once, and both succeed", async () => {
    const outcomes = await Promise.all([run("migrate.ts"), run("migrate.ts")]);
    expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: "" },
      { code: 0, stderr: "" },
    ]);
    const said = outcomes.map(({ stdout }) => stdout).join("");
    expect(said.match(/0000_init/g)).toHaveLength(1);
    expect(await stack.sql`select name from schema_migrations where name = '0000_init'`).toHaveLength(1);
  });

  test("applies a migration whole or not at all, keeps those before it, and goes on when it is mended", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "migrations-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await Promise.all(
      ["scripts", "drizzle", "dev", "worker", "sdk/src", "package.json"].map((name) =>
        cp(path.join(root, name), path.join(folder, name), { recursive: true }),
      ),
    );
    await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const journal = path.join(folder, "drizzle/meta/_journal.json");
    const tag = "9999_broken";
    const { entries } = (await import(path.join(root, "drizzle/meta/_journal.json"), { with: { type: "json" } }))
      .default;
    await writeFile(journal, JSON.stringify({ entries: [...entries, { tag }] }));
    const write = (last: string) =>
      writeFile(
        path.join(folder, `drizzle/${tag}.sql`),
        `create table half (id int);\n--> statement-breakpoint\nalter table projects add column extra int;\n--> statement-breakpoint\n${last}`,
      );

    await write("alter table nowhere add column x int;");
    const failed = await run("migrate.ts", [], {}, folder);
    expectOneLine(failed, /nowhere/);
    expect(await tables()).not.toContain("half");
    expect(await stack.sql`select extra from projects`.catch((error) => error.code)).toBe("42703");
    expect(await stack.sql`select name from schema_migrations where name = ${tag}`).toEqual([]);
    expect(await tables(), "the migration before it").toContain("projects");

    await write("select 1;");
    expect(await run("migrate.ts", [], {}, folder)).toMatchObject({ code: 0, stdout: `Applied ${tag}.\n` });
    expect(await tables()).toContain("half");
  });

  test("says in a line what is missing or wrong", async () => {
    expectOneLine(await run("migrate.ts", [], { DATABASE_URL: "" }), /DATABASE_URL is not set/);
    expectOneLine(await run("migrate.ts", [], { DATABASE_URL: "not a url" }), /\w/);
    expectOneLine(await run("migrate.ts", [], { NEON_FETCH_ENDPOINT: "http://127.0.0.1:9/sql" }), /database/);
    const nobody = { DATABASE_URL: "postgres://user:hush@127.0.0.1:9/db", NEON_FETCH_ENDPOINT: "" };
    const refused = await run("migrate.ts", [], nobody);
    expectOneLine(refused, /^could not reach the database: connect ECONNREFUSED 127.0.0.1:9$/m);
  });

  test.runIf(realServers())("needs no endpoint in front of a Postgres", async () => {
    const straight = { DATABASE_URL: stack.databaseUrl, NEON_FETCH_ENDPOINT: "" };
    expect(await run("migrate.ts", [], straight)).toMatchObject({ code: 0, stderr: "" });
    expect(await tables()).toContain("projects");
  });

  test("without it, keys:create names the remedy", async () => {
    expectOneLine(await run("keys-create.ts"), /npm run db:migrate/);
  });
});

describe("keys:create", () => {
  let worker: ReturnType<typeof createWorker>;
  beforeAll(async () => {
    await run("migrate.ts");
    worker = createWorker(stack);
  });

  test("prints the key alone on stdout; it is an admin's and works", async () => {
    const { code, stdout, stderr } = await run("keys-create.ts");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tt_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}\n$/);
    expect(stderr).toMatch(/"admin" \(admin, all projects\).*shown once/);
    const key = stdout.trim();
    expect(stderr).not.toContain(key);
    expect((await apiOf(worker, key).call("POST", "/projects", { name: "first" })).status).toBe(201);
    const stored = JSON.stringify(await stack.sql`select * from api_keys`);
    expect(stored).toContain((await parseKey(key))?.hash);
    expect(stored).not.toContain(key.split("_")[2]);
  });

  test("makes a key for one project with the scopes it is told", async () => {
    const id = await stack.createProject();
    const args = ["--name", "agent", "--scopes", "report, read", "--project", id.toUpperCase()];
    const { stdout, stderr } = await run("keys-create.ts", args);
    expect(stderr).toContain(`"agent" (report, read, project ${id.toUpperCase()})`);
    const { call } = apiOf(worker, stdout.trim());
    expect((await call("GET", `/projects/${id}`)).status).toBe(200);
    expect((await call("PATCH", `/projects/${id}`, { name: "x" })).status).toBe(403);
    expect((await call("GET", `/projects/${await stack.createProject()}`)).status).toBe(404);
  });

  test("says in a line what is wrong", async () => {
    expectOneLine(
      await run("keys-create.ts", ["--scopes", "root"]),
      /"root" is not a scope.*admin, write, read, report/,
    );
    expectOneLine(await run("keys-create.ts", ["--scopes", ""]), /is not a scope/);
    expectOneLine(await run("keys-create.ts", ["--project", "x"]), /no project x/);
    const missing = randomUUID();
    expectOneLine(await run("keys-create.ts", ["--project", missing]), new RegExp(`no project ${missing}`));
    expectOneLine(await run("keys-create.ts", ["--scope", "read"]), /--scope/);
    expectOneLine(await run("keys-create.ts", ["--name", " "]), /name/);
    expectOneLine(await run("keys-create.ts", [], { DATABASE_URL: "" }), /DATABASE_URL is not set/);
    expect(await stack.sql`select 1 from api_keys where name = ' '`).toEqual([]);
  });
});

test("republish raises every version, and the next cron publishes what Redis lacks", async () => {
  await run("migrate.ts");
  const worker = createWorker(stack);
  const { switch: toggle } = apiOf(worker, await stack.createKey());
  const [on, off] = await Promise.all([stack.createProject(), stack.createProject()]);
  const before = await Promise.all([toggle(on, true), toggle(off, false)]);
  await worker.settled();
  await stack.redis.flushall();
  const { code, stdout } = await run("republish.ts");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+ projects will be published/);
  await worker.runCron();
  expect(await stack.redis.mget(`tracing:${on}:enabled`, `tracing:${off}:enabled`)).toEqual(["true", "false"]);
  const versions = await stack.redis.mget(`tracing:${on}:version`, `tracing:${off}:version`);
  for (const [i, { version }] of before.entries()) expect(Number(versions[i])).toBeGreaterThan(version);
});
