import { expect, test } from "vitest";
import { useStand } from "./stand.ts";

const stand = useStand();
const button = (name: string) => stand.page.getByRole("button", { name });
const label = (name: string | RegExp) => stand.page.getByLabel(name, { exact: true });
const verdict = (text: string) => stand.page.getByRole("status").getByText(text, { exact: true }).waitFor();
const changeRules = (change: Record<string, unknown>) =>
  stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, change);
const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

test("says whether a user is traced and why, with a key that may only read", async () => {
  await stand.api.call("PUT", `/projects/${stand.projectId}/users/ada`, { trace: true });
  await changeRules({ schedule: [{ days: everyDay, from: "00:00", to: "24:00" }], capture: "metadata" });
  await stand.open("preview", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await stand.expectAccessible("preview");
  await label("User id").fill("ada");
  await button("Show the decision").click();
  await verdict("Traced");
  await stand.shown("An override of this user decides.");
  await stand.shown("the quiet hours");
  await stand.shown(/^Changes tomorrow \d\d:\d\d: then not traced \(the quiet hours\)\./);
  await stand.shown(/SDK’s own code/);
  await stand.expectAccessible("preview-traced");
  expect(new URL(stand.page.url()).search).toBe("?user=ada");
  expect(stand.complaints).toEqual([]);
});

test("by keyboard alone, and for another time", async () => {
  await stand.open("preview");
  await label("User id").focus();
  await stand.page.keyboard.type("bob");
  await stand.page.keyboard.press("Enter");
  await verdict("Traced");
  await stand.api.switch(stand.projectId, false);
  await stand.page.keyboard.press("Enter");
  await verdict("Not traced");
  await stand.shown("Decided by the switch.");
  await stand.expectAccessible("preview-not-traced");

  const inTenDays = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 16);
  await label(/^Time/).fill(inTenDays);
  await button("Show the decision").click();
  await stand.shown(/^Beyond what the agents’ policy foresees/);
});

test("a link with the question shows the answer", async () => {
  await changeRules({ sample_rate: 0 });
  await stand.page.goto(`${stand.worker.url}/projects/${stand.projectId}/preview?user=bob#key=${stand.key}`);
  await verdict("Not traced");
  await stand.shown(/not in the sampled share/);
  expect(await label("User id").inputValue()).toBe("bob");
});

test("the back button leads from question to question, each with its own answer", async () => {
  await stand.api.call("PUT", `/projects/${stand.projectId}/users/ada`, { trace: false });
  await stand.open("preview");
  const answerTo = async (user: string, text: string) => {
    await verdict(text);
    await expect.poll(() => label("User id").inputValue()).toBe(user);
  };
  for (const [user, text] of [
    ["ada", "Not traced"],
    ["bob", "Traced"],
    ["", "Traced"],
  ] as const) {
    await label("User id").fill(user);
    await button("Show the decision").click();
    await answerTo(user, text);
  }
  await stand.page.goBack();
  await answerTo("bob", "Traced");
  await stand.page.goBack();
  await answerTo("ada", "Not traced");
  await stand.page.goBack();
  await stand.page.locator(".verdict").waitFor({ state: "detached" });
  expect(await label("User id").inputValue(), "before anything was asked").toBe("");
  await stand.page.goForward();
  await answerTo("ada", "Not traced");

  // An answer that comes after one has gone on is not shown.
  const held: (() => void)[] = [];
  await stand.page.route("**/decision?user=bob", async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    await route.continue();
  });
  const late = stand.page.waitForResponse("**/decision?user=bob");
  await stand.page.goForward();
  await stand.page.locator(".verdict").waitFor({ state: "detached" });
  await stand.page.goBack();
  await answerTo("ada", "Not traced");
  await expect.poll(() => held.length).toBe(1);
  held[0]?.();
  await (await late).finished();
  await stand.page.evaluate(() => new Promise(requestAnimationFrame));
  await answerTo("ada", "Not traced");
});

test("without any id, chance decides", async () => {
  await changeRules({ sample_rate: 0.5 });
  await stand.open("preview");
  await button("Show the decision").click();
  await verdict("Traced by chance");
  await stand.shown(/50 % of them are traced/);
});

test("an emergency stop and a lock are told", async () => {
  await stand.open("preview");
  await stand.stack.redis.set(`tracing:${stand.projectId}:enabled`, "false");
  await label("User id").fill("bob");
  await button("Show the decision").click();
  await verdict("Not traced");
  await stand.shown(/emergency stop/);
  await stand.stack.redis.del(`tracing:${stand.projectId}:enabled`);
  await stand.api.call("PUT", `/projects/${stand.projectId}/lock`, { reason: "incident" });
  await button("Show the decision").click();
  await stand.shown("Decided by an admin’s lock.");
});

test("what cannot be answered says why, at the field where it is one", async () => {
  await stand.open("preview");
  await label(/^Time/).fill("2099-01-01T00:00");
  await button("Show the decision").click();
  await stand.shown("Must be within a year from now.");
  await stand.page.route("**/decision**", (route) => route.abort());
  await label(/^Time/).fill("");
  await button("Show the decision").click();
  await stand.page
    .getByRole("alert")
    .getByText(/did not answer/)
    .waitFor();
  await stand.expectAccessible("preview-error");
});
