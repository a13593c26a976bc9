import { expect, test } from "vitest";
import { useStand } from "./stand.ts";

const stand = useStand();
const theSwitch = () => stand.page.getByRole("switch", { name: "Enable Tracing" });
const inEffect = () => stand.page.getByText("In effect", { exact: true }).waitFor();
const enabledKey = () => stand.stack.redis.get(`tracing:${stand.projectId}:enabled`);

test("one click on the link signs in, one on the switch turns tracing off, and says when it is in effect", async () => {
  await stand.open();
  expect(stand.page.url(), "the key is gone from the address").toBe(`${stand.worker.url}/projects/${stand.projectId}`);
  await stand.shown(/^Traces are being collected/);
  await stand.page.getByRole("heading", { name: "Observability Settings" }).waitFor();
  await stand.expectAccessible("on");

  await stand.page.getByLabel("Reason").fill("load test");
  await theSwitch().click();
  await stand.shown(/^Tracing is disabled/);
  await inEffect();
  expect(await enabledKey()).toBe("false");
  await stand.shown("load test");
  await stand.shown(/by Ada/);
  await stand.expectAccessible("off");

  await stand.page.reload();
  await stand.shown(/^Tracing is disabled/);
  expect(await theSwitch().getAttribute("aria-checked")).toBe("false");
  expect(stand.complaints).toEqual([]);
});

test("works by keyboard alone, and a double press sends one change", async () => {
  await stand.open();
  await theSwitch().focus();
  await stand.page.keyboard.press("Space");
  await stand.page.keyboard.press("Space");
  await inEffect();
  expect(await enabledKey()).toBe("false");
  const [count] = await stand.stack.sql`select count(*) from events where project_id = ${stand.projectId}`;
  expect(count).toEqual({ count: "1" });
});

test("a change that fails puts the switch back and says why", async () => {
  await stand.open();
  await stand.page.route("**/tracing", (route) =>
    route.request().method() === "PATCH" ? route.abort() : route.continue(),
  );
  await theSwitch().click();
  await stand.page.getByRole("alert").waitFor();
  expect(await theSwitch().getAttribute("aria-checked")).toBe("true");
  expect(await enabledKey()).not.toBe("false");
  await stand.expectAccessible("failed");
});

test("a change that Redis did not get is shown as saved, but not as in effect", async () => {
  await stand.open();
  const held = stand.gate.hold("tracing_toggle_publish");
  await theSwitch().click();
  (await held).drop();
  await stand.shown(/Redis could not be reached/);
  await stand.worker.runCron();
  expect(await enabledKey()).toBe("false");
});

test("an emergency stop is shown within seconds, with the way to lift it", async () => {
  await stand.open();
  await stand.stack.redis.set(`tracing:${stand.projectId}:enabled`, "false");
  await stand.shown(/emergency stop/);
  await stand.expectAccessible("break-glass");
  await stand.page.getByRole("button", { name: /Lift/ }).click();
  await stand.shown(/^Traces are being collected/);
  await inEffect();
  expect(await enabledKey()).toBe("true");
});

test("a key that may only read sees the switch, and cannot use it", async () => {
  await stand.open("", await stand.stack.createKey({ name: "viewer", scopes: ["read"], projectId: stand.projectId }));
  expect(await theSwitch().isDisabled()).toBe(true);
  await stand.shown(/may only read/);
  await stand.expectAccessible("read-only-bound");
});

test("signed out, a deep link asks for a key, refuses a wrong one, and then leads where it should", async () => {
  await stand.page.goto(`${stand.worker.url}/projects/${stand.projectId}`);
  await stand.page.getByLabel("API key").fill("tt_wrong");
  expect(stand.complaints, "to be signed out is no failure").toEqual([]);
  await stand.page.keyboard.press("Enter");
  await stand.page.getByRole("alert").waitFor();
  await stand.expectAccessible("sign-in");
  await stand.page.getByLabel("API key").fill(stand.key);
  await stand.page.keyboard.press("Enter");
  await theSwitch().waitFor();
  await stand.page.getByRole("button", { name: "Sign out" }).click();
  await stand.page.getByLabel("API key").waitFor();
  await stand.page.reload();
  await stand.page.getByLabel("API key").waitFor();
});

test("the list leads to a project and back, on a phone in the dark as well", async () => {
  await stand.page.setViewportSize({ width: 375, height: 800 });
  await stand.page.emulateMedia({ colorScheme: "dark" });
  await stand.page.goto(`${stand.worker.url}/#key=${stand.key}`);
  await stand.page
    .getByRole("link", { name: /Support agent/ })
    .first()
    .waitFor();
  await stand.expectAccessible("projects");
  await stand.page
    .getByRole("link", { name: /Support agent/ })
    .first()
    .click();
  await theSwitch().waitFor();
  await stand.expectAccessible("project");
  await stand.page.goBack();
  await stand.page.getByRole("heading", { name: "Projects" }).waitFor();
  expect(stand.complaints).toEqual([]);
});

test("who signs in or out in another tab is who this tab shows, once somebody looks at it", async () => {
  await stand.open();
  await stand.shown("Ada");
  const other = await stand.page.context().newPage();
  const reader = await stand.stack.createKey({ name: "Grace", scopes: ["read"], projectId: stand.projectId });
  await other.goto(`${stand.worker.url}/#key=${reader}`);
  await other.getByText("Grace").waitFor();
  // A browser without a window never hides a tab, and so never says that it is seen again.
  const lookAgain = () => stand.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await lookAgain();
  await stand.shown("Grace");
  expect(await theSwitch().isDisabled(), "her key may only read").toBe(true);

  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByLabel("API key").waitFor();
  await lookAgain();
  await stand.shown(/^Your session has ended\./);
});
