import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "../../sdk/src/cli/io.ts";
import { run } from "../../sdk/src/cli/run.ts";
import { apiOf } from "../harness/api.ts";
import { watch } from "../harness/canary.ts";
import { startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const main = fileURLToPath(new URL("../../sdk/src/cli/main.ts", import.meta.url));

/** What a command line came to. */
export interface Outcome {
  code: number;
  out: string;
  err: string;
}

type Env = Record<string, string | undefined>;

/** The product behind a port, and the CLI in front of it. */
export async function startStand() {
  const stack = await startStack();
  const worker = createWorker(stack);
  const home = mkdtempSync(path.join(tmpdir(), "tracing-toggle-cli-"));
  /** What the server in front of the Worker changes. */
  const tamper: { date?: string | undefined; answer?: ((url: string) => Response | undefined) | undefined } = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = request.url ?? "/";
    const body = Buffer.concat(chunks);
    const answer =
      tamper.answer?.(url) ??
      (await worker.fetch(url, {
        method: request.method ?? "GET",
        headers: request.headers as Record<string, string>,
        ...(body.length > 0 && { body }),
      }));
    const headers = { ...Object.fromEntries(answer.headers), ...(tamper.date && { date: tamper.date }) };
    response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const adminKey = await stack.createKey({ name: "admin" });

  /** What a machine with everything set has; without Redis, which not every machine has. */
  const environment = (projectId: string, more: Env = {}): Env => ({
    XDG_CONFIG_HOME: home,
    TRACING_TOGGLE_API_URL: url,
    TRACING_TOGGLE_API_KEY: adminKey,
    TRACING_TOGGLE_PROJECT_ID: projectId,
    ...more,
  });

  /** The CLI in this process; `io` stands in for the process. */
  async function cli(args: string[], env: Env, io: Partial<Io> & { stdin?: string } = {}): Promise<Outcome> {
    const outcome = { code: -1, out: "", err: "" };
    const { stdin = "", ...rest } = io;
    const code = await run(
      args,
      {
        env,
        out(text) {
          outcome.out += text;
        },
        err(text) {
          outcome.err += text;
        },
        canAsk: false,
        hasColours: false,
        readAll: async () => stdin,
        ask: () => Promise.reject(new Error("Nobody is there to be asked.")),
        fetch,
        now: Date.now,
        wait: () => new Promise((resolve) => setTimeout(resolve, 20)),
        untilInterrupted: () => new AbortController().signal,
        ...rest,
      },
      "1.2.3",
    );
    await worker.settled();
    if (!args.includes("create") && !args.includes("rotate")) watch(outcome.out);
    watch(outcome.err);
    return { ...outcome, code };
  }

  /** The CLI as a process of its own. */
  const spawnCli = (args: string[], env: Env) =>
    spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: "pipe" });

  /** A shell's command line, in which `tracing-toggle` is the CLI. */
  const shell = (command: string, env: Env): Promise<Outcome> =>
    new Promise((resolve) => {
      const script = `set -o pipefail; tracing-toggle() { "${process.execPath}" "${main}" "$@"; }; ${command}`;
      const child = execFile(
        "bash",
        ["--norc", "-c", script],
        { env: { PATH: process.env.PATH, ...env } as NodeJS.ProcessEnv },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
      child.stdin?.end();
    });

  return {
    stack,
    worker,
    url,
    home,
    tamper,
    adminKey,
    environment,
    api: apiOf(worker, adminKey),
    redisEnv: { UPSTASH_REDIS_REST_URL: stack.upstash.url, UPSTASH_REDIS_REST_TOKEN: stack.tokens.readOnlyToken },
    cli,
    spawnCli,
    shell,
    async close() {
      server.closeAllConnections();
      server.close();
      await worker.close();
      await stack.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export type Stand = Awaited<ReturnType<typeof startStand>>;
