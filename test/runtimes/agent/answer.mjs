// The part of the agent that is the same everywhere: `GET /?user=...&ms=...` is answered with what the SDK says.
import { createTracingToggle } from "tracing-toggle";

/** Makes the client, and returns what answers a request, and what ends it. */
export function agent(options) {
  const tracing = createTracingToggle({ logger: null, ...options });
  const answer = async (url) => {
    const userId = new URL(url, "http://agent").searchParams.get("user") ?? undefined;
    const before = tracing.peek({ userId });
    const decision = await tracing.decide({ userId });
    await tracing.ready({ userId });
    const answers = { before, decision, after: tracing.peek({ userId }), enabled: await tracing.isEnabled({ userId }) };
    return JSON.stringify({ ...answers, stats: tracing.stats() });
  };
  return { answer, close: () => tracing.close() };
}
