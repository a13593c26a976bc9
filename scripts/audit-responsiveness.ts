import { type Browser, chromium } from "playwright-core";
import type { Figure } from "./audit-figure.ts";

const SLOWER = 4;
const PRESSES = 5;
/** The page takes a second press within 700 ms for a double click. */
const PAUSE_MS = 1_000;
const LIMIT = { atMost: 50 };

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  args?: { name?: string; data?: { url?: string } };
}

/**
 * The longest task of the page's own main thread, in milliseconds. Without the one in which Chromium takes up a new document, and
 * what came before: it makes the page's JavaScript world there, and is as long for an empty page.
 */
function longestTask(trace: Buffer, origin: string): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const page = traceEvents.find(
    ({ args }) => args?.data?.url?.startsWith(origin) && args.data.url.endsWith(".js"),
  )?.pid;
  const main = traceEvents.find(
    ({ name, pid, args }) => name === "thread_name" && pid === page && args?.name === "CrRendererMain",
  )?.tid;
  const events = traceEvents.filter(({ pid, tid }) => pid === page && tid === main);
  const taken = Math.max(...events.filter(({ name }) => name === "CommitLoad").map(({ ts }) => ts)); // -Infinity without one
  const tasks = events.filter(({ name, ph, ts }) => name === "RunTask" && ph === "X" && ts > taken);
  if (tasks.length === 0) throw new Error("The trace shows no task of the page.");
  return Math.round(Math.max(...tasks.map(({ dur = 0 }) => dur)) / 100) / 10;
}

declare global {
  /** How long each press of the page's took until it was painted, in milliseconds. */
  var presses: number[];
}

/** Runs in the page, before its own code: notes how long a press of the switch takes until its other position is painted. */
function watchPresses(): void {
  globalThis.presses = [];
  const onPress = ({ target, timeStamp }: Event) => {
    const toggle = (target as Element).closest("[role=switch]");
    const before = toggle?.getAttribute("aria-checked");
    const look = () => {
      if (toggle?.getAttribute("aria-checked") === before) return void requestAnimationFrame(look);
      // A message that is sent in a frame arrives when the frame has been painted.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => presses.push(performance.now() - timeStamp);
      port2.postMessage(null);
    };
    requestAnimationFrame(look);
  };
  addEventListener("pointerup", onPress, { capture: true });
}

/** Loads the page and presses the switch. Nothing of the debugger's runs in the page while it is measured. */
async function measure(
  browser: Browser,
  url: string,
  headers: Record<string, string>,
): Promise<{ paints: number[]; loading: number; pressing: number }> {
  const context = await browser.newContext({ extraHTTPHeaders: headers });
  const page = await context.newPage();
  await page.addInitScript(watchPresses);
  const debug = await context.newCDPSession(page);
  await debug.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const longest = async (run: () => Promise<void>) => {
    await browser.startTracing(page, { categories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] });
    await run();
    return longestTask(await browser.stopTracing(), new URL(url).origin);
  };
  const loading = await longest(async () => {
    await page.goto(url);
    await page.waitForLoadState("networkidle");
  });
  const box = await page.getByRole("switch").boundingBox();
  if (!box) throw new Error("There is no switch on the page.");
  const pressing = await longest(async () => {
    for (let i = 0; i < PRESSES; i++) {
      await page.waitForTimeout(PAUSE_MS);
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    }
    await page.waitForTimeout(PAUSE_MS);
  });
  const paints = await page.evaluate(() => presses);
  if (paints.length !== PRESSES) throw new Error(`Of ${PRESSES} presses ${paints.length} switched.`);
  await context.close();
  return { paints, loading, pressing };
}

/** How a project's page answers, in Chromium with a processor four times slower. */
export async function responsiveness(
  url: string,
  headers: Record<string, string>,
  runs: number,
): Promise<Record<string, Figure>> {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
  try {
    const measured: Awaited<ReturnType<typeof measure>>[] = [];
    for (let i = 0; i < runs; i++) measured.push(await measure(browser, url, headers));
    const paints = measured.flatMap(({ paints }) => paints.map(Math.round));
    return {
      "press to switched paint": { values: paints, limit: LIMIT, unit: " ms" },
      "longest task while loading": { values: measured.map(({ loading }) => loading), limit: LIMIT, unit: " ms" },
      "longest task while switching": { values: measured.map(({ pressing }) => pressing), limit: LIMIT, unit: " ms" },
    };
  } finally {
    await browser.close();
  }
}
