import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { useStand } from "./stand.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const stand = useStand();
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const range = (name: string) =>
  stand.page.getByRole("group", { name: "Time" }).getByRole("button", { name, exact: true });
const isPressed = (name: string) => stand.page.locator(`button[aria-pressed="true"]`, { hasText: name }).waitFor();
const figure = (title: string) => stand.page.locator("dl.figures > div", { hasText: title });
const table = () => stand.page.getByRole("table");
const openTable = () => stand.page.getByText("The same as a table").click();
const rowsOf = (part: "thead" | "tbody" | "tfoot") =>
  table()
    .locator(`${part} tr`)
    .evaluateAll((rows) => rows.map((row) => Array.from(row.children, (cell) => cell.textContent)));
/** Every number of the chart stands in the row of totals, too. */
const totalIs = (...cells: string[]) =>
  expect.poll(async () => (await rowsOf("tfoot"))[0], { timeout: 20_000 }).toEqual(["Total", ...cells]);

let reporter: ReturnType<typeof apiOf>;
beforeAll(async () => {
  reporter = apiOf(stand.worker, await stand.stack.createKey({ scopes: ["report"] }));
});

interface Report {
  ago?: number;
  cost?: number;
  version?: number;
  instance?: string;
}

async function report(
  counts: Record<string, number>,
  { ago = 0, cost = 0, version, instance = "agent-1" }: Report = {},
) {
  const end = new Date(Date.now() - ago).toISOString();
  const response = await reporter.call("POST", `/projects/${stand.projectId}/usage`, {
    batch_id: randomUUID(),
    instance,
    period_start: end,
    period_end: end,
    counts,
    cost_micros: cost,
    policy_version: version ?? null,
    sdk: { version: "0.1.0", runtime: "node" },
  });
  expect(response.status).toBe(200);
}

/** Some of everything, of the last hour. */
async function reportAll() {
  const reasons = { not_sampled: 300, disabled: 250, schedule: 200, budget: 150, locked: 100, user_override: 60 };
  for (let ago = 55; ago > 0; ago -= 5) {
    const each = Object.entries(reasons).map(([reason, count], i) => [reason, (ago / 5 + i) % 4 === 0 ? count : 0]);
    await report({ enabled: 400 + 8 * ago, ...Object.fromEntries(each) }, { ago: ago * MINUTE, cost: 400_000 });
  }
  await report({ unavailable: 3, pending: 12, other: 40 }, { ago: 12 * MINUTE });
}

test("what agents reported is drawn and told, with what it cost and what it saved", async () => {
  await report({ enabled: 800, not_sampled: 150, disabled: 40 }, { ago: 20 * MINUTE, cost: 1_200_000 });
  await report({ enabled: 0, unavailable: 3, pending: 7 }, { ago: 5 * MINUTE });
  await stand.open("activity");
  await stand.shown(
    "1,000 decisions in the last hour: 800 traced (80 %), 190 skipped (19 %), 10 without an answer (1 %).",
  );
  await figure("Cost").getByText("$1.20").waitFor();
  await figure("Saved")
    .getByText("190 skipped at $0.00148 each: the mean cost of a traced run, as reported.")
    .waitFor();
  await figure("Without an answer").getByText("3 while nobody answered, 7 before the first answer").waitFor();
  await figure("Until agents saw a change").getByText("No running agent").waitFor();
  expect(await stand.page.locator(".chart-box path.part").count()).toBe(4);

  await openTable();
  expect(await rowsOf("thead")).toEqual([
    ["Time", "Traced", "Skipped: not in the sample", "Skipped: switched off", "Without an answer", "Cost"],
  ]);
  expect((await rowsOf("tbody")).map(([, ...cells]) => cells)).toEqual([
    ["800", "150", "40", "0", "$1.20"],
    ["0", "0", "0", "10", "$0.00"],
  ]);
  await totalIs("800", "150", "40", "10", "$1.20");
  expect(stand.complaints).toEqual([]);
});

test("every reason can be told from the others, in both themes", async () => {
  await reportAll();
  const { version } = await stand.api.switch(stand.projectId, false, "load test");
  await report({ disabled: 900 }, { version, instance: "agent-2" });
  await stand.open("activity");
  await stand.shown("Traced");
  await stand.shown("Skipped: locked or stopped");
  await stand.expectAccessible("activity");
  await openTable();
  await stand.expectAccessible("activity-table");
  expect(stand.complaints).toEqual([]);
});

test("the range is chosen by mouse and by keyboard, stands in the address, and outlives reload and the back button", async () => {
  await report({ enabled: 1 });
  await report({ enabled: 10 }, { ago: 3 * HOUR });
  await report({ enabled: 100 }, { ago: 30 * HOUR });
  await stand.open("activity");
  await openTable();
  await totalIs("1", "$0.00");
  await range("24 hours").click();
  await totalIs("11", "$0.00");
  expect(new URL(stand.page.url()).search).toBe("?range=24h");
  await range("24 hours").press("Tab");
  await stand.page.keyboard.press("Enter");
  await totalIs("111", "$0.00");
  await isPressed("30 days");
  await stand.expectAccessible("activity-30d");

  await stand.page.reload();
  await isPressed("30 days");
  await openTable();
  await totalIs("111", "$0.00");
  await stand.page.goBack();
  await totalIs("11", "$0.00");
  await stand.page.getByRole("link", { name: "Preview" }).click();
  await stand.page.getByRole("heading", { name: "Preview" }).waitFor();
  await stand.page.goBack();
  await isPressed("24 hours");
  expect(stand.complaints).toEqual([]);
});

test("a link to a range shows that range", async () => {
  await report({ enabled: 5 }, { ago: 3 * HOUR });
  await stand.open("activity?range=24h");
  await stand.shown("5 decisions in the last 24 hours");
});

test("another report shows by itself", async () => {
  await report({ enabled: 5 }, { cost: 10 });
  await stand.open("activity");
  await openTable();
  await totalIs("5", "$0.00001");
  await report({ enabled: 5, unavailable: 1 }, { cost: 10 });
  await totalIs("10", "1", "$0.00002");
});

test("a change is marked, and tells who made it and why to who points at it or comes by keyboard", async () => {
  await report({ enabled: 5 }, { ago: MINUTE });
  const { version } = await stand.api.switch(stand.projectId, false, "load test");
  await report({ disabled: 5 }, { version });
  await stand.open("activity");
  const mark = button("Tracing switched off");
  const tip = stand.page.getByRole("tooltip");
  await mark.hover();
  await tip.getByText("by Ada").waitFor();
  await tip.getByText("load test").waitFor();
  await stand.page.mouse.move(0, 0);
  await tip.waitFor({ state: "hidden" });
  await range("30 days").focus();
  await stand.page.keyboard.press("Tab");
  await tip.getByText("load test").waitFor();
  await stand.expectAccessible("activity-marker");
  await stand.page.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });

  await stand.api.switch(stand.projectId, true);
  await button("2 changes").waitFor({ timeout: 20_000 });
  await stand.page.keyboard.press("Enter");
  await tip.getByText("Tracing switched on").waitFor();
  expect(stand.complaints).toEqual([]);
});

test("how long until running agents saw a change is told", async () => {
  await report({ enabled: 1 }, { ago: MINUTE });
  const { version } = await stand.api.switch(stand.projectId, false);
  await report({ disabled: 1 }, { version });
  await stand.open("activity");
  await figure("Until agents saw a change")
    .getByText(/^\d+(\.\d)? m?s for half of them$/)
    .waitFor();
  await figure("Until agents saw a change").getByText("seen 1 time").waitFor();
});

test("the column that is pointed at is told below", async () => {
  await report({ enabled: 5 }, { ago: 30 * MINUTE });
  await report({ enabled: 2 }, { ago: 10 * MINUTE });
  await stand.open("activity");
  const legend = stand.page.locator(".legend");
  await legend.getByText("In the last hour").waitFor();
  await legend.getByText("7", { exact: false }).first().waitFor();
  const first = await stand.page.locator("path.part").evaluate((path: SVGPathElement) => path.getBBox().x);
  await stand.page.locator(".chart-box svg").hover({ position: { x: first + 1, y: 100 } });
  await legend.getByText(/^\d\d:\d\d$/).waitFor();
  await legend.getByText(/^5/).waitFor();
});

test("before the first report it says how agents report", async () => {
  await stand.open("activity");
  await stand.shown("No decision was reported in the last hour");
  await stand.shown(/createTracingToggle\({ usage: usage\(\) }\)/);
  const link = stand.page.getByRole("link", { name: "How to connect an agent" });
  expect(await link.getAttribute("href")).toBe(`/projects/${stand.projectId}/integration`);
  await stand.expectAccessible("activity-empty");
  await report({ enabled: 1 });
  await stand.shown("1 decision in the last hour: 1 traced (100 %).");
  expect(stand.complaints).toEqual([]);
});

test("while the API is away the last numbers stay, and it says so; then it goes on by itself", async () => {
  await report({ enabled: 5 });
  await stand.open("activity");
  await stand.shown("5 decisions in the last hour");
  await stand.page.route("**/metrics**", (route) => route.abort());
  await stand.page
    .getByRole("status")
    .getByText(/^Last confirmed at .* did not answer/)
    .waitFor();
  await stand.shown("5 decisions in the last hour");
  await stand.expectAccessible("activity-stale");
  await stand.page.context().setOffline(true);
  await stand.page
    .getByRole("status")
    .getByText(/offline/)
    .waitFor();
  await stand.page.context().setOffline(false);
  await stand.page.unroute("**/metrics**");
  await report({ enabled: 5 });
  await stand.shown("10 decisions in the last hour");
  await stand.shown(/^Updated at/);
});

test("while the first answer takes long it says that it is loading", async () => {
  await report({ enabled: 5 });
  let answer = () => {};
  const released = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await stand.page.route("**/metrics**", async (route) => {
    await released;
    await route.continue();
  });
  await stand.open("activity");
  await stand.shown("Loading");
  await stand.expectAccessible("activity-loading");
  answer();
  await stand.shown("5 decisions in the last hour");
});

test("without an answer it says what is wrong, and tries again when asked", async () => {
  await report({ enabled: 5 });
  await stand.page.route("**/metrics**", (route) =>
    route.fulfill({
      status: 429,
      headers: { "Retry-After": "60", "Content-Type": "application/problem+json" },
      body: JSON.stringify({ code: "too_many_requests", detail: "This key is used too often." }),
    }),
  );
  await stand.open("activity");
  await stand.page
    .getByRole("alert")
    .getByText(/The activity could not be loaded. This key is used too often. .*60/)
    .waitFor();
  await stand.expectAccessible("activity-not-loaded");
  await stand.page.unroute("**/metrics**");
  await button("Try again").click();
  await stand.shown("5 decisions in the last hour");
});
