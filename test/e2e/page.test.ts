import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Gate, startGate } from "../harness/gate.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const screens = fileURLToPath(new URL(".screens/", import.meta.url));
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

let stack: Stack;
let gate: Gate;
let worker: Awaited<ReturnType<typeof startWorker>>;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let key: string;
let projectId: string;
let complaints: string[];

beforeAll(async () => {
  if (!existsSync(executablePath)) throw new Error(`No Chromium at ${executablePath}: install it, or set CHROMIUM.`);
  await mkdir(screens, { recursive: true });
  [stack, browser] = await Promise.all([startStack(), chromium.launch({ executablePath })]);
  gate = await startGate(stack.upstash.url);
  worker = await startWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: gate.url } });
  key = await stack.createKey({ name: "Ada" });
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
  await gate?.close();
  await stack?.close();
});
beforeEach(async () => {
  projectId = await stack.createProject("Support agent");
  context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(worker.url)) complaints.push(`third party: ${request.url()}`);
  });
});
afterEach(() => context?.close());

const theSwitch = () => page.getByRole("switch", { name: "Enable Tracing" });
const shown = (text: string | RegExp) => page.getByText(text).first().waitFor();
const enabledKey = () => stack.redis.get(`tracing:${projectId}:enabled`);

/** Opens the project as the link does that `npm start` prints. */
async function open(secret = key): Promise<void> {
  await page.goto(`${worker.url}/projects/${projectId}#key=${secret}`);
  await theSwitch().waitFor();
}

async function expectAccessible(name: string): Promise<void> {
  await page.screenshot({ path: `${screens}${name}.png`, fullPage: true });
  // Over the debugging protocol: the page's own policy forbids it to evaluate text.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as never as { axe: typeof axe }).axe.run());
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test("one click on the link signs in, one on the switch turns tracing off, and says when it is in effect", async () => {
  await open();
  expect(page.url(), "the key is gone from the address").toBe(`${worker.url}/projects/${projectId}`);
  await shown(/^Traces are being collected/);
  await page.getByRole("heading", { name: "Observability Settings" }).waitFor();
  await expectAccessible("on");

  await page.getByLabel("Reason").fill("load test");
  await theSwitch().click();
  await shown(/^Tracing is disabled/);
  await shown("In effect");
  expect(await enabledKey()).toBe("false");
  await shown("load test");
  await shown(/by Ada/);
  await expectAccessible("off");

  await page.reload();
  await shown(/^Tracing is disabled/);
  expect(await theSwitch().getAttribute("aria-checked")).toBe("false");
  expect(complaints).toEqual([]);
});

test("works by keyboard alone, and a double press sends one change", async () => {
  await open();
  await theSwitch().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Space");
  await shown("In effect");
  expect(await enabledKey()).toBe("false");
  const [count] = await stack.sql`select count(*) from events where project_id = ${projectId}`;
  expect(count).toEqual({ count: "1" });
});

test("a change that fails puts the switch back and says why", async () => {
  await open();
  await page.route("**/tracing", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()));
  await theSwitch().click();
  await page.getByRole("alert").waitFor();
  expect(await theSwitch().getAttribute("aria-checked")).toBe("true");
  expect(await enabledKey()).not.toBe("false");
  await expectAccessible("failed");
});

test("a change that Redis did not get is shown as saved, but not as in effect", async () => {
  await open();
  const held = gate.hold("tracing_toggle_publish");
  await theSwitch().click();
  (await held).drop();
  await shown(/Redis could not be reached/);
  await worker.runCron();
  expect(await enabledKey()).toBe("false");
});

test("an emergency stop is shown within seconds, with the way to lift it", async () => {
  await open();
  await stack.redis.set(`tracing:${projectId}:enabled`, "false");
  await shown(/emergency stop/);
  await expectAccessible("break-glass");
  await page.getByRole("button", { name: /Lift/ }).click();
  await shown(/^Traces are being collected/);
  await shown("In effect");
  expect(await enabledKey()).toBe("true");
});

test("two browsers see each other's change", async () => {
  await open();
  const other = await browser.newContext({ locale: "en-US" });
  const otherPage = await other.newPage();
  await otherPage.goto(`${worker.url}/projects/${projectId}#key=${key}`);
  await otherPage.getByRole("switch").click();
  await shown(/^Tracing is disabled/);
  await other.close();
});

test("a key that may only read sees the switch, and cannot use it", async () => {
  await open(await stack.createKey({ name: "viewer", scopes: ["read"], projectId }));
  expect(await theSwitch().isDisabled()).toBe(true);
  await shown(/may only read/);
  await expectAccessible("read-only");
});

test("signed out, a deep link asks for a key, refuses a wrong one, and then leads where it should", async () => {
  await page.goto(`${worker.url}/projects/${projectId}`);
  await page.getByLabel("API key").fill("tt_wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await expectAccessible("sign-in");
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await theSwitch().waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").waitFor();
  await page.reload();
  await page.getByLabel("API key").waitFor();
});

test("the list leads to a project and back, on a phone in the dark as well", async () => {
  await page.setViewportSize({ width: 375, height: 800 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${worker.url}/#key=${key}`);
  await page
    .getByRole("link", { name: /Support agent/ })
    .first()
    .waitFor();
  await expectAccessible("projects-dark-375");
  await page
    .getByRole("link", { name: /Support agent/ })
    .first()
    .click();
  await theSwitch().waitFor();
  await expectAccessible("project-dark-375");
  await page.goBack();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  expect(complaints).toEqual([]);
});
