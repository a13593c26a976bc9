import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Request, TracingToggleOptions } from "../../sdk/src/index.ts";
import type { Ran, Saw, Task } from "../agent/agent.ts";

/** A user's agent in a process of its own. */
export interface AgentProcess {
  /** Answers a question, and sends its trace if there is one. */
  run(request?: Request): Promise<Ran>;
  /** Starts to decide all the time; `next` resolves with the next decision that differs from the one before. */
  watch(request?: Request): { next(): Promise<Saw> };
  /** What it has logged. */
  output(): string;
  close(): Promise<void>;
}

/** Starts the agent with its settings in the environment, and options of the client besides. */
export async function startAgent(
  env: Record<string, string>,
  options: Pick<TracingToggleOptions, "maxAgeMs" | "timeoutMs"> = {},
): Promise<AgentProcess> {
  const child = fork(fileURLToPath(new URL("../agent/agent.ts", import.meta.url)), [JSON.stringify(options)], {
    env: { PATH: process.env.PATH, ...env },
    execArgv: ["--no-warnings"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  const told: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  child.on("message", (message) => {
    const next = waiting.shift();
    if (next) next(message);
    else told.push(message);
  });
  const next = <T>() =>
    Promise.race([
      new Promise<T>((resolve) => {
        if (told.length > 0) resolve(told.shift() as T);
        else waiting.push(resolve as (message: unknown) => void);
      }),
      exited.then(([code]) => Promise.reject(new Error(`the agent ended (${code}): ${output}`))),
    ]);
  const send = (task: Task) => child.send(task);
  await next();
  return {
    run(request = {}) {
      send({ run: request });
      return next<Ran>();
    },
    watch(request = {}) {
      send({ watch: request });
      return { next: () => next<Saw>() };
    },
    output: () => output,
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
