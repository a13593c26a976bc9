import { fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import type { TracingToggle, TracingToggleOptions } from "tracing-toggle";
import { buildIfStale } from "../../scripts/build.ts";
import { message } from "../interleaved.ts";
import { median, progress, quantile, type Run } from "../measure.ts";
import { loadLive, loadSdk } from "../sdk.ts";
import { atMost, figure, type Row, type Table } from "../table.ts";
import type { Live } from "./stack.ts";

const LIMIT_MS = 100;
const NEVER_POLLED_MS = 3_600_000;

/** How long one change took to be seen, in milliseconds. */
interface Seen {
  /** Since the switch was asked for. */
  sinceAsked: number;
  /** Since the change was written to the database: its version is that instant. */
  sinceWritten: number;
}

/** How long it takes until `peek()` goes by a switch that was made by the API. */
export async function measure({ quick }: Run): Promise<Table[]> {
  progress("live: starting the local stack");
  await buildIfStale();
  const stack = fork(new URL("stack.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    const it = await message<Live>(stack);
    const { live } = await loadLive();
    const pushed = await seen(it, quick ? 30 : 400, { live: live(), maxAgeMs: NEVER_POLLED_MS });
    const polled = await seen(it, quick ? 5 : 40, {});
    return [
      {
        title: "Until a switch is seen by peek()",
        columns: ["", "changes", "ms, median", "p99", "longest", "since asked: median", "p99"],
        rows: [rowOf("live", pushed, [LIMIT_MS]), rowOf("polling, default settings", polled, [])],
        notes: [
          "Switched by PATCH at the Worker's bundle in workerd, on the local stack; milliseconds since the change was written to the database (its version is that instant), and since it was asked for.",
          "live alone: nothing is polled (maxAgeMs 1 h). A process peeks every millisecond.",
        ],
      },
    ];
  } finally {
    stack.disconnect();
  }
}

function rowOf(name: string, all: Seen[], limits: number[]): Row {
  const written = all.map(({ sinceWritten }) => sinceWritten);
  const asked = all.map(({ sinceAsked }) => sinceAsked);
  const p99 = quantile(written, 0.99);
  const figures = [median(written), p99, Math.max(...written), median(asked), quantile(asked, 0.99)].map(figure);
  return {
    cells: [name, figure(all.length), ...figures],
    targets: limits.map((limit) => atMost(p99, limit, "ms, p99")),
  };
}

/** Switches so many times, there and back, and watches a client with these options. */
async function seen({ redis, api, projectId }: Live, changes: number, options: TracingToggleOptions): Promise<Seen[]> {
  const { createTracingToggle } = await loadSdk();
  const tracing = createTracingToggle({ projectId, redis, api, logger: null, ...options });
  const times: Seen[] = [];
  try {
    await tracing.ready();
    await wait(500); // the subscription stands
    for (let i = 0; i < changes; i++) {
      progress(`live: change ${i + 1} of ${changes}`);
      const on = !tracing.peek().trace;
      const asked = now();
      const [version, at] = await Promise.all([switchTo(on, api, projectId), watch(tracing, on)]);
      times.push({ sinceAsked: at - asked, sinceWritten: Math.max(0, at - version) });
      await wait(Math.random() * 30);
    }
  } finally {
    await tracing.close();
  }
  return times;
}

/** Epoch milliseconds, and their fractions. */
const now = (): number => performance.timeOrigin + performance.now();

async function watch(tracing: TracingToggle, on: boolean): Promise<number> {
  for (const end = now() + 30_000; now() < end; await wait(1)) if (tracing.peek().trace === on) return now();
  throw new Error("a change was not seen for 30 s");
}

/** @returns the change's version */
async function switchTo(on: boolean, { url, key }: Live["api"], projectId: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/projects/${projectId}/tracing`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ tracing_enabled: on }),
  });
  const body = (await response.json()) as { version: number; propagation: string };
  if (body.propagation !== "live") throw new Error(`a change did not get through: ${JSON.stringify(body)}`);
  return body.version;
}
