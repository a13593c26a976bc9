import { access, constants, mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";

/** What `npm start` is told by its environment. */
export interface LocalSettings {
  /** The Worker's port. */
  port: number;
  /** Where the local stack keeps its data and writes its `env` file. */
  directory: string;
  /** Whether the demo agent runs. */
  demo: boolean;
}

type Environment = Record<string, string | undefined>;

/** @throws one sentence for the user */
export async function readSettings(env: Environment = process.env): Promise<LocalSettings> {
  const port = Number(env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT is "${env.PORT}": use 1 to 65535.`);
  const directory = path.resolve(env.LOCAL_DIR || ".local");
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`The directory ${directory} cannot be written (${code}): make it writable, or set LOCAL_DIR.`);
  }
  await requireFree(port);
  return { port, directory, demo: env.DEMO !== "0" };
}

async function requireFree(port: number): Promise<void> {
  const probe = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once("error", resolve);
    probe.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  if (!error) return void (await new Promise((resolve) => probe.close(resolve)));
  const why = error.code === "EADDRINUSE" ? "is in use by another program" : `cannot be used (${error.code})`;
  throw new Error(`Port ${port} ${why}: stop that program, or choose another port, as in PORT=8788 npm start.`);
}
