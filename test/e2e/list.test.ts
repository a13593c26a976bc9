import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { useStand } from "./stand.ts";

const stand = useStand();
/** In the name of every project that a test made. */
let mark: string;

const openList = (search = "") => stand.page.goto(`${stand.worker.url}/${search}#key=${stand.key}`);
const searchField = () => stand.page.getByLabel("Search");
const links = () => stand.page.locator(".project");
const names = () => stand.page.locator(".project-name").allTextContents();
const focused = () => stand.page.evaluate(() => document.activeElement?.textContent ?? "");
const patch = (id: string, path: string, body: object) => stand.api.call("PATCH", `/projects/${id}${path}`, body);

beforeEach(() => {
  mark = randomUUID().slice(0, 8);
});

test("a search finds by part of the name and by id, is part of the address, and says when it finds nothing", async () => {
  const id = await stand.stack.createProject(`Invoices ${mark}`);
  await stand.stack.createProject(`Mail ${mark}`);
  await openList();
  await searchField().fill(`INVOICES ${mark}`);
  await stand.shown("1 project found");
  expect(await names()).toEqual([`Invoices ${mark}`]);
  await searchField().fill(id.slice(0, 18));
  await stand.page.waitForURL(`**/?search=${id.slice(0, 18)}`);
  await stand.shown("1 project found");

  await links().click();
  await stand.page.getByRole("switch").waitFor();
  await stand.page.goBack();
  await stand.shown("1 project found");
  expect(await searchField().inputValue()).toBe(id.slice(0, 18));

  await searchField().fill("100%_");
  await stand.shown("No name contains “100%_”, and no id begins with it.");
  await stand.expectAccessible("projects-no-match");
  expect(stand.complaints).toEqual([]);
});

test("the way to all projects ends a search, and one that is still typed does not follow to another view", async () => {
  await stand.stack.createProject(`Invoices ${mark}`);
  await openList(`?search=${mark}`);
  await stand.shown("1 project found");
  await stand.page.getByRole("link", { name: "Tracing Toggle" }).click();
  await stand.page.getByText("1 project found").waitFor({ state: "detached" });
  expect(await searchField().inputValue()).toBe("");
  await stand.page.goBack();
  await stand.shown("1 project found");
  expect(await searchField().inputValue()).toBe(mark);

  const { clock } = stand.page;
  await clock.install();
  await clock.pauseAt(Date.now() + 60_000);
  await searchField().fill("Inv");
  await links().click();
  await stand.page.waitForURL("**/projects/*");
  await clock.runFor(1_000);
  await clock.resume();
  await stand.page.getByRole("switch").waitFor();
  expect(new URL(stand.page.url()).search).toBe("");
});

test("a search that the address asks for is made fit, and one that fails can be changed", async () => {
  await stand.stack.createProject(`Invoices ${mark}`);
  await openList(`?search=${mark}%00`);
  await stand.shown("1 project found");
  await openList(`?search=${"x".repeat(101)}`);
  await stand.shown(/^No name contains “x{100}”/);

  await stand.page.route("**/api/v1/projects?**", (route) =>
    route.fulfill({ status: 400, json: { code: "invalid_request", detail: "The search is refused." } }),
  );
  await stand.page.goto("about:blank");
  await openList("?search=refused");
  await stand.shown("The search is refused.");
  await stand.expectAccessible("projects-refused");
  await stand.page.unroute("**/api/v1/projects?**");
  await searchField().fill(mark);
  await stand.shown("1 project found");
});

test("by keyboard alone: a slash leads to the search, arrows, Home and End through the list, Enter to a project", async () => {
  for (const name of ["a", "b", "c"]) await stand.stack.createProject(`${name} ${mark}`);
  await openList();
  await links().first().waitFor();
  await stand.page.keyboard.press("/");
  await stand.page.keyboard.type(`${mark}/`);
  await stand.shown("No name contains");
  await stand.page.keyboard.press("Backspace");
  await stand.shown("3 projects found");
  const [first = "", second = "", third = ""] = await names();
  const goes = async (key: string, to: string) => {
    await stand.page.keyboard.press(key);
    expect(await focused(), key).toContain(to);
  };
  await goes("ArrowDown", first);
  await goes("ArrowDown", second);
  await goes("End", third);
  await goes("ArrowDown", third);
  await goes("Home", first);
  await stand.page.keyboard.press("ArrowUp");
  expect(await searchField().evaluate((field) => field === document.activeElement)).toBe(true);
  await goes("ArrowDown", first);
  await goes("ArrowDown", second);
  await stand.page.keyboard.press("Enter");
  await stand.page.getByRole("heading", { level: 1, name: second }).waitFor();
});

test("production, a lock and what decides in place of the switch stand in the list in words, and stay up to date", async () => {
  const production = await stand.stack.createProject(`Payments ${mark}`);
  const locked = await stand.stack.createProject(`Research ${mark}`);
  const plain = await stand.stack.createProject(`Support ${mark}`);
  await patch(production, "/rules", { production: true, reason: "goes live" });
  await stand.api.call("PUT", `/projects/${locked}/lock`, { reason: "incident 12" });
  await patch(plain, "/tracing", { tracing_enabled: false, duration_seconds: 900 });
  await openList(`?search=${mark}`);
  const row = (name: string) => stand.page.getByRole("link", { name: new RegExp(`${name} ${mark}`) });
  await row("Payments").getByText("production").waitFor();
  await row("Research").getByText("locked").waitFor();
  await row("Research").getByText("Off by an admin’s lock").waitFor();
  await row("Support").getByText("Off by a temporary override").waitFor();
  await stand.expectAccessible("projects-marked");

  await stand.api.switch(plain, false);
  await row("Support").getByText("Off", { exact: true }).waitFor({ timeout: 13_000 });
  expect(stand.complaints).toEqual([]);
});

test("a long list comes in pages, and stays as long as it was when it is refreshed", async () => {
  await stand.stack.sql`
    insert into projects (id, name) select gen_random_uuid(), ${mark} || ' ' || n from generate_series(1, 60) n`;
  await openList(`?search=${mark}`);
  await stand.shown("50 or more projects found");
  await stand.page.getByRole("button", { name: "Load more" }).click();
  await stand.shown("60 projects found");
  const refreshed = await stand.page.waitForResponse((response) => response.url().includes("/projects?"));
  await refreshed.finished();
  await stand.shown("60 projects found");
  expect(await links().count()).toBe(60);
});

test("a list that cannot be read says so, whether it is there already or not", async () => {
  await stand.stack.createProject(`Support ${mark}`);
  await stand.page.route("**/api/v1/projects?**", (route) => route.abort());
  await openList(`?search=${mark}`);
  await stand.shown("The control plane did not answer. Check your connection.");
  await stand.expectAccessible("projects-unreachable");
  await stand.page.unroute("**/api/v1/projects?**");
  await stand.page.getByRole("button", { name: "Try again" }).click();
  await links().first().waitFor();

  await stand.page.route("**/api/v1/projects?**", (route) => route.abort());
  await searchField().fill(mark.slice(1));
  await stand.page
    .getByRole("alert")
    .getByText(/^The list may be out of date\. .* Check your connection\./)
    .waitFor();
  expect(await names(), "what was there stays").toEqual([`Support ${mark}`]);
  await stand.expectAccessible("projects-stale");
});
