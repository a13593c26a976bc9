// The agent in workerd: the client is made when the module is loaded, where nothing may be asked yet.
import { env, waitUntil } from "cloudflare:workers";
import { agent } from "./answer.mjs";

const { answer } = agent({
  projectId: env.TRACING_TOGGLE_PROJECT_ID,
  redis: { url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN },
  waitUntil,
  ...JSON.parse(env.OPTIONS),
});

export default { fetch: async (request) => new Response(await answer(request.url)) };
