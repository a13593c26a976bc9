import { createInterface } from "node:readline/promises";
import { setTimeout } from "node:timers/promises";
import type { Io } from "./io.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** A line that is typed without being shown. Ctrl-C ends the process, as it does everywhere. */
function readHidden(): Promise<string> {
  const { stdin } = process;
  return new Promise((resolve) => {
    let line = "";
    const finish = () => {
      stdin.off("data", onData).setRawMode(false).pause();
      process.stderr.write("\n");
    };
    const onData = (chunk: string) => {
      for (const character of chunk) {
        if (character === CTRL_C) {
          finish();
          process.kill(process.pid, "SIGINT");
          return;
        }
        if (character === "\r" || character === "\n" || character === CTRL_D) {
          finish();
          resolve(line);
          return;
        }
        if (character === "\u007f" || character === "\b") line = line.slice(0, -1);
        else line += character;
      }
    };
    stdin.setEncoding("utf8").setRawMode(true).on("data", onData).resume();
  });
}

/** This process. A reader of its output that has gone, as with `| head`, ends it quietly. */
export function processIo(): Io {
  const { env, stdin, stdout, stderr } = process;
  for (const stream of [stdout, stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return {
    env,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    canAsk: stdin.isTTY === true,
    hasColours: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb",
    async readAll() {
      let text = "";
      for await (const chunk of stdin.setEncoding("utf8")) text += chunk;
      return text;
    },
    async ask(question, hidden) {
      stderr.write(question);
      if (hidden) return readHidden();
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question("");
      } finally {
        lines.close();
      }
    },
    fetch,
    now: Date.now,
    wait: (milliseconds, stop) => setTimeout(milliseconds, undefined, { signal: stop }).catch(() => {}),
    untilInterrupted() {
      const controller = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
      return controller.signal;
    },
  };
}
