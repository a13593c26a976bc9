import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { useStand } from "./stand.ts";

const stand = useStand();
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const label = (name: string) => stand.page.getByLabel(name, { exact: true });
const dialog = () => stand.page.getByRole("dialog");
const entry = (text: string | RegExp) => stand.page.locator(".changes > li").filter({ hasText: text });
const goBackFrom = (text: string | RegExp) => entry(text).getByRole("button", { name: /^Go back/ });
const confirm = () => dialog().getByRole("button", { name: "Go back" }).click();
const told = () => stand.page.getByText(/^The switch and the rules are as they were before/);

const change = (path: string, body: unknown, method = "PATCH", api = stand.api) =>
  api.call(method, `/projects/${stand.projectId}/${path}`, body);
const rules = async () =>
  (await (await stand.api.call("GET", `/projects/${stand.projectId}/rules`)).json()) as Record<string, unknown>;
const project = async () =>
  (await (await stand.api.call("GET", `/projects/${stand.projectId}`)).json()) as Record<string, unknown>;
const events = async () => {
  const answer = await stand.api.call("GET", `/projects/${stand.projectId}/events`);
  return ((await answer.json()) as { events: { action: string; reason: string | null; actor: { name: string } }[] })
    .events;
};

/** A good state, and what somebody made of it. */
async function goWrong() {
  await change("rules", { sample_rate: 0.3, daily_budget_usd: "100.00", reason: "good" });
  await change("tracing", { tracing_enabled: false, reason: "bad switch" });
  await change("rules", { sample_rate: 1, capture: "metadata", reason: "bad rules" });
}

test("every change is told: who, what, why, from what to what, and since when it is in effect", async () => {
  const schedule = [{ days: ["mon", "tue"], from: "22:00", to: "06:00" }];
  await change("tracing", { tracing_enabled: false, reason: "too expensive" });
  await change("tracing", { tracing_enabled: true, duration_seconds: 900 });
  await change("rules", { sample_rate: 0.3, daily_budget_usd: "100.00", schedule, run_cost_usd: "0.0125" });
  await change("users/ada", { trace: true, reason: "ticket 7" }, "PUT");
  await change("users/ada", undefined, "DELETE");
  await stand.api.call("PATCH", `/projects/${stand.projectId}`, { name: "Helpdesk" });
  await change("lock", { reason: "legal hold" }, "PUT");
  await change("lock", undefined, "DELETE");
  await change("tracing", { tracing_enabled: false });
  const key = { name: "CI", scopes: ["write", "report"], project_id: stand.projectId };
  await stand.api.call("POST", "/keys", key);

  await stand.open("history");
  const first = entry("too expensive");
  await first.getByText("Tracing switched off").waitFor();
  expect(await first.textContent()).toMatch(/by Ada through the API/);
  await first.getByText("Switch", { exact: true }).waitFor();
  await first.getByText(/^In effect after/).waitFor();
  const text = await stand.page.locator(".changes").textContent();
  for (const told of [
    "Sampling100 % becomes→ 30 %",
    "Daily budgetno limit becomes→ $100.00",
    "Cost of a runas reported becomes→ $0.0125",
    "Quiet hoursnone becomes→ Mon, Tue 22:00–06:00",
    "“ada”as the rules say becomes→ always traced until",
    "Name“Support agent” becomes→ “Helpdesk”",
    "Locknone becomes→ “legal hold”",
    "It was so already.",
    "Key made “CI” (write, report)",
  ])
    expect(text).toContain(told);
  await stand.expectAccessible("history");
  expect(stand.complaints).toEqual([]);
});

test("the overview's last changes lead to the whole history, and the back button back", async () => {
  await goWrong();
  await stand.open();
  await stand.page.getByRole("link", { name: "Whole history" }).click();
  await stand.page.getByRole("heading", { level: 2, name: "History" }).waitFor();
  expect(await stand.page.evaluate(() => document.activeElement?.textContent)).toBe("History");
  await entry("bad rules").waitFor();
  await stand.page.goBack();
  await stand.shown("Last changes");
});

test("changes are found by who made them, by what they are and by their time; the filter outlives a reload", async () => {
  await goWrong();
  const grace = apiOf(stand.worker, await stand.stack.createKey({ name: "Grace" }));
  await change("rules", { sample_rate: 0.5, reason: "hers" }, "PATCH", grace);
  await stand.open("history");
  await entry("hers").waitFor();

  await label("Changed by").fill("Grace");
  await entry("bad rules").waitFor({ state: "detached" });
  await entry("hers").waitFor();
  await label("What").selectOption("The switch");
  await stand.shown("No change matches this filter.");
  await stand.expectAccessible("history-no-match");

  await label("Changed by").fill("");
  await entry("bad switch").waitFor();
  expect(await stand.page.locator(".changes > li").count()).toBe(1);
  expect(new URL(stand.page.url()).search).toBe("?action=tracing");
  await stand.page.reload();
  await entry("bad switch").waitFor();
  expect(await label("What").inputValue()).toBe("tracing");
  expect(await stand.page.locator(".changes > li").count()).toBe(1);

  await button("Clear the filter").click();
  await entry("hers").waitFor();
  expect(new URL(stand.page.url()).search).toBe("");
  await label("Before").fill("2026-01-01T00:00");
  await stand.shown("No change matches this filter.");
  expect(new URL(stand.page.url()).search, "in Zurich it is an hour later than in UTC").toBe(
    "?until=2025-12-31T23%3A00%3A00.000Z",
  );
  await stand.page.reload();
  await stand.shown("No change matches this filter.");
  expect(await label("Before").inputValue()).toBe("2026-01-01T00:00");
});

test("pressing the tab that one is on takes the filter back, also from its fields", async () => {
  await goWrong();
  await stand.open("history");
  await entry("bad rules").waitFor();
  await label("What").selectOption("The switch");
  await entry("bad rules").waitFor({ state: "detached" });
  await stand.page.getByRole("link", { name: "History", exact: true }).click();
  await entry("bad rules").waitFor();
  expect(await label("What").inputValue()).toBe("");
  await stand.page.goBack();
  await entry("bad rules").waitFor({ state: "detached" });
  expect(await label("What").inputValue()).toBe("tracing");
});

test("more than a page is read on, new changes come on top, and the export has them all", async () => {
  for (let i = 1; i <= 55; i++) await change("tracing", { tracing_enabled: i % 2 === 0, reason: `change ${i}.` });
  await stand.open("history");
  await entry("change 55.").waitFor();
  expect(await entry("change 1.").count()).toBe(0);
  await button("Load more").click();
  await entry("change 1.").waitFor();
  await change("rules", { sample_rate: 0.5, reason: "from elsewhere" });
  await entry("from elsewhere").waitFor();
  expect(await entry("change 1.").count(), "what was loaded stays").toBe(1);

  const download = stand.page.waitForEvent("download");
  await button("Export (NDJSON)").click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`history-${stand.projectId}.ndjson`);
  const lines = (await readFile(await file.path(), "utf8")).trim().split("\n");
  expect(lines).toHaveLength(56);
  expect(JSON.parse(lines[0] as string)).toMatchObject({ reason: "from elsewhere" });
  expect(stand.complaints).toEqual([]);
});

test("one click shows how to go back to before a change, another does it, switch and rules", async () => {
  await goWrong();
  await change("users/ada", { trace: false }, "PUT");
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog().waitFor();
  const text = await dialog().textContent();
  expect(text).toContain("This undoes 2 changes");
  expect(text).toContain("Switchoff becomes→ on");
  expect(text).toContain("Sampling100 % becomes→ 30 %");
  expect(text).toContain("What is recordedMetadata only becomes→ Everything");
  expect(text).toContain(
    "User overrides, the lock, the keys, the name and an emergency stop in Redis (break-glass) stay as they are.",
  );
  await stand.expectAccessible("history-revert");
  await confirm();
  await dialog().waitFor({ state: "detached" });
  await told().waitFor();
  expect(await told().textContent()).toMatch(/In effect\.$/);
  expect(await rules()).toMatchObject({ sample_rate: 0.3, capture: "full", daily_budget_usd: "100.00" });
  expect(await project()).toMatchObject({ tracing_enabled: true });
  expect((await events())[0]).toMatchObject({ reason: expect.stringMatching(/^Back to how it was before/) });
  await entry(/Back to how it was before/)
    .first()
    .waitFor();
  await stand.expectAccessible("history-back");

  // and what was gone back from can be gone back to
  await goBackFrom(/Rules changed.*Back to how it was before/s).click();
  await confirm();
  await dialog().waitFor({ state: "detached" });
  expect(await rules()).toMatchObject({ sample_rate: 1, capture: "metadata" });
  expect(await project()).toMatchObject({ tracing_enabled: false });
  expect(stand.complaints).toEqual([]);
});

test("by keyboard alone: filter, and go back", async () => {
  await goWrong();
  await stand.open("history");
  await entry("bad switch").waitFor();
  await label("What").focus();
  await stand.page.keyboard.type("The s");
  await entry("bad rules").waitFor({ state: "detached" });
  await goBackFrom("bad switch").focus();
  await stand.page.keyboard.press("Enter");
  await dialog().waitFor();
  expect(await stand.page.evaluate(() => document.activeElement?.id)).toBe("dialog-reason");
  await stand.page.keyboard.press("Enter");
  await told().waitFor();
  expect(await project()).toMatchObject({ tracing_enabled: true });
});

test("in production going back needs a reason, and nothing happens when it is thought better of", async () => {
  await goWrong();
  await change("rules", { production: true, reason: "goes live" });
  const before = await events();
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await confirm();
  await stand.shown("Say why.");
  await stand.page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  expect(await events()).toEqual(before);
  await goBackFrom("bad switch").click();
  await dialog().getByLabel("Reason").fill("incident 12");
  await confirm();
  await told().waitFor();
  expect((await events()).slice(0, 2).map(({ reason }) => reason)).toEqual(["incident 12", "incident 12"]);
  expect(await rules()).toMatchObject({ production: false, sample_rate: 0.3 });
});

test("where somebody changes the same meanwhile, nothing is done and the new list is shown", async () => {
  await goWrong();
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog().waitFor();
  await change("rules", { sample_rate: 0.7, reason: "hers" });
  await confirm();
  await dialog()
    .getByRole("alert")
    .getByText(/somebody else changed this project meanwhile/)
    .waitFor();
  await dialog().getByText("70 %").waitFor();
  expect(await rules()).toMatchObject({ sample_rate: 0.7 });
  await stand.expectAccessible("history-revert-conflict");
  await confirm();
  await told().waitFor();
  expect(await rules()).toMatchObject({ sample_rate: 0.3 });
});

test("a change of something else meanwhile does not get in the way", async () => {
  await goWrong();
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog().waitFor();
  await change("users/ada", { trace: false }, "PUT");
  await confirm();
  await told().waitFor();
  expect(await rules()).toMatchObject({ sample_rate: 0.3 });
});

test("when only half of it is done, it is said which, and the rest can be gone on with", async () => {
  await goWrong();
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog().waitFor();
  await stand.page.route("**/tracing", (route) =>
    route.request().method() === "PATCH" ? route.abort() : route.continue(),
  );
  await confirm();
  await dialog()
    .getByRole("alert")
    .getByText(/Only the rules went back; the switch did not/)
    .waitFor();
  expect(await dialog().getByText("Switch", { exact: true }).count()).toBe(1);
  expect(await dialog().getByText("Sampling").count(), "what is done is not listed again").toBe(0);
  await stand.expectAccessible("history-revert-half");
  expect(await rules()).toMatchObject({ sample_rate: 0.3 });
  expect(await project()).toMatchObject({ tracing_enabled: false });

  await stand.page.unroute("**/tracing");
  await confirm();
  await told().waitFor();
  expect(await project()).toMatchObject({ tracing_enabled: true });
});

test("a lock that comes in between is told; one that is there closes the way back, but not for an admin", async () => {
  await goWrong();
  const writer = await stand.stack.createKey({ name: "Grace", scopes: ["write"] });
  await stand.open("history", writer);
  await goBackFrom("bad switch").click();
  await dialog().waitFor();
  await change("lock", { reason: "legal hold" }, "PUT");
  await confirm();
  await dialog()
    .getByRole("alert")
    .getByText(/Nothing is changed\..*legal hold/)
    .waitFor();
  await stand.page.keyboard.press("Escape");
  await stand.shown(/^An admin locked this project.*legal hold/);
  await entry("bad switch").waitFor();
  expect(await button(/^Go back/).count()).toBe(0);
  await stand.expectAccessible("history-locked");

  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog().getByText("The project stays locked off.").waitFor();
  await confirm();
  await told().waitFor();
  expect(await project()).toMatchObject({ tracing_enabled: true, effective: false, reason: "locked" });
});

test("what setting the switch would end is said before", async () => {
  await change("tracing", { tracing_enabled: false, reason: "bad switch" });
  await change("tracing", { tracing_enabled: true, duration_seconds: 3_600 });
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog()
    .getByText(/^What is set for a while \(on until .*\) ends with it\.$/)
    .waitFor();
});

test("an emergency stop, set by hand in Redis while somebody goes back to on, stays and is told", async () => {
  const stop = `tracing:${stand.projectId}:enabled`;
  await change("tracing", { tracing_enabled: false, reason: "bad switch" });
  await stand.open("history");
  await goBackFrom("bad switch").click();
  await dialog()
    .getByText(/an emergency stop in Redis \(break-glass\) stay as they are\.$/)
    .waitFor();
  await stand.stack.redis.set(stop, "false");
  await confirm();
  await told()
    .getByText(/The emergency stop \(break-glass\) in Redis holds tracing off/)
    .waitFor();
  expect(await stand.stack.redis.get(stop)).toBe("false");
});

test("of two ways back that are pressed one after the other, the last is shown and done, whichever is read first", async () => {
  await goWrong();
  await stand.stack.sql`
    update events set created_at = created_at + interval '1 hour'
    where project_id = ${stand.projectId} and reason = 'bad rules'`;
  await stand.open("history");
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isFirst = true;
  await stand.page.route("**/events?limit=100*", async (route) => {
    const waits = isFirst;
    isFirst = false;
    if (waits) await held;
    return route.continue();
  });
  const first = stand.page.waitForRequest("**/events?limit=100*");
  await goBackFrom("bad rules").click();
  const response = (await first).response();
  await goBackFrom("bad switch").click();
  await dialog().waitFor();
  const asked = await dialog().textContent();
  expect(asked).toContain("This undoes 2 changes");
  release();
  await (await response)?.finished();
  await stand.page.evaluate(() => new Promise(requestAnimationFrame));
  expect(await dialog().textContent()).toBe(asked);
  await confirm();
  await told().waitFor();
  expect(await project()).toMatchObject({ tracing_enabled: true });
  expect(await rules()).toMatchObject({ sample_rate: 0.3 });
});

test("what Redis did not get is told as saved and not yet in effect, until it is", async () => {
  await stand.open("history");
  const held = stand.gate.hold("tracing_toggle_publish");
  const changing = change("rules", { sample_rate: 0.5, reason: "cheaper" });
  (await held).drop();
  await changing;
  await entry("cheaper")
    .getByText(/^Saved\. Redis has not confirmed it yet/)
    .waitFor();
  await stand.expectAccessible("history-pending");
  await stand.worker.runCron();
  await entry("cheaper")
    .getByText(/^In effect after/)
    .waitFor();
});

test("whoever may only read sees all of it, and no way back", async () => {
  await goWrong();
  await stand.open("history", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await entry("bad switch").waitFor();
  await stand.shown(/This key may only read/);
  expect(await button(/^Go back/).count()).toBe(0);
  await stand.expectAccessible("history-read-only");
});

test("loading, nothing yet, too many requests and no answer are each told, and can be tried again", async () => {
  let answer: "hold" | "pass" | "refuse" | "drop" = "hold";
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await stand.page.route("**/events?limit=50*", async (route) => {
    if (answer === "hold") await held;
    if (answer === "drop") return route.abort();
    if (answer !== "refuse") return route.continue();
    const json = { code: "too_many_requests", detail: "This key is used too often." };
    return route.fulfill({ status: 429, headers: { "retry-after": "7" }, json });
  });
  await stand.open("history");
  await stand.page.locator(".skeleton-line[aria-busy=true]").waitFor();
  await stand.expectAccessible("history-loading");
  answer = "pass";
  release();
  await stand.shown("No changes yet.");
  await stand.expectAccessible("history-none");

  answer = "refuse";
  await stand.page.reload();
  await stand.page.getByText(/used too often\. Try again in 7 seconds/).waitFor();
  await stand.expectAccessible("history-too-many");
  answer = "drop";
  await button("Try again").click();
  await stand.shown(/The control plane did not answer/);
  answer = "pass";
  await button("Try again").click();
  await stand.shown("No changes yet.");
});
