import { expect, test } from "vitest";
import { useStand } from "./stand.ts";

const stand = useStand();
const theSwitch = () => stand.page.getByRole("switch", { name: "Enable Tracing" });
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const inEffect = () => stand.page.getByText("In effect", { exact: true }).waitFor();
const enabledKey = () => stand.stack.redis.get(`tracing:${stand.projectId}:enabled`);
const events = async () =>
  (await stand.stack.sql`select action, reason from events where project_id = ${stand.projectId} order by id`) as {
    action: string;
    reason: string | null;
  }[];
const markProduction = () =>
  stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, { production: true, reason: "goes live" });
const lock = (reason: string) => stand.api.call("PUT", `/projects/${stand.projectId}/lock`, { reason });

test("tracing is turned off for a quarter of an hour, which is shown with its end and can be ended at once", async () => {
  await stand.open();
  await stand.page.getByLabel("Reason").fill("noisy test");
  await button("15 min").click();
  await stand.shown(/^Tracing is disabled by a temporary override, although the switch is on/);
  await stand.shown(/^Until (today|tomorrow) \d\d:\d\d, then on\./);
  expect(await theSwitch().getAttribute("aria-checked")).toBe("true");
  expect(await enabledKey()).toBe("false");
  await stand.shown("noisy test");
  await stand.expectAccessible("override");

  await button("End it now").click();
  await stand.shown(/^Traces are being collected\./);
  await inEffect();
  expect(await enabledKey()).toBe("true");
  expect(stand.complaints).toEqual([]);
});

test("a double click is one decision, however fast the first is saved", async () => {
  await stand.open();
  await theSwitch().dblclick({ delay: 20 });
  await inEffect();
  await stand.page.waitForTimeout(500);
  expect((await events()).map(({ action }) => action)).toEqual(["tracing.disabled"]);
});

test("a double click on an end is one decision, too", async () => {
  await stand.open();
  await button("15 min").dblclick({ delay: 20 });
  await inEffect();
  await stand.page.waitForTimeout(500);
  expect(await events()).toHaveLength(1);
  expect(await enabledKey()).toBe("false");
});

test("while one thinks about the reason to end it, somebody else's change is not overwritten", async () => {
  await markProduction();
  const set = (enabled: boolean, seconds?: number) =>
    stand.api.call("PATCH", `/projects/${stand.projectId}/tracing`, {
      tracing_enabled: enabled,
      duration_seconds: seconds,
      reason: "load test",
    });
  await set(false, 900);
  await stand.open();
  await button("End it now").click();
  await stand.page.getByRole("dialog").waitFor();
  await set(false);
  await stand.page.keyboard.type("it is over");
  await stand.page.keyboard.press("Enter");
  await stand.page
    .getByRole("alert")
    .getByText(/changed again since/)
    .waitFor();
  await stand.shown(/^Tracing is disabled\./);
  expect(await theSwitch().getAttribute("aria-checked")).toBe("false");
  expect(await enabledKey()).toBe("false");
});

test("in production every change is confirmed with a reason, and can be thought better of", async () => {
  await markProduction();
  await stand.open();
  await theSwitch().dblclick();
  await stand.page.getByRole("dialog").waitFor();
  expect(await theSwitch().getAttribute("aria-checked"), "nothing has changed yet").toBe("true");
  await stand.expectAccessible("production-confirm");
  await button("Turn off").click();
  await stand.shown("Say why.");
  await stand.page.keyboard.press("Escape");
  await stand.page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await events()).toHaveLength(1);

  // by keyboard alone
  await theSwitch().focus();
  await stand.page.keyboard.press("Space");
  await stand.page.getByRole("dialog").waitFor();
  await stand.page.keyboard.type("too expensive");
  await stand.page.keyboard.press("Enter");
  await inEffect();
  expect((await events()).at(-1)).toEqual({ action: "tracing.disabled", reason: "too expensive" });
  await stand.expectAccessible("production-off");
});

test("an admin locks the project off with a reason, and lifts the lock", async () => {
  await stand.open();
  await button("Lock this project off").click();
  await stand.page.getByRole("dialog").getByLabel("Reason").fill("incident 12");
  await stand.page.getByRole("dialog").getByRole("button", { name: "Lock this project off" }).click();
  await stand.shown(/^Tracing is disabled by an admin’s lock/);
  await stand.shown(/incident 12/);
  expect(await enabledKey()).toBe("false");
  await stand.expectAccessible("locked-admin");

  await button("Lift the lock").click();
  await stand.page.getByRole("dialog").waitFor();
  await stand.page.keyboard.press("Enter");
  await stand.shown(/^Traces are being collected\./);
  expect(await enabledKey()).toBe("true");
  expect(stand.complaints).toEqual([]);
});

test("while one thinks about the reason for a lock, another admin’s lock does not turn the question into its opposite", async () => {
  await stand.open();
  await button("Lock this project off").click();
  const dialog = stand.page.getByRole("dialog", { name: "Lock this project off?" });
  await dialog.getByLabel("Reason").fill("incident 12");
  await lock("legal hold");
  await stand.shown(/legal hold/);
  await dialog.getByRole("button", { name: "Lock this project off" }).click();
  await dialog.waitFor({ state: "detached" });
  await stand.shown(/incident 12/);
  expect(await enabledKey()).toBe("false");
});

test("whoever may write but not lock sees the lock, its reason, and that nothing can be changed", async () => {
  await lock("legal hold");
  await stand.open("", await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
  await stand.shown(/legal hold/);
  expect(await theSwitch().isDisabled()).toBe(true);
  expect(await button(/lock/i).count()).toBe(0);
  await stand.expectAccessible("locked");
});

test("a lock that comes between seeing and pressing is told with its reason", async () => {
  await stand.open("", await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
  await stand.page.route("**/api/v1/projects/*", (route) => route.abort());
  await lock("legal hold");
  await theSwitch().click();
  await stand.page
    .getByRole("alert")
    .getByText(/legal hold/)
    .waitFor();
  expect(await theSwitch().getAttribute("aria-checked")).toBe("true");
});

test("whoever may only read sees everything and can change nothing", async () => {
  await stand.open("", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await stand.shown(/This key may only read/);
  expect(await theSwitch().isDisabled()).toBe(true);
  expect(await button("15 min").count()).toBe(0);
  await stand.expectAccessible("read-only");
});
