import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { tools } from "../../scripts/package.ts";
import { esbuild } from "../../scripts/sdk.ts";
import { startWorkerd } from "../harness/workerd.ts";

/** An agent that answers `GET /?user=...` with the decisions of the packed SDK. */
export interface Agent {
  ask(user?: string, signal?: AbortSignal): Promise<Answers>;
  /** Has it send its usage. */
  flush(): Promise<Pick<Answers, "stats">>;
  close(): Promise<void>;
}

interface Decision {
  trace: boolean;
  reason: string;
  source: string;
  version: number | null;
  fetchedAt: number | null;
}

/** What one request was told, by one method after the other. */
export interface Answers {
  before: Decision;
  decision: Decision;
  after: Decision;
  enabled: boolean;
  stats: { decisions: number };
}

/** Starts the agent in the folder with these variables: where Redis is, which project, and options as JSON. */
export type Start = (folder: string, env: Record<string, string>) => Promise<Agent>;

/** Each Node that is tested and that can run here: name and binary. */
export const nodes: Record<string, string> = { [`Node ${process.versions.node.split(".")[0]}`]: process.execPath };
/** Each that cannot. */
export const missing: string[] = [];

for (const major of [20, 22]) {
  const binary = `${tools}node_modules/node-${major}-${process.platform}-${process.arch}/bin/node`;
  if (existsSync(binary)) nodes[`Node ${major}`] = binary;
  else if (!nodes[`Node ${major}`]) missing.push(`Node ${major}`);
}

/** Puts the agent beside the package. */
export const copyAgent = (folder: string): void =>
  cpSync(fileURLToPath(new URL("agent", import.meta.url)), folder, { recursive: true });

const pathOf = (user: string | undefined): string => (user === undefined ? "/" : `/?user=${user}`);

async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal: signal ?? null });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}

const at = (url: string): Omit<Agent, "close"> => ({
  ask: (user, signal) => get(url + pathOf(user), signal),
  flush: () => get(`${url}/flush`),
});

/** Forks a script of the agent's; its output goes to ours unless `silent`. */
export const forkIn = (binary: string, script: string, env: Record<string, string>, silent = false): ChildProcess =>
  fork(script, [], { execPath: binary, execArgv: [], env, silent });

const inNode =
  (binary: string): Start =>
  async (folder, env) => {
    const child = forkIn(binary, path.join(folder, "node.mjs"), env);
    const exited = once(child, "exit");
    const [{ port }] = (await Promise.race([
      once(child, "message"),
      exited.then(([code]) => Promise.reject(new Error(`the agent ended (${code})`))),
    ])) as [{ port: number }];
    return {
      ...at(`http://127.0.0.1:${port}`),
      async close() {
        child.send("end");
        const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
        const [code] = await exited;
        clearTimeout(timer);
        if (code !== 0) throw new Error(`the agent did not end by itself (${code})`);
      },
    };
  };

/** Bundles a script of the agent's for no platform in particular: an import of a Node module fails. */
async function bundled(folder: string, script: string, options: object): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(folder, script)],
    absWorkingDir: folder,
    bundle: true,
    platform: "neutral",
    write: false,
    logLevel: "silent",
    ...options,
  });
  return outputFiles[0].text;
}

export const inWorkerd: Start = async (folder, workerEnv) => {
  const bundle = path.join(folder, "bundle.js");
  writeFileSync(bundle, await bundled(folder, "worker.mjs", { format: "esm", external: ["cloudflare:workers"] }));
  const { url, close } = await startWorkerd({ workerEnv, bundle });
  return { ...at(url), close };
};

/** A realm with the globals that every runtime of the web has, and nothing else: no `process`. */
const inBareRealm: Start = async (folder, env) => {
  const code = await bundled(folder, "answer.mjs", { format: "iife", globalName: "bundle" });
  const web = { fetch, URL, AbortController, AbortSignal, setTimeout, clearTimeout, structuredClone, console, crypto };
  const { agent } = runInNewContext(`${code}; bundle`, web);
  const { answer, close }: { answer(url: string): Promise<string>; close(): Promise<void> } = agent({
    projectId: env.TRACING_TOGGLE_PROJECT_ID,
    redis: { url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN },
    ...JSON.parse(env.OPTIONS ?? "{}"),
  });
  return {
    ask: async (user) => JSON.parse(await answer(pathOf(user))),
    flush: async () => JSON.parse(await answer("/flush")),
    close,
  };
};

export const runtimes: [name: string, start: Start][] = [
  ...Object.entries(nodes).map(([name, binary]): [string, Start] => [name, inNode(binary)]),
  ["workerd", inWorkerd],
  ["a neutral bundle in a bare realm", inBareRealm],
];
