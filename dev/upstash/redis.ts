import { Redis } from "ioredis";
import type { Command } from "./commands.ts";
import { type RestError, toRestError } from "./errors.ts";

/** While Redis is away, how often to try again. */
const RECONNECT_MS = 100;
const CONNECT_TIMEOUT_MS = 2_000;
/** After that a Redis that does not answer counts as away. */
const COMMAND_TIMEOUT_MS = 5_000;

/** The outcome of one command: its reply (buffers, numbers, nulls, arrays of them) or the error it failed with. */
export type Outcome = { reply: unknown } | { error: RestError };

/** The one connection to Redis that all requests share. */
export interface SharedRedis {
  /** Runs commands in order and in one write; other requests' commands may run in between. */
  run(commands: Command[]): Promise<Outcome[]>;
  /** Runs commands in MULTI/EXEC; rejects with a {@link RestError} when it is discarded (`EXECABORT`). */
  transaction(commands: Command[]): Promise<Outcome[]>;
  /** Commands run so far, those of failed requests too. */
  commands(): number;
  /** A connection of its own for a subscription; it ends, and does not come back, when Redis goes away. */
  duplicate(): Redis;
  close(): void;
}

/**
 * Connects to a Redis. Once connected it reconnects by itself; until then commands fail at once instead of waiting.
 * @throws when Redis cannot be reached now
 */
export async function connectRedis(url: string): Promise<SharedRedis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: () => RECONNECT_MS,
    enableOfflineQueue: false,
    // A command that was sent and not answered may have run: it must not be sent again.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  // Told only as an event: what `connect` rejects with, "Connection is closed.", names no reason.
  let reason: Error | undefined;
  redis.on("error", (error) => {
    reason = error;
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw reason ?? error;
  }

  let count = 0;
  // Called in one go, without awaiting in between, commands are written next to each other.
  const send = (commands: Command[]): Promise<Outcome>[] =>
    commands.map(async ([name, ...args]) => {
      try {
        return { reply: await redis.callBuffer(name, ...args) };
      } catch (error) {
        return { error: toRestError(error) };
      }
    });

  return {
    run(commands) {
      count += commands.length;
      return Promise.all(send(commands));
    },
    async transaction(commands) {
      count += commands.length;
      const outcomes = await Promise.all(send([["MULTI"], ...commands, ["EXEC"]]));
      const exec = outcomes.at(-1) as Outcome;
      if ("error" in exec) throw exec.error;
      return (exec.reply as unknown[]).map((reply) =>
        reply instanceof Error ? { error: toRestError(reply) } : { reply },
      );
    },
    commands: () => count,
    duplicate: () => redis.duplicate({ retryStrategy: () => null, enableOfflineQueue: true }),
    close: () => redis.disconnect(),
  };
}
