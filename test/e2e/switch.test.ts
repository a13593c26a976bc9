import { expect, onTestFinished, test } from "vitest";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { usage } from "../../sdk/src/usage.ts";
import { useStand } from "./stand.ts";

const stand = useStand();
const theSwitch = () => stand.page.getByRole("switch", { name: "Enable Tracing" });
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const undo = () => button("Undo");
const isOn = async () => (await theSwitch().getAttribute("aria-checked")) === "true";
const inEffect = () => stand.page.getByText("In effect", { exact: true }).waitFor();
const steps = () => stand.page.locator(".step").allTextContents();
const enabledKey = () => stand.stack.redis.get(`tracing:${stand.projectId}:enabled`);
const actions = async () =>
  (await stand.stack.sql`select action from events where project_id = ${stand.projectId} order by id`).map(
    ({ action }) => action,
  );
/** A second press of the same control right after the first counts as a double click. */
const afterThePress = () => stand.page.waitForTimeout(800);
/** Where a stray Enter does nothing. */
const isAtHeading = () => stand.page.evaluate(() => document.activeElement?.id === "settings-title");
/** This page can read nothing, and so knows of no change that others make. */
const blind = () =>
  stand.page.route("**/api/**", (route) => (route.request().method() === "GET" ? route.abort() : route.continue()));
const see = () => stand.page.unroute("**/api/**");
const setStop = () => stand.stack.redis.set(`tracing:${stand.projectId}:enabled`, "false");

/** An agent that asks ten times a second, as a busy one does, until the test is over. */
async function runAgent() {
  const agent = createTracingToggle({
    projectId: stand.projectId,
    redis: { url: stand.stack.upstash.url, token: stand.stack.tokens.readOnlyToken },
    api: {
      url: stand.worker.url,
      key: await stand.stack.createKey({ scopes: ["report"], projectId: stand.projectId }),
    },
    usage: usage(),
    maxAgeMs: 200,
    timeoutMs: 5_000,
    logger: null,
  });
  const asking = setInterval(() => void agent.isEnabled(), 100);
  onTestFinished(async () => {
    clearInterval(asking);
    await agent.close();
  });
}

test("a change is followed from the press to the last agent that has seen it", async () => {
  await Promise.all([runAgent(), runAgent(), runAgent()]);
  await stand.open();
  await stand.shown("Active");
  await stand.shown("3 agents");
  await stand.page.getByText("Each agent").click();
  await stand.shown(/^0\.1\.0 on node, on the current version, just now$/);
  await stand.expectAccessible("agents-active");
  await theSwitch().click();
  await stand.shown(/^Seen by 3 of 3 agents in [\d.]+ m?s$/);
  const [saved, live] = await steps();
  expect(saved).toMatch(/^Saved as version \d\d:\d\d:\d\d\.\d{3}$/);
  expect(live).toBe("In effect");
  expect(await enabledKey()).toBe("false");
  await stand.expectAccessible("seen-by-agents");
  expect(stand.complaints).toEqual([]);
});

test("without agents nobody is said to have seen it", async () => {
  await stand.open();
  await stand.shown("Silent");
  await theSwitch().click();
  await stand.shown("No agent reports yet");
  await inEffect();
});

test("a change is taken back with one press, by keyboard alone", async () => {
  await stand.open();
  await theSwitch().focus();
  await stand.page.keyboard.press("Space");
  await inEffect();
  await stand.expectAccessible("undo");
  await stand.page.keyboard.press("Tab");
  expect(await stand.page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Undo/);
  await stand.page.keyboard.press("Enter");
  await stand.shown(/^Traces are being collected\./);
  await inEffect();
  expect(await enabledKey()).toBe("true");
  expect(await undo().count(), "an undo is not undone").toBe(0);
  expect(await isAtHeading(), "the keyboard has not lost its place with the button").toBe(true);
  expect(await actions()).toEqual(["tracing.disabled", "tracing.enabled"]);
});

test("a change is taken back at once, too: that is no double click", async () => {
  await stand.open();
  await theSwitch().click();
  await undo().click();
  await stand.shown(/^Traces are being collected\./);
  await inEffect();
  expect(await actions()).toEqual(["tracing.disabled", "tracing.enabled"]);
});

test("after ten seconds there is no undo, and an Enter that comes too late changes nothing", async () => {
  await stand.open();
  await theSwitch().click();
  await undo().focus();
  const since = Date.now();
  await undo().waitFor({ state: "hidden", timeout: 15_000 });
  expect(Date.now() - since).toBeGreaterThan(7_000);
  expect(await isAtHeading()).toBe(true);
  await stand.page.keyboard.press("Enter");
  expect(await isOn()).toBe(false);
  expect(await actions()).toEqual(["tracing.disabled"]);
});

test("setting this computer's clock neither ends an undo nor changes what it restores", async () => {
  await stand.page.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() + Number(sessionStorage.getItem("ahead") ?? 0);
  });
  const setAhead = () => stand.page.evaluate(() => sessionStorage.setItem("ahead", "3600000"));
  const end = async () => {
    const project = await (await stand.api.call("GET", `/projects/${stand.projectId}`)).json();
    return Date.parse(project.override?.until);
  };
  await stand.open();
  await button("15 min").click();
  await stand.shown(/^Tracing is disabled by a temporary override/);
  const before = await end();
  await setAhead();
  await stand.page.locator(".undo-left", { hasText: "8 s" }).waitFor();
  await button("End it now").click();
  await stand.shown(/^Traces are being collected\./);
  await undo().click();
  await stand.shown(/^Tracing is disabled by a temporary override/);
  await inEffect();
  expect(Math.abs((await end()) - before)).toBeLessThan(5_000);
});

test("undoing “off for a while” brings back what was before: the switch, or an earlier end", async () => {
  await stand.open();
  await button("15 min").click();
  await stand.shown(/^Tracing is disabled by a temporary override/);
  await undo().click();
  await inEffect();
  expect(await enabledKey()).toBe("true");

  await afterThePress();
  await button("1 hour").click();
  const end = stand.page.getByText(/^Until .* then on\.$/);
  await end.waitFor();
  const before = await end.textContent();
  await button("End it now").click();
  await end.waitFor({ state: "detached" });
  await undo().click();
  await inEffect();
  expect(await end.textContent()).toBe(before);
  expect(await enabledKey()).toBe("false");
});

test("in production an undo is confirmed with a reason as every change is", async () => {
  await stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, { production: true, reason: "goes live" });
  await stand.open();
  const confirm = async (reason: string) => {
    await stand.page.getByRole("dialog").waitFor();
    await stand.page.keyboard.type(reason);
    await stand.page.keyboard.press("Enter");
  };
  await theSwitch().click();
  await confirm("too expensive");
  await inEffect();
  await undo().click();
  await confirm("the wrong project");
  await stand.shown(/^Traces are being collected\./);
  await stand.shown("the wrong project");
  expect(await isAtHeading(), "the dialog's focus has gone where nothing happens").toBe(true);
});

test("an undo does not take back what somebody else changed since", async () => {
  await stand.open();
  await theSwitch().click();
  await undo().waitFor();
  await blind();
  await stand.api.call("PUT", `/projects/${stand.projectId}/users/u1`, { trace: false });
  await undo().click();
  await stand.page
    .getByRole("alert")
    .getByText(/changed again since/)
    .waitFor();
  expect(await enabledKey()).toBe("false");
  expect(await isOn()).toBe(false);
  await stand.expectAccessible("undo-refused");
});

test("where somebody else had switched off unseen, there is nothing to undo", async () => {
  await stand.open();
  await blind();
  await stand.api.switch(stand.projectId, false);
  await theSwitch().click();
  await stand.shown(/^Saved as version/);
  expect(await undo().count()).toBe(0);
  await see();
  await inEffect();
  expect(await undo().count()).toBe(0);
  expect(await enabledKey()).toBe("false");
});

test("an emergency stop that is set after a change ends its undo", async () => {
  await stand.api.switch(stand.projectId, false);
  await stand.open();
  await theSwitch().click();
  await inEffect();
  await undo().focus();
  await setStop();
  await stand.shown(/emergency stop/);
  expect(await undo().count()).toBe(0);
  expect(await isAtHeading()).toBe(true);
});

test("an undo leaves an emergency stop that it could not know of, and says so", async () => {
  await stand.open();
  await theSwitch().click();
  await inEffect();
  await blind();
  await setStop();
  await undo().click();
  await stand.shown(/^The emergency stop \(break-glass\) in Redis holds tracing off until somebody lifts it\.$/);
  expect(await enabledKey()).toBe("false");
  await see();
  await stand.shown(/^Tracing is disabled by the emergency stop/);
  await stand.expectAccessible("undo-held");
});

test("a press that knows nothing of an emergency stop leaves it, and so does its undo; then it can be lifted", async () => {
  await stand.open();
  await blind();
  await setStop();
  await theSwitch().click();
  await stand.shown(/^The emergency stop \(break-glass\) in Redis holds tracing off/);
  await undo().click();
  await see();
  await stand.shown(/^Tracing is disabled by the emergency stop/);
  expect(await stand.stack.redis.pttl(`tracing:${stand.projectId}:enabled`)).toBe(-1);
  await button("Lift the emergency stop").click();
  await inEffect();
  expect(await enabledKey()).toBe("true");
});

test("who switches on a project over whose off an emergency stop stands is told of it first", async () => {
  await stand.api.switch(stand.projectId, false);
  await setStop();
  await stand.open();
  await theSwitch().click();
  await stand.shown(/^Tracing is disabled by the emergency stop/);
  expect(await enabledKey()).toBe("false");
  await button("Lift the emergency stop").click();
  await inEffect();
  expect(await enabledKey()).toBe("true");
});

test("an emergency stop that is set while production's question is open is not lifted by the answer", async () => {
  await stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, { production: true, reason: "goes live" });
  await stand.api.switch(stand.projectId, false, "too expensive");
  await stand.open();
  await theSwitch().click();
  await stand.page.getByRole("dialog").waitFor();
  await setStop();
  await stand.page.keyboard.type("affordable again");
  await stand.page.keyboard.press("Enter");
  await stand.shown(/^Tracing is disabled by the emergency stop/);
  expect(await enabledKey()).toBe("false");
});

test("what somebody else changes ends the undo, and says so", async () => {
  await stand.open();
  await theSwitch().click();
  await undo().focus();
  await stand.api.switch(stand.projectId, true);
  await stand.shown(/your change cannot be undone here any more/);
  expect(await isAtHeading()).toBe(true);
  expect(await undo().count()).toBe(0);
  expect(await isOn()).toBe(true);
});

test("what the agents are to do is said anew when it changes, not at the next of the seldom reads", async () => {
  await stand.open();
  await stand.shown("Silent");
  await stand.page.waitForResponse((response) => response.url().endsWith("/status"));
  await stand.api.switch(stand.projectId, false);
  await stand.page.locator(".agents-state", { hasText: "Off" }).waitFor({ timeout: 5_000 });
});

test("two browsers see each other's change within two seconds", async () => {
  await stand.open();
  const other = await stand.another();
  const seesWithin2s = (page: typeof other, text: RegExp) => page.getByText(text).first().waitFor({ timeout: 2_000 });
  await other.getByRole("switch").click();
  await other.getByText("In effect", { exact: true }).waitFor();
  await seesWithin2s(stand.page, /^Tracing is disabled\./);
  await theSwitch().click();
  await inEffect();
  await seesWithin2s(other, /^Traces are being collected\./);
});

test("a page that is left open looks at Redis, and leaves the database alone", async () => {
  await stand.api.switch(stand.projectId, true);
  await stand.open();
  await stand.shown("Silent");
  const looked = () => stand.page.waitForResponse((response) => response.url().endsWith("/tracing"));
  const before = stand.stack.neon.requests();
  const begun = performance.now();
  for (let looks = 0; looks < 6; looks++) await looked();
  // the status and the key, which are remembered for 10 s; and the events of a change made just now
  const periods = Math.ceil((performance.now() - begun) / 10_000);
  expect(stand.stack.neon.requests() - before).toBeLessThanOrEqual(2 + 2 * periods);
});
