import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A run as LangSmith's client posts it. */
export interface PostedRun {
  id: string;
  name: string;
  parent_run_id?: string;
  inputs: unknown;
  outputs?: unknown;
  error?: string;
  start_time?: unknown;
  end_time?: unknown;
  extra: { metadata: Record<string, unknown> };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server on a free port. */
export async function serve(answer: Answer) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Stands for LangSmith, and keeps what it is sent: `bodies` as it came, `runs` as posted, and as they were `ended` by id. */
export async function startLangSmith() {
  const requests: string[] = [];
  const bodies: string[] = [];
  const runs: PostedRun[] = [];
  const ended = new Map<string, PostedRun>();
  const server = await serve(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const body = await text(request);
    bodies.push(body);
    if (request.url === "/runs/batch") {
      const { post = [], patch = [] } = JSON.parse(body);
      runs.push(...post);
      for (const run of [...post, ...patch]) ended.set(run.id, { ...ended.get(run.id), ...run });
    }
    const info = { batch_ingest_config: { use_multipart_endpoint: false, size_limit: 100, size_limit_bytes: 1e8 } };
    response.setHeader("content-type", "application/json").end(JSON.stringify(request.url === "/info" ? info : {}));
  });
  const forget = () => {
    requests.length = 0;
    bodies.length = 0;
    runs.length = 0;
    ended.clear();
  };
  return { ...server, requests, bodies, runs, ended, forget };
}

export interface Policy {
  version: number;
  enabled: boolean;
  overrides: Record<string, [boolean, null]>;
  reason?: string;
  sample_rate?: number;
  capture?: string;
}

/** Stands for Upstash's REST endpoint, with the three keys of one project. `hang` leaves requests without an answer. */
export async function startRedis() {
  const policy: Policy = { version: 1, enabled: true, overrides: {} };
  const state = { hang: false };
  const server = await serve((request, response) => {
    if (state.hang) return;
    const values: Record<string, string> = {
      enabled: `${policy.enabled}`,
      policy: JSON.stringify(policy),
      version: `${policy.version}`,
    };
    const keys = (request.url ?? "").split("/").slice(2).map(decodeURIComponent);
    response.end(JSON.stringify({ result: keys.map((key) => values[key.split(":").at(-1) ?? ""]) }));
  });
  const set = (change: Partial<Policy>) => Object.assign(policy, change, { version: policy.version + 1 });
  return { ...server, state, set };
}
