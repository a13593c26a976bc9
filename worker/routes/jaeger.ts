// Jaeger remote sampling, for OpenTelemetry's samplers of that name: https://www.jaegertracing.io/docs/latest/architecture/apis/
import { Hono } from "hono";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { finishAlone } from "../middleware/finish-alone.ts";
import { parseQuery } from "../middleware/parse.ts";
import { samplingRate } from "../services/evaluation.ts";
import { samplingQuery } from "./schemas.ts";

// Its clients send no headers.
const keyInPath = authenticate({
  outlivesDatabase: true,
  credential: (c) => ({ kind: "key", secret: c.req.param("secret") ?? "" }),
});

export const jaeger = new Hono<AppEnv>().get("/:secret/sampling", finishAlone, keyInPath, async (c) => {
  const { service: projectId } = parseQuery(c, samplingQuery);
  const rate = await samplingRate(authorized(c), projectId);
  return c.json({ strategyType: "PROBABILISTIC", probabilisticSampling: { samplingRate: rate } });
});
