import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { useStand } from "./stand.ts";

const stand = useStand();
const button = (name: string | RegExp, page: Page = stand.page) => page.getByRole("button", { name });
const label = (name: string, page: Page = stand.page) => page.getByLabel(name, { exact: true });
const save = async (page: Page = stand.page) => {
  await button("Save", page).click();
  await page.getByText("Saved.", { exact: true }).waitFor();
};

async function rules() {
  const answer = await stand.api.call("GET", `/projects/${stand.projectId}/rules`);
  return (await answer.json()) as Record<string, unknown>;
}

const changeRules = (change: Record<string, unknown>) =>
  stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, change);

async function reportCost(dollars: number, counts: Record<string, number> = {}) {
  const key = await stand.stack.createKey({ name: "agent", scopes: ["report"] });
  const now = new Date().toISOString();
  return apiOf(stand.worker, key).call("POST", `/projects/${stand.projectId}/usage`, {
    batch_id: randomUUID(),
    instance: randomUUID(),
    period_start: now,
    period_end: now,
    counts,
    cost_micros: dollars * 1_000_000,
    policy_version: null,
    sdk: { version: "1", runtime: "node" },
  });
}

test("all rules are set at once, after a look at what will change", async () => {
  await stand.open("rules");
  await label("Percent").fill("30");
  await stand.shown("About 3 of 10 users");
  await stand.page.getByText("Metadata only").click();
  await stand.page.getByText("Rather no traces than unwanted ones.").click();
  await label("Dollars a day").fill("100");
  await label("Dollars a run").fill("0.0125");
  await label("Time zone").fill("Europe/Zurich");
  await button("Add quiet hours").click();
  await stand.page.getByRole("checkbox", { name: "Saturday" }).uncheck();
  await stand.page.getByRole("checkbox", { name: "Sunday" }).uncheck();
  const differences = await stand.page.getByRole("form", { name: "What will change" }).textContent();
  expect(differences).toContain("100 % becomes→ 30 %");
  expect(differences).toContain("Cost of a runas reported becomes→ $0.0125");
  expect(differences).toContain("none becomes→ Mon, Tue, Wed, Thu, Fri 22:00–06:00");
  await stand.expectAccessible("rules-edited");

  await label("Reason (optional)").fill("nights are quiet");
  await save();
  expect(await rules()).toMatchObject({
    sample_rate: 0.3,
    capture: "metadata",
    when_unavailable: "skip",
    daily_budget_usd: "100.00",
    run_cost_usd: "0.0125",
    time_zone: "Europe/Zurich",
    schedule: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", to: "06:00" }],
  });
  await stand.shown(/^Next change by the saved rules: .* \(Europe\/Zurich\), (on|off by quiet hours)\./);
  await stand.expectAccessible("rules-saved");
  await stand.page.reload();
  await stand.shown("About 3 of 10 users");
  expect(stand.complaints).toEqual([]);
});

test("what is not saved yet is still there after a reload, and gone once it is discarded", async () => {
  await stand.open("rules");
  await label("Percent").fill("30");
  await stand.page.reload();
  await expect.poll(() => label("Percent").inputValue()).toBe("30");
  await button("Discard").click();
  await stand.page.reload();
  await expect.poll(() => label("Percent").inputValue()).toBe("100");
});

test("quiet hours are painted over the picture of the week", async () => {
  await stand.open("rules");
  const week = stand.page.locator(".week svg");
  await week.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await week.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (day: number, hour: number) => [x + (width * (hour + 0.5)) / 24, y + (height * (day + 0.5)) / 7] as const;
  await stand.page.mouse.move(...at(0, 1));
  await stand.page.mouse.down();
  await stand.page.mouse.move(...at(4, 5), { steps: 5 });
  await stand.page.mouse.up();
  expect(await label("From").inputValue()).toBe("01:00");
  expect(await label("To").inputValue()).toBe("06:00");
  await save();
  expect((await rules()).schedule).toEqual([{ days: ["mon", "tue", "wed", "thu", "fri"], from: "01:00", to: "06:00" }]);
});

test("today's cost stands beside the budget, and a spent one is told on the switch", async () => {
  await changeRules({ daily_budget_usd: "10.00" });
  await reportCost(4);
  await stand.open("rules");
  await stand.shown("$4.00 of $10.00 reported today");
  await reportCost(6);
  await stand.page.getByRole("link", { name: "Switch" }).click();
  await stand.shown(/^Tracing is disabled by the daily budget, which is spent/);
  await stand.shown(/^Until .*, then on\./);
  await stand.expectAccessible("budget-spent");
});

test("what a run costs is set, and the savings in Activity are reckoned with it until it is cleared", async () => {
  await reportCost(1, { enabled: 1_000, not_sampled: 400 });
  const saved = stand.page.locator("dl.figures > div", { hasText: "Saved" });
  const link = (name: string) => stand.page.getByRole("link", { name, exact: true });
  await stand.open("rules");
  await label("Dollars a run").fill("0.0125");
  await save();
  await link("Activity").click();
  await saved.getByText("$5.00", { exact: true }).waitFor();
  await saved.getByText("400 skipped at $0.0125 each: the price of a run in the project’s rules.").waitFor();
  await link("Rules").click();
  await label("Dollars a run").fill("");
  await save();
  expect((await rules()).run_cost_usd).toBeNull();
  await link("Activity").click();
  await saved.getByText(/the mean cost of a traced run, as reported/).waitFor();
});

test("quiet hours are told on the switch, with their end", async () => {
  await changeRules({
    schedule: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "24:00" }],
  });
  await stand.open();
  await stand.shown(/^Tracing is disabled by quiet hours, although the switch is on/);
  await stand.expectAccessible("quiet");
});

test("two people change different rules: the second sees the first one's change, and saves on top of it", async () => {
  await stand.open("rules");
  const other = await stand.another("rules");
  await label("Percent").fill("50");
  await other.getByText("Metadata only").click();
  await save(other);

  await button("Save").click();
  await stand.shown(/^Somebody else changed this project meanwhile/);
  expect((await rules()).sample_rate, "nothing is saved yet").toBe(1);
  await stand.expectAccessible("rules-merge");
  expect(await stand.page.getByRole("radio", { name: /Metadata only/ }).isChecked()).toBe(true);
  expect(await label("Percent").inputValue()).toBe("50");

  await save();
  expect(await rules()).toMatchObject({ sample_rate: 0.5, capture: "metadata" });
});

test("two people change the same rule: the second is told so before replacing the first one's", async () => {
  await stand.open("rules");
  await label("Percent").fill("50");
  await changeRules({ sample_rate: 0.2 });
  await button("Save").click();
  await stand.shown(/saving replaces theirs: Sampling/);
  await save();
  expect((await rules()).sample_rate).toBe(0.5);
});

test("a switch that moves meanwhile does not get in the way of saving rules", async () => {
  await stand.open("rules");
  await label("Percent").fill("50");
  await stand.api.switch(stand.projectId, false);
  await save();
  expect((await rules()).sample_rate).toBe(0.5);
});

test("what the server refuses is marked at its field, and keeps what was typed", async () => {
  await stand.open("rules");
  await label("Time zone").fill("Mars/Phobos");
  await label("Dollars a day").fill("a lot");
  await label("Dollars a run").fill("0");
  await button("Add quiet hours").click();
  await label("From").fill("25:00");
  await button("Save").click();
  await stand.shown(/Must be an IANA time zone/);
  await stand.shown(/Must be a time from 00:00 to 23:59/);
  await stand.shown(/Must be dollars/);
  await stand.page.locator("#run-cost-error").getByText("Must be more than 0.").waitFor();
  await stand.expectAccessible("rules-refused");
  expect(await label("Time zone").inputValue()).toBe("Mars/Phobos");
  await label("Percent").fill("");
  await stand.shown("Must be a number from 0 to 100.");
});

test("in production rules are saved with a reason only", async () => {
  await changeRules({ production: true, reason: "goes live" });
  await stand.open("rules");
  await label("Percent").fill("50");
  await button("Save").click();
  await stand.shown(/Is required for a project marked production/);
  expect((await rules()).sample_rate).toBe(1);
  await label("Reason").fill("cost");
  await save();
  expect((await rules()).sample_rate).toBe(0.5);
});

test("a lock that comes while rules are edited is told, closes the form and keeps the edits", async () => {
  await stand.open("rules", await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
  await label("Percent").fill("50");
  await stand.page.route("**/api/v1/projects/*", (route) => route.abort());
  await stand.api.call("PUT", `/projects/${stand.projectId}/lock`, { reason: "legal hold" });
  await button("Save").click();
  await stand.page
    .getByRole("alert")
    .getByText(/legal hold/)
    .waitFor();
  await stand.page.unroute("**/api/v1/projects/*");
  await stand.shown(/Only a key with the admin scope/);
  expect(await label("Percent").isDisabled()).toBe(true);
  await stand.shown(/What you have not saved is kept/);
  expect(await label("Percent").inputValue(), "what is in force").toBe("100");
  await stand.expectAccessible("rules-locked");
  await stand.api.call("DELETE", `/projects/${stand.projectId}/lock`);
  await button("Save").waitFor();
  expect(await label("Percent").inputValue()).toBe("50");
  await save();
  expect((await rules()).sample_rate).toBe(0.5);
});

test("whoever may only read sees the rules and why they cannot be changed", async () => {
  await changeRules({ schedule: [{ days: ["mon"], from: "22:00", to: "06:00" }], daily_budget_usd: "5" });
  await stand.open("rules", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await stand.shown(/This key may only read/);
  expect(await label("Dollars a day").isDisabled()).toBe(true);
  expect(await button("Save").count()).toBe(0);
  await stand.expectAccessible("rules-read-only");
});

test("what one person has not saved is not shown to the next who signs in with another key in the same tab", async () => {
  await stand.open("rules");
  await label("Percent").fill("30");
  await button("Discard").waitFor();
  await button("Sign out").click();
  await stand.page.getByLabel("API key").waitFor();
  await stand.open("rules", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await stand.shown(/This key may only read/);
  await expect.poll(() => label("Percent").inputValue()).toBe("100");
  await stand.open("rules");
  await button("Discard").waitFor();
  expect(await label("Percent").inputValue(), "of the first it is still there").toBe("30");
});

test("rules that cannot be read say why and can be asked for again", async () => {
  await stand.page.route("**/rules", (route) =>
    route.request().resourceType() === "fetch" ? route.abort() : route.continue(),
  );
  await stand.open("rules");
  await stand.page.getByRole("alert").waitFor();
  await stand.expectAccessible("rules-error");
  await stand.page.unroute("**/rules");
  await button("Try again").click();
  await label("Percent").waitFor();
});
