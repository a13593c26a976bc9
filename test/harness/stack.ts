import { randomBytes, randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import pg from "pg";
import type { Backend } from "../../dev/neon/backend.ts";
import { type NeonEndpoint, startNeonEndpoint } from "../../dev/neon/endpoint.ts";
import { openPostgres } from "../../dev/neon/postgres.ts";
import { startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import { startUpstashEndpoint, type UpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { type Connection, connectDatabase } from "../../scripts/database.ts";
import { type NewKey, storeKey } from "../../scripts/keys.ts";
import { migrate } from "../../scripts/migrations.ts";
import { CANARY } from "./canary.ts";
import { openEmptyPglite } from "./pglite.ts";
import { startRedisServer } from "./redis-server.ts";

/**
 * A migrated database and an empty Redis behind the two HTTP endpoints. Embedded; or real ones, when `TEST_DATABASE_URL` and
 * `TEST_REDIS_URL` are set: then a database of its own on that server, and a Redis server of its own.
 */
export interface Stack {
  neon: NeonEndpoint;
  upstash: UpstashEndpoint;
  tokens: { token: string; readOnlyToken: string };
  /** Straight to Redis, past the endpoint. */
  redis: Redis;
  redisUrl: string;
  /** Straight to the database, past the endpoint, where it is a real one. */
  databaseUrl: string;
  sql: Connection["sql"];
  /** What the Worker wants to know. */
  workerEnv: Record<string, string>;
  createKey(key?: Partial<NewKey>): Promise<string>;
  /** A project straight in the database, published by nobody. @returns its id */
  createProject(name?: string): Promise<string>;
  close(): Promise<void>;
}

/** Whether real servers are to be used: CI sets both variables, and half of them is a mistake. */
export function realServers(): boolean {
  const { TEST_DATABASE_URL, TEST_REDIS_URL, CI_REAL_SERVERS } = process.env;
  if (CI_REAL_SERVERS && !(TEST_DATABASE_URL && TEST_REDIS_URL)) {
    throw new Error("CI_REAL_SERVERS is set: TEST_DATABASE_URL and TEST_REDIS_URL must be, too.");
  }
  return Boolean(TEST_DATABASE_URL && TEST_REDIS_URL);
}

async function openDatabase(): Promise<Backend> {
  if (!realServers()) return openEmptyPglite();
  const server = process.env.TEST_DATABASE_URL as string;
  const name = `tt_${randomBytes(6).toString("hex")}`;
  const administer = async (statement: string) => {
    const client = new pg.Client(server);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await administer(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const backend = openPostgres(url.href);
  return {
    ...backend,
    async close() {
      await backend.close();
      await administer(`drop database ${name} with (force)`);
    },
  };
}

export async function startStack(): Promise<Stack> {
  const [backend, redisServer] = await Promise.all([
    openDatabase(),
    realServers() ? startRedisServer() : startEmbeddedRedis(),
  ]);
  const tokens = { token: `${CANARY}-full-token`, readOnlyToken: `${CANARY}-read-only-token` };
  const connectionString = `postgresql://tester:${CANARY}-password@127.0.0.1/test`;
  const [neon, upstash] = await Promise.all([
    startNeonEndpoint({ backend, connectionString }),
    startUpstashEndpoint({ ...tokens, redisUrl: redisServer.url }),
  ]);
  const redis = new Redis(redisServer.url);
  const database = { DATABASE_URL: neon.connectionString, NEON_FETCH_ENDPOINT: neon.url };
  const { sql } = connectDatabase(database);
  await migrate(sql);
  return {
    neon,
    upstash,
    tokens,
    redis,
    redisUrl: redisServer.url,
    databaseUrl: backend.connectionString,
    sql,
    workerEnv: { ...database, UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: tokens.token },
    createKey: (key) => storeKey(sql, { name: "test", scopes: ["admin"], ...key }),
    async createProject(name = "test") {
      const id = randomUUID();
      await sql`insert into projects (id, name) values (${id}, ${name})`;
      return id;
    },
    async close() {
      redis.disconnect();
      await Promise.all([neon.close(), upstash.close()]);
      await Promise.all([backend.close(), redisServer.close()]);
    },
  };
}
