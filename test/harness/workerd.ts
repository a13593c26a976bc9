import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Stack } from "./stack.ts";

const require = createRequire(import.meta.url);
/** The path of the binary that Wrangler brings along. */
const { default: workerd } = createRequire(require.resolve("wrangler"))("workerd") as { default: string };

const product = fileURLToPath(new URL("../../.build/worker/index.js", import.meta.url));

/**
 * A bundle, the product's unless told, in workerd with nothing in front of it, so that it learns when an asker leaves.
 * `startWorker` puts Wrangler's own Workers in between, as for static assets, and they keep the connection.
 */
export async function startWorkerd({
  workerEnv,
  bundle = product,
}: Pick<Stack, "workerEnv"> & { bundle?: string }): Promise<{ url: string; close(): Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), "workerd-"));
  const bindings = Object.entries(workerEnv).map(
    ([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`,
  );
  const config = `
    using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "main", worker = (
          modules = [(name = "index.js", esModule = embed "${path.relative(directory, bundle)}")],
          compatibilityDate = "2026-11-01",
          bindings = [${bindings.join(", ")}],
        )),
        (name = "internet", network = (allow = ["private"])),
      ],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
    );`;
  await writeFile(path.join(directory, "config.capnp"), config);
  const server = spawn(workerd, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const exited = once(server, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`workerd ended (${code})`)));
    server.stdio[3]?.on("data", (text) => resolve(JSON.parse(`${text}`).port));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.kill("SIGTERM");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
