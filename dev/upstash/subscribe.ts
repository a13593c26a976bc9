import type { Redis } from "ioredis";
import { toRestError } from "./errors.ts";

/** How often an idle stream is written to: a client that left without a word is noticed then. */
const HEARTBEAT_MS = 15_000;

/**
 * A subscription as server-sent events in Upstash's format, which is not JSON: `subscribe,<channel>,<count>`, then
 * `message,<channel>,<payload>` (or `psubscribe,<pattern>,<count>` and `pmessage,<pattern>,<channel>,<payload>`).
 *
 * @param redis a connection of its own: it is closed when the client leaves, and its end ends the stream
 * @throws {RestError} when Redis cannot be reached, before the stream begins
 */
export async function subscribe(
  redis: Redis,
  kind: "subscribe" | "psubscribe",
  channels: string[],
): Promise<ReadableStream<Uint8Array>> {
  redis.on("error", () => {});
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(encoder.encode(text));
      // A line break in a payload would end the event's line.
      const send = (...parts: unknown[]) => write(`data: ${parts.join(",").replaceAll(/\r?\n/g, "\ndata: ")}\n\n`);
      redis.on("message", (channel, payload) => send("message", channel, payload));
      redis.on("pmessage", (pattern, channel, payload) => send("pmessage", pattern, channel, payload));
      redis.on("subscribed", (channel, count) => send(kind, channel, count));
      heartbeat = setInterval(() => write(": heartbeat\n\n"), HEARTBEAT_MS);
      redis.once("end", () => {
        clearInterval(heartbeat);
        controller.close();
      });
    },
    cancel() {
      clearInterval(heartbeat);
      redis.removeAllListeners("end");
      redis.disconnect();
    },
  });
  try {
    await redis.connect();
    for (const channel of channels) redis.emit("subscribed", channel, await redis[kind](channel));
  } catch (error) {
    await stream.cancel();
    throw toRestError(error);
  }
  return stream;
}
