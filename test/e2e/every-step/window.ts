import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/**
 * A window of a browser as people have it, for one test: of its tabs only the one in front is seen. In a browser that Playwright
 * starts by itself each tab takes itself for the one in front.
 */
export async function startWindow(): Promise<{ newTab(): Promise<Page> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "window-"));
  const args = ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${folder}`];
  const process = spawn(executablePath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => process.once("exit", resolve));
  onTestFinished(async () => {
    process.kill();
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const browser = await chromium.connectOverCDP(await addressOf(process.stderr), { noDefaults: true });
  const [context] = browser.contexts();
  if (!context) throw new Error("Chromium has opened no window.");
  return { newTab: () => context.newPage() };
}

/** As Chromium tells it when it listens. */
async function addressOf(told: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(told)) {
    const [address] = /ws:\/\/\S+/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error("Chromium has ended before it listened.");
}
