// The part of the agent that is the same everywhere: `GET /?user=...` is answered with what the SDK says, `GET /flush` once
// its usage is sent.
import { createTracingToggle } from "tracing-toggle";
import { usage } from "tracing-toggle/usage";

/** Makes the client, with `metered` one that reports its usage, and returns what answers a request, and what ends it. */
export function agent({ metered, ...options }) {
  const tracing = createTracingToggle({ logger: null, ...options, ...(metered && { usage: usage() }) });
  const answer = async (url) => {
    const { pathname, searchParams } = new URL(url, "http://agent");
    if (pathname === "/flush") {
      await tracing.flush();
      return JSON.stringify({ stats: tracing.stats() });
    }
    const userId = searchParams.get("user") ?? undefined;
    const before = tracing.peek({ userId });
    const decision = await tracing.decide({ userId });
    await tracing.ready({ userId });
    const answers = { before, decision, after: tracing.peek({ userId }), enabled: await tracing.isEnabled({ userId }) };
    return JSON.stringify({ ...answers, stats: tracing.stats() });
  };
  return { answer, close: () => tracing.close() };
}
