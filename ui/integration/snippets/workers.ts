import { waitUntil } from "cloudflare:workers";
import { createTracingToggle } from "tracing-toggle";
import { usage } from "tracing-toggle/usage";
import { answer, userOf } from "./your-agent.ts";

// the rest from the environment, where `nodejs_compat` puts variables and secrets
const tracing = createTracingToggle({ usage: usage(), waitUntil });

export default {
  async fetch(request: Request): Promise<Response> {
    const { trace } = await tracing.decide({ userId: userOf(request) });
    waitUntil(tracing.flush());
    return Response.json(await answer(request, trace));
  },
};
