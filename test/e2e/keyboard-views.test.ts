import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { useKeyboard } from "./keyboard.ts";
import { useStand } from "./stand.ts";

// Users, preview, activity, history, keys and integration by keyboard alone, from a page that has just been opened.

const stand = useStand();
const { press, type, goTo, use, fill, expectFocus } = useKeyboard(stand);

const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const label = (name: string | RegExp) => stand.page.getByLabel(name, { exact: true });
const radio = (name: RegExp | string) => stand.page.getByRole("radio", { name });
const heading = (name: string) => stand.page.getByRole("heading", { name, exact: true });
const item = (text: string) => stand.page.getByRole("listitem").filter({ hasText: text });
const dialog = () => stand.page.getByRole("dialog");
const dialogCloses = () => dialog().waitFor({ state: "detached" });
const listEnd = () => stand.page.locator("#list-end");
const call = (method: string, path: string, body?: object) =>
  stand.api.call(method, `/projects/${stand.projectId}/${path}`, body);

async function report(counts: Record<string, number>) {
  const agent = apiOf(stand.worker, await stand.stack.createKey({ scopes: ["report"], projectId: stand.projectId }));
  const now = new Date().toISOString();
  const answer = await agent.call("POST", `/projects/${stand.projectId}/usage`, {
    batch_id: randomUUID(),
    instance: "agent-1",
    period_start: now,
    period_end: now,
    counts,
    cost_micros: 1_000_000,
    policy_version: null,
    sdk: { version: "0.1.0", runtime: "node" },
  });
  expect(answer.status).toBe(200);
}

test("users: one is set with an end and a reason, found, and revoked after a second thought", async () => {
  await call("PUT", "users/someone-else", { trace: false });
  await stand.open("users");
  await use(button("Add"));
  await stand.shown("Enter a user id.");
  await expectFocus(label("User id"));
  await type("ada");
  await goTo(radio(/^Always/));
  await press("ArrowDown");
  await goTo(label("Ends"));
  await press("ArrowDown", 2);
  await goTo(label("Reason (optional)"));
  await type("ticket 7");
  await press("Enter");
  await item("ada").getByText("ticket 7").waitFor();
  await item("ada").getByText("never").waitFor();
  await item("ada")
    .getByText(/^until /)
    .waitFor();
  await expectFocus(label("User id"));

  await fill(label("Search"), "ad");
  await item("someone-else").waitFor({ state: "detached" });
  const revoke = button("Revoke the override of ada");
  await use(revoke);
  await expectFocus(dialog().getByLabel("Reason"));
  await press("Escape");
  await dialogCloses();
  await expectFocus(revoke);
  await press("Space");
  await use(dialog().getByRole("button", { name: "Revoke" }));
  await stand.shown("No user id contains “ad”.");
  await expectFocus(stand.page.getByRole("region", { name: "In force" }));
});

test("users: a lock that comes in between leaves the focus at the heading", async () => {
  await call("PUT", "users/ada", { trace: false });
  await stand.open("users", await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
  for (const control of [label("User id"), button("Revoke the override of ada")]) {
    await goTo(control);
    await call("PUT", "lock", { reason: "legal hold" });
    await stand.shown(/Only a key with the admin scope/);
    await expectFocus(heading("User overrides"));
    await call("DELETE", "lock");
    await button("Add").waitFor();
  }
});

test("users: a long list is read on to its end, and one that fails is asked for again", async () => {
  const names = Array.from({ length: 60 }, (_, i) => `user-${String(i).padStart(2, "0")}`);
  await Promise.all(names.map((name) => call("PUT", `users/${name}`, { trace: false })));
  const path = "**/api/**/users?**";
  await stand.page.route(path, (route) => route.abort());
  await stand.open("users");
  await goTo(button("Try again"));
  await stand.page.unroute(path);
  await press("Enter");
  await expectFocus(stand.page.getByRole("region", { name: "In force" }));
  await use(button("Load more"));
  await stand.shown("That is all of them.");
  await expectFocus(listEnd());
  await press("Shift+Tab");
  await expectFocus(button("Revoke the override of user-59"));
});

test("preview: a question is asked for a user and a time, and the answer is reached", async () => {
  await call("PUT", "users/ada", { trace: true });
  await stand.open("preview");
  await goTo(label("User id"));
  await type("ada");
  await goTo(label("Session id"));
  await type("s-1");
  await goTo(label(/^Time/));
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  const [year, month, day] = soon.split("-");
  await type(`${month}${day}${year}`);
  await press("ArrowRight");
  await type("0830a");
  expect(await label(/^Time/).inputValue()).toBe(`${soon}T08:30`);
  await use(button("Show the decision"));
  await stand.page.getByRole("status").getByText("Traced", { exact: true }).waitFor();
  await expectFocus(button("Show the decision"));
  expect(new URL(stand.page.url()).search).toBe(`?user=ada&session=s-1&at=${soon}T08%3A30`);
});

test("activity: a range is chosen, a change is told, and the table under the chart is read", async () => {
  await stand.api.switch(stand.projectId, false, "load test");
  await report({ enabled: 800, disabled: 40 });
  await stand.open("activity");
  await use(button("24 hours"));
  await stand.shown(/^840 decisions in the last 24 hours/);
  await expectFocus(button("24 hours"));
  await use(button("1 hour"), "Space");
  await stand.shown(/^840 decisions in the last hour/);

  await goTo(button("Tracing switched off"));
  const tip = stand.page.getByRole("tooltip");
  await tip.getByText("load test").waitFor();
  await press("Escape");
  await tip.waitFor({ state: "hidden" });
  await expectFocus(button("Tracing switched off"));

  await use(stand.page.getByText("The same as a table"));
  await stand.page.getByRole("cell", { name: "800" }).first().waitFor();
  await goTo(stand.page.getByRole("region", { name: "The same as a table" }));
});

test("activity: what could not be loaded is asked for again", async () => {
  await report({ enabled: 8 });
  await stand.page.route("**/metrics?**", (route) => route.abort());
  await stand.open("activity");
  await goTo(button("Try again"));
  await stand.page.unroute("**/metrics?**");
  await press("Enter");
  await stand.shown(/^8 decisions in the last hour/);
  await expectFocus(heading("Activity"));
});

test("history: it is filtered by who, what and when, exported, and gone back in after a second thought", async () => {
  await call("PATCH", "tracing", { tracing_enabled: false, reason: "bad switch" });
  await call("PATCH", "rules", { sample_rate: 0.5, reason: "bad rules" });
  const change = (text: string) => stand.page.locator(".changes > li").filter({ hasText: text });
  await stand.open("history");
  await change("bad rules").waitFor();
  await goTo(label("What"));
  await type("The s");
  await change("bad rules").waitFor({ state: "detached" });
  await goTo(label("Before"));
  await type("01012026");
  await press("ArrowRight");
  await type("1200a");
  await stand.shown("No change matches this filter.");
  await use(button("Clear the filter"), "Space");
  await change("bad rules").waitFor();
  await expectFocus(button("Clear the filter"));
  await fill(label("Changed by"), "nobody");
  await stand.shown("No change matches this filter.");
  await fill(label("Changed by"), "");
  await change("bad switch").waitFor();

  const saved = stand.page.waitForEvent("download");
  await use(button("Export (NDJSON)"));
  expect(await readFile(await (await saved).path(), "utf8")).toContain("bad switch");
  await expectFocus(button("Export (NDJSON)"));

  const back = change("bad switch").getByRole("button", { name: /^Go back/ });
  await goTo(back, "Shift+Tab");
  await press("Enter");
  await expectFocus(dialog().getByLabel("Reason"));
  await press("Escape");
  await dialogCloses();
  await expectFocus(back);
  await press("Space");
  await use(dialog().getByRole("button", { name: "Go back" }));
  await stand.shown(/^The switch and the rules are as they were before/);
  await expectFocus(back);
});

test("history: it is read on to its end", async () => {
  for (let i = 1; i <= 55; i++)
    await call("PATCH", "tracing", { tracing_enabled: i % 2 === 0, reason: `change ${i}.` });
  await stand.open("history");
  await use(button("Load more"));
  await stand.shown("That is all of them.");
  await expectFocus(listEnd());
});

test("keys: one is made, put away, rotated and revoked, each after a second thought", async () => {
  const name = `Typed ${randomUUID().slice(0, 8)}`;
  const key = () => stand.page.locator(".key-list > li").filter({ hasText: name });
  await stand.page.goto(`${stand.worker.url}/keys#key=${stand.key}`);
  await use(button("Make the key"));
  await expectFocus(label("Name"));
  await type(name);
  await use(stand.page.getByRole("checkbox", { name: /^Read/ }), "Space");
  await goTo(radio("All projects"));
  await press("ArrowDown");
  await fill(label("Project"), stand.projectId);
  await press("Escape"); // closes the browser's list of projects
  await goTo(label("Ends"));
  await type("In 30");
  await use(button("Make the key"));
  await expectFocus(heading(`“${name}” is made`));
  await use(button("I have copied it"));
  await expectFocus(heading("Keys"));

  for (const [open, confirm] of [
    ["Rotate", "Rotate"],
    ["Revoke", `Revoke ${name}`],
  ] as const) {
    const opener = button(`${open} ${name}`).first();
    await use(opener);
    await dialog().waitFor();
    await press("Escape");
    await dialogCloses();
    await expectFocus(opener);
    await press("Space");
    await use(dialog().getByRole("button", { name: confirm }));
    await dialogCloses();
    if (open === "Rotate") await expectFocus(heading(`“${name}” is made`));
  }
  await stand.shown(`“${name}” is revoked.`);
  await expectFocus(heading("Keys"));
  await expect.poll(() => key().count()).toBe(1);
});

test("integration: another runtime is chosen, its code is scrolled and copied", async () => {
  await stand.open("integration");
  await goTo(radio("Node"));
  await press("ArrowRight");
  await goTo(stand.page.getByRole("region", { name: "Use", exact: true }));
  await goTo(button("Copy Use"), "Shift+Tab");
  await press("Space");
  await button("Copied Use").waitFor();
  await expectFocus(button("Copied Use"));
});

test("a view that could not be loaded is loaded with the page", async () => {
  const file = "**/assets/PreviewPage-*";
  await stand.page.route(file, (route) => route.abort());
  await stand.open("preview");
  await goTo(button("Reload the page"));
  await stand.page.unroute(file);
  await press("Enter");
  await goTo(label("User id"));
});
