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
 * What became of a publication: `live`, `lifted` when a break-glass made way for it, `held` by one (the document is written, the
 * `enabled` key is not), `newer` when a newer version stands in Redis (nothing is written), under a break-glass or not, or `failed`
 * for this project alone.
 */
export type Published =
  | { outcome: "live" | "lifted" | "held" | "failed" }
  | { outcome: "newer"; version: number; underGlass: boolean };

/** A project's three keys as they stand in Redis. */
export interface ProjectKeys {
  enabled: string | null;
  policy: string | null;
  version: string | null;
}

/** The project's Redis. A method is one round trip unless it says otherwise, and throws {@link RedisUnavailable}. */
export interface Redis {
  read(projectId: string): Promise<ProjectKeys>;
  /** The `enabled` key of each project. */
  readEnabled(projectIds: string[]): Promise<(string | null)[]>;
  publish(publication: Publication): Promise<Published>;
  /** In pipelines of at most half a megabyte: a round trip each. */
  publishMany(publications: Publication[]): Promise<Published[]>;
  ping(): Promise<void>;
}

/** Redis could not be reached, or refused. Carries nothing of what was sent. */
export class RedisUnavailable extends Error {
  override name = "RedisUnavailable";
}

/** How long a request may take, in milliseconds: reading one project, writing one, and anything of many. */
export const TIMEOUTS_MS = { read: 300, write: 2_000, bulk: 10_000 };

const BULK_BYTES = 500_000; // half of what Upstash takes in one request on its free plan
const VERSION_TTL_MS = 14 * 86_400_000;

function publishArguments(publication: Publication): [keys: string[], values: string[]] {
  const { projectId, version, document, enabled, enabledUntil, documentTtlMs, liftBegan } = publication;
  const keys = redisKeys(projectId);
  const values = [version, document, enabled, enabledUntil, documentTtlMs, VERSION_TTL_MS, liftBegan ?? ""].map(String);
  return [
    [keys.enabled, keys.policy, keys.version],
    [...values, keys.changes],
  ];
}

let sha: string | undefined;

/** The name under which Redis keeps the script: its SHA-1, in hex. */
async function publishSha(): Promise<string> {
  if (sha === undefined) {
    const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(PUBLISH));
    sha = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return sha;
}

/** Splits publications so that a pipeline stays within what a request may have. */
function batches(publications: Publication[]): Publication[][] {
  const all: Publication[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const publication of publications) {
    const size = 500 + 2 * publication.document.length; // quoted in JSON
    if (bytes + size > BULK_BYTES) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(publication);
    bytes += size;
  }
  return all;
}

function published(answer: unknown): Published {
  const [outcome, version, underGlass] = Array.isArray(answer) ? answer : [];
  if (outcome === "newer") return { outcome, version: Number(version), underGlass: underGlass === 1 };
  return { outcome: outcome === "live" || outcome === "lifted" || outcome === "held" ? outcome : "failed" };
}

/** Talks to Upstash over HTTP. One attempt each, within a time limit: who calls decides what a failure means. */
export function connectRedis(url: string, token: string, observe: Observe, timeoutsMs = TIMEOUTS_MS): Redis {
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
  const reader = client(timeoutsMs.read);
  const writer = client(timeoutsMs.write);
  const bulk = client(timeoutsMs.bulk);

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
      trip(() => bulk.mget<(string | null)[]>(...ids.map((projectId) => redisKeys(projectId).enabled))),
    publish: (publication) => trip(async () => published(await writer.eval(PUBLISH, ...publishArguments(publication)))),
    async publishMany(publications) {
      const results: Published[] = [];
      for (const batch of batches(publications)) {
        results.push(
          ...(await trip(async () => {
            const pipeline = bulk.pipeline().scriptLoad(PUBLISH);
            const sha = await publishSha();
            for (const publication of batch) pipeline.evalsha(sha, ...publishArguments(publication));
            const [, ...answers] = await pipeline.exec<unknown[]>({ keepErrors: true });
            return answers.map(({ result }) => published(result));
          })),
        );
      }
      return results;
    },
    ping: () => trip(async () => void (await reader.ping())),
  };
}
