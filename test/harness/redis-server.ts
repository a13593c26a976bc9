import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** A free port on loopback. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the machine's own `redis-server`, in memory, on a free port of loopback. */
export async function startRedisServer(): Promise<{ url: string; close(): Promise<void> }> {
  const [port, directory] = await Promise.all([freePort(), mkdtemp(path.join(tmpdir(), "redis-"))]);
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(server, "exit");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`redis-server ended (${code})`)));
    server.stdout.on("data", (text) => /Ready to accept connections/.test(`${text}`) && resolve());
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      server.kill("SIGTERM");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
