import { onTestFinished } from "vitest";
import { createTracingToggle, type TracingToggle, type TracingToggleOptions } from "../../sdk/src/index.ts";
import { type Answer, type FaultServer, faultServer, json } from "../faults/fault-server.ts";

export const PROJECT = "8c1f6f0e-52a2-4a0d-9d0b-3f6f6f5b1c11";
export const START = 1_764_000_000_000;

/** The fields of a policy document that differ from one that is simply on. */
export type PolicyFields = Record<string, unknown>;

export const policy = (fields: PolicyFields = {}) => ({ version: 1, enabled: true, reason: "enabled", ...fields });
export const off = (fields: PolicyFields = {}) => policy({ enabled: false, reason: "disabled", ...fields });

/** A stand-in for Upstash's REST endpoint: answers `GET /mget/<key>/...` from `keys`, or as `fault` says. */
export interface StandInRedis {
  readonly url: string;
  readonly token: string;
  readonly server: FaultServer;
  readonly keys: Map<string, string>;
  fault: Answer | undefined;
  /** The commands it was asked, as `MGET enabled policy version`. */
  commands(): string[];
  /** Writes a project's three keys as the Worker does; undefined removes the document. */
  publish(document: PolicyFields | undefined, enabled?: string | undefined, project?: string): void;
}

/** A stand-in for the Worker: answers `GET /api/v1/projects/:id/tracing` with `document`, or as `fault` says. */
export interface StandInApi {
  readonly url: string;
  readonly key: string;
  readonly server: FaultServer;
  document: PolicyFields;
  enabled: boolean | null;
  fault: Answer | undefined;
}

const commandOf = (url = "") => url.slice(1).split("/").map(decodeURIComponent);

const base64 = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(base64) : typeof value === "string" ? Buffer.from(value).toString("base64") : value;

async function standInRedis(): Promise<StandInRedis> {
  const keys = new Map<string, string>();
  const commands: string[][] = [];
  const run = (words: string[]) => {
    const [command, ...names] = words;
    commands.push(words);
    return command?.toLowerCase() === "mget"
      ? { result: names.map((name) => keys.get(name) ?? null) }
      : { error: `ERR unknown command ${command}` };
  };
  const server = await faultServer(async (request, response) => {
    if (redis.fault) {
      commands.push(commandOf(request.url));
      return redis.fault(request, response);
    }
    if (request.headers.authorization !== `Bearer ${redis.token}`) {
      return json({ error: "Unauthorized" }, 401)(request, response);
    }
    if (request.method === "GET") return json(run(commandOf(request.url)))(request, response);
    // as @upstash/redis asks
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const answer = request.url === "/pipeline" ? body.map(run) : run(body);
    const encoded = request.headers["upstash-encoding"] === "base64";
    json(JSON.parse(JSON.stringify(answer, (key, value) => (encoded && key === "result" ? base64(value) : value))))(
      request,
      response,
    );
  });
  onTestFinished(() => server.close());
  const redis: StandInRedis = {
    url: server.url,
    token: "redis-token",
    server,
    keys,
    fault: undefined,
    commands: () =>
      commands.map(([command, ...names]) =>
        [command?.toUpperCase(), ...names.map((name) => name.replace(/^tracing:.*:/, ""))].join(" "),
      ),
    publish(document, enabled, project = PROJECT) {
      const write = (name: string, value: string | undefined) =>
        value === undefined ? keys.delete(`tracing:${project}:${name}`) : keys.set(`tracing:${project}:${name}`, value);
      write("policy", document && JSON.stringify(document));
      write("version", document && `${document.version}`);
      write("enabled", enabled ?? (document && `${document.enabled}`));
    },
  };
  return redis;
}

async function standInApi(): Promise<StandInApi> {
  const server = await faultServer((request, response) => {
    if (api.fault) return api.fault(request, response);
    if (request.headers.authorization !== `Bearer ${api.key}`)
      return json({ code: "unauthorized" }, 401)(request, response);
    const { document, enabled } = api;
    json({ effective: document.enabled, enabled, policy: document, version: document.version })(request, response);
  });
  onTestFinished(() => server.close());
  const api: StandInApi = {
    url: server.url,
    key: "api-key",
    server,
    document: policy(),
    enabled: null,
    fault: undefined,
  };
  return api;
}

/** A project's Redis and API on real ports, a clock that only the test moves, and clients of them. */
export interface Stand {
  readonly redis: StandInRedis;
  readonly api: StandInApi;
  /** Epoch ms. */
  now: number;
  /** What was logged. */
  readonly logged: string[];
  /** A client of both, closed with the test. */
  client(options?: TracingToggleOptions): TracingToggle;
  /** A client of Redis alone. */
  redisClient(options?: TracingToggleOptions): TracingToggle;
  /** A client of the API alone. */
  apiClient(options?: TracingToggleOptions): TracingToggle;
  /** Waits until no background work of the clients is under way. */
  idle(): Promise<void>;
}

export async function stand(): Promise<Stand> {
  const [redis, api] = await Promise.all([standInRedis(), standInApi()]);
  redis.publish(policy());
  const logged: string[] = [];
  let background: Promise<unknown>[] = [];
  const make = (options: TracingToggleOptions): TracingToggle => {
    const client = createTracingToggle({
      projectId: PROJECT,
      redis: null,
      api: null,
      timeoutMs: 2_000, // a slow machine must not fail a test that is not about the bound
      now: () => it.now,
      logger: { warn: (message) => logged.push(message) },
      waitUntil: (work) => background.push(work),
      ...options,
    });
    onTestFinished(() => client.close());
    return client;
  };
  const it: Stand = {
    redis,
    api,
    now: START,
    logged,
    client: (options) => make({ redis, api, ...options }),
    redisClient: (options) => make({ redis, ...options }),
    apiClient: (options) => make({ api, ...options }),
    async idle() {
      while (background.length > 0) {
        const work = background;
        background = [];
        await Promise.all(work);
      }
    },
  };
  return it;
}
