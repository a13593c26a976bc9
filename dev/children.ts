import { type ChildProcess, fork } from "node:child_process";

/** A part of the local stack in a process of its own. */
export interface Child {
  name: string;
  /** What it sent when it was ready. */
  ready: Record<string, string>;
}

type Message = { type: "ready" | "failed"; message?: string } & Record<string, string>;

const STOP_TIMEOUT_MS = 6_000;

/**
 * The processes of the local stack. Each is a group of its own, so that ending it ends what it has started too; and each ends
 * by itself when the channel to this process closes, that is also when this process is killed with -9.
 */
export class Children {
  readonly #running = new Map<ChildProcess, string>();
  #stopping = false;
  readonly #onDeath: (name: string) => void;

  /** @param onDeath told when a child ends that was not stopped */
  constructor(onDeath: (name: string) => void) {
    this.#onDeath = onDeath;
  }

  /**
   * Starts a module, and waits until it says that it is ready.
   *
   * @throws the sentence it sends when it cannot start
   */
  async start(name: string, module: string, env: NodeJS.ProcessEnv): Promise<Child> {
    const child = fork(module, { env: { ...process.env, ...env }, detached: true, stdio: ["ignore", 1, 2, "ipc"] });
    this.#running.set(child, name);
    let isReady = false;
    child.once("exit", () => {
      this.#running.delete(child);
      killGroup(child);
      if (isReady && !this.#stopping) this.#onDeath(name);
    });
    return new Promise((resolve, reject) => {
      child.on("message", ({ type, message, ...ready }: Message) => {
        if (type === "failed") reject(new Error(message));
        if (type !== "ready") return;
        isReady = true;
        resolve({ name, ready });
      });
      child.once("exit", (code, signal) => reject(new Error(`${name} ended before it was ready (${signal ?? code}).`)));
    });
  }

  /** Ends every child, the last started first, and waits until they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const child of [...this.#running.keys()].reverse()) {
      if (!this.#running.has(child)) continue; // it ended while another was waited for
      const gone = new Promise((resolve) => child.once("exit", resolve));
      const timer = setTimeout(() => killGroup(child), STOP_TIMEOUT_MS);
      child.kill("SIGTERM");
      await gone;
      clearTimeout(timer);
    }
  }
}

/** Ends what is left of a child's process group, itself included. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // nothing was left
  }
}
