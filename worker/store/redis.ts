import { Redis as Upstash } from "@upstash/redis/cloudflare";
import { redisKeys } from "../../sdk/src/wire.ts";
import type { Observe } from "./postgres.ts";
import { PUBLISH } from "./publish-script.ts";

/** What is to stand in Redis for a project. Times are epoch ms. */
export interface Publication {
  projectId: string;
  version: number;
  /** The policy document, as JSON text. */
  document: string;
  enabled: boolean;
  /** When the `enabled` key ends. */
  enabledUntil: number;
  /** How long the document lives, in milliseconds. */
  documentTtlMs: number;
  /** When the change began that may lift a break-glass; undefined for anything but a `PATCH tracing`. */
  liftBegan?: number;
}

/**
 * What became of a publication: `live`, `held` by a break-glass (the document is written, the `enabled` key is not),
 * `newer` when a newer version stands in Redis (nothing is written), or `failed` for this project alone.
 */
export type Published = { outcome: "live" | "held" | "failed" } | { outcome: "newer"; version: number };

/** A project's three keys as they stand in Redis. */
export interface ProjectKeys {
  enabled: string | null;
  policy: string | null;
  version: string | null;
}

/** The project's Redis. Every method is one round trip, and throws {@link RedisUnavailable}. */
export interface Redis {
  read(projectId: string): Promise<ProjectKeys>;
  /** The `enabled` key of each project. */
  readEnabled(projectIds: string[]): Promise<(string | null)[]>;
  publish(publications: Publication[]): Promise<Published[]>;
  ping(): Promise<void>;
}

/** Redis could not be reached, or refused. Carries nothing of what was sent. */
export class RedisUnavailable extends Error {
  override name = "RedisUnavailable";
}

const READ_TIMEOUT_MS = 300;
const WRITE_TIMEOUT_MS = 2_000;
const VERSION_TTL_MS = 14 * 86_400_000;

function publishArguments(publication: Publication): [string, string[], string[]] {
  const { projectId, version, document, enabled, enabledUntil, documentTtlMs, liftBegan } = publication;
  const keys = redisKeys(projectId);
  const values = [version, document, enabled, enabledUntil, documentTtlMs, VERSION_TTL_MS, liftBegan ?? ""].map(String);
  return [PUBLISH, [keys.enabled, keys.policy, keys.version], [...values, keys.changes]];
}

function published(answer: unknown): Published {
  const [outcome, version] = Array.isArray(answer) ? answer : [];
  if (outcome === "newer") return { outcome, version: Number(version) };
  return { outcome: outcome === "live" || outcome === "held" ? outcome : "failed" };
}

/** Talks to Upstash over HTTP. One attempt each, within a time limit: who calls decides what a failure means. */
export function connectRedis(url: string, token: string, observe: Observe): Redis {
  const client = (timeoutMs: number) =>
    new Upstash({
      url,
      token,
      retry: { retries: 0 },
      enableTelemetry: false,
      enableAutoPipelining: false,
      automaticDeserialization: false,
      readYourWrites: false,
      // A signal made once would abort later requests too, and the client answers an aborted one with an invented result.
      signal: () => AbortSignal.timeout(timeoutMs),
    });
  const reader = client(READ_TIMEOUT_MS);
  const writer = client(WRITE_TIMEOUT_MS);

  async function trip<T>(work: () => Promise<T>): Promise<T> {
    const began = Date.now();
    try {
      return await work();
    } catch (error) {
      // The client's messages contain the whole command with its values.
      throw new RedisUnavailable(error instanceof Error ? error.name : "unknown");
    } finally {
      observe("redis", Date.now() - began);
    }
  }

  return {
    read: (projectId) =>
      trip(async () => {
        const keys = redisKeys(projectId);
        const [enabled = null, policy = null, version = null] = await reader.mget<(string | null)[]>(
          keys.enabled,
          keys.policy,
          keys.version,
        );
        return { enabled, policy, version };
      }),
    readEnabled: (ids) =>
      trip(() => writer.mget<(string | null)[]>(...ids.map((projectId) => redisKeys(projectId).enabled))),
    publish: (publications) =>
      trip(async () => {
        const [first, ...others] = publications;
        if (first === undefined) return [];
        if (others.length === 0) return [published(await writer.eval(...publishArguments(first)))];
        const pipeline = writer.pipeline();
        for (const publication of publications) pipeline.eval(...publishArguments(publication));
        const answers = await pipeline.exec<unknown[]>({ keepErrors: true });
        return answers.map(({ result }) => published(result));
      }),
    ping: () => trip(async () => void (await reader.ping())),
  };
}
