/**
 * The Worker of the local stack, as a child process: the bundle that is deployed, in workerd, by `wrangler dev`.
 *
 * `PORT`, `LOCAL_DIR` and `WORKER_ENV_FILE` (dotenv with the Worker's settings) come from the parent.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runAsChild } from "./child.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const WATCH_MS = 1_000;
const WATCH_TIMEOUT_MS = 10_000; // a machine under load is no dead Worker
const MISSES = 3;

await runAsChild(async () => {
  const { PORT, LOCAL_DIR, WORKER_ENV_FILE } = process.env as Record<string, string>;
  const args = ["dev", ".build/worker/index.js", "--no-bundle", "--ip", "127.0.0.1", "--port", `${PORT}`];
  args.push("--inspector-port", "0", "--persist-to", `${LOCAL_DIR}/wrangler`, "--env-file", `${WORKER_ENV_FILE}`);
  const wrangler = spawn(`${root}node_modules/.bin/wrangler`, [...args, "--show-interactive-dev-session=false"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_LOG: "error",
    },
  });
  const ended = new Promise<never>((_, reject) => {
    wrangler.once("error", reject);
    wrangler.once("exit", (code) => reject(new Error(`The Worker ended (${code}); its message above says why.`)));
  });
  const url = `http://127.0.0.1:${PORT}`;
  await Promise.race([answering(`${url}/healthz`), ended]);
  ended.catch(() => process.exit(1)); // the parent ends our group, and so what wrangler has left
  exitWhenSilent(`${url}/healthz`);
  return {
    ready: { url },
    async close() {
      wrangler.kill("SIGTERM");
      await ended.catch(() => {});
    },
  };
});

/** Ends this process when nobody answers any more: wrangler goes on without the workerd that it has lost. */
function exitWhenSilent(url: string): void {
  let misses = 0;
  setInterval(async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(WATCH_TIMEOUT_MS) }).catch(() => undefined);
    misses = response ? 0 : misses + 1;
    if (misses === MISSES) process.exit(1);
  }, WATCH_MS).unref();
}

async function answering(url: string): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < until) {
    const response = await fetch(url, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) }).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The Worker did not answer at ${url} within ${READY_TIMEOUT_MS / 1_000} s.`);
}
