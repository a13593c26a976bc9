import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const screens = fileURLToPath(new URL(".screens/", import.meta.url));
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 800 };
const NARROWEST = { width: 320, height: 700 };

/** The whole product with a browser before it, and for each test a project and a page of its own. */
export interface Stand {
  stack: Stack;
  /** In front of Redis. */
  gate: Gate;
  worker: Awaited<ReturnType<typeof startWorker>>;
  api: ReturnType<typeof apiOf>;
  /** Of an admin called Ada. */
  key: string;
  projectId: string;
  page: Page;
  /** What the page wrote to the console, threw, or asked of others: nothing, if all is well. */
  complaints: string[];
  /** Opens a view of the project as the link does that `npm start` prints. */
  open(tab?: string, secret?: string): Promise<void>;
  /** The same project in another person's browser. */
  another(tab?: string, secret?: string): Promise<Page>;
  shown(text: string | RegExp): Promise<void>;
  /** Looks at a state in both themes, wide and narrow: no violation by axe, nothing cut off, a picture for people. */
  expectAccessible(name: string): Promise<void>;
}

export function useStand(): Stand {
  const stand = {} as Stand;
  let browser: Browser;

  const newContext = () => browser.newContext({ locale: "en-US", timezoneId: "Europe/Zurich", viewport: WIDE });

  const newPage = async (context: BrowserContext) => {
    const page = await context.newPage();
    page.on("console", (message) => stand.complaints.push(message.text()));
    page.on("pageerror", (error) => stand.complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(stand.worker.url)) stand.complaints.push(`third party: ${request.url()}`);
    });
    return page;
  };

  const openIn = async (page: Page, tab: string, secret: string) => {
    await page.goto(`${stand.worker.url}/projects/${stand.projectId}${tab && `/${tab}`}#key=${secret}`);
    await page.getByRole("navigation", { name: "Project", exact: true }).waitFor();
  };

  beforeAll(async () => {
    if (!existsSync(executablePath)) throw new Error(`No Chromium at ${executablePath}: install it, or set CHROMIUM.`);
    await mkdir(screens, { recursive: true });
    [stand.stack, browser] = await Promise.all([startStack(), chromium.launch({ executablePath })]);
    stand.gate = await startGate(stand.stack.upstash.url);
    const workerEnv = { ...stand.stack.workerEnv, UPSTASH_REDIS_REST_URL: stand.gate.url };
    stand.worker = await startWorker({ workerEnv });
    stand.key = await stand.stack.createKey({ name: "Ada" });
    stand.api = apiOf(stand.worker, stand.key);
  });
  afterAll(async () => {
    await browser?.close();
    await stand.worker?.close();
    await stand.gate?.close();
    await stand.stack?.close();
  });
  beforeEach(async () => {
    stand.complaints = [];
    stand.projectId = await stand.stack.createProject("Support agent");
    stand.page = await newPage(await newContext());
  });
  afterEach(() => Promise.all(browser?.contexts().map((context) => context.close()) ?? []));

  stand.open = (tab = "", secret = stand.key) => openIn(stand.page, tab, secret);
  stand.another = async (tab = "", secret = stand.key) => {
    const page = await newPage(await newContext());
    await openIn(page, tab, secret);
    return page;
  };
  stand.shown = (text) => stand.page.getByText(text).first().waitFor();
  stand.expectAccessible = async (name) => {
    const { page } = stand;
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const size of [PHONE, WIDE]) {
        await page.setViewportSize(size);
        await page.screenshot({ path: `${screens}${name}-${colorScheme}-${size.width}.png`, fullPage: true });
      }
      expect(await violations(page)).toEqual([]);
    }
    await page.setViewportSize(NARROWEST);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), "nothing is cut off").toBe(NARROWEST.width);
    await page.setViewportSize(WIDE);
  };
  return stand;
}

async function violations(page: Page): Promise<string[]> {
  // Over the debugging protocol: the page's own policy forbids it to evaluate text.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as never as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
