import { sql } from "drizzle-orm";
import { Hono } from "hono";
import type { AppEnv } from "../middleware/app-context.ts";

const answers = (work: Promise<unknown>): Promise<"ok" | "unavailable"> =>
  work.then(
    () => "ok",
    () => "unavailable",
  );

export const health = new Hono<AppEnv>()
  .get("/healthz", (c) => c.json({ status: "ok" }))
  .get("/readyz", async (c) => {
    const { postgres, redis } = c.var.context;
    const [database, cache] = await Promise.all([
      answers(postgres.run((db) => db.execute(sql`select 1 from projects limit 1`))),
      answers(redis.ping()),
    ]);
    const ready = database === "ok" && cache === "ok";
    const body = { status: ready ? "ok" : "unavailable", postgres: database, redis: cache };
    return c.json(body, ready ? 200 : 503, ready ? {} : { "retry-after": "5" });
  });
