import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useKeyboard } from "./keyboard.ts";
import { useStand } from "./stand.ts";

// The projects and the switch by keyboard alone, from a page that has just been opened. Where the focus is must be seen at every step.

const stand = useStand();
const { press, type, goTo, use, fill, expectFocus } = useKeyboard(stand);

const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const link = (name: string | RegExp) => stand.page.getByRole("link", { name });
const heading = (name: string) => stand.page.getByRole("heading", { name, exact: true });
const label = (name: string | RegExp) => stand.page.getByLabel(name);
const dialog = () => stand.page.getByRole("dialog");
const dialogCloses = () => dialog().waitFor({ state: "detached" });
const theSwitch = () => stand.page.getByRole("switch", { name: "Enable Tracing" });
const inEffect = () => stand.page.getByText("In effect", { exact: true }).waitFor();
const isOn = "Traces are being collected.";
const status = (text: string | RegExp) => stand.page.locator("#status").getByText(text).first().waitFor();
const agentsSee = (enabled: string) =>
  expect.poll(() => stand.stack.redis.get(`tracing:${stand.projectId}:enabled`)).toBe(enabled);
const change = (method: string, path: string, body: object) =>
  stand.api.call(method, `/projects/${stand.projectId}/${path}`, body);
const actions = async () =>
  (await stand.stack.sql`select action from events where project_id = ${stand.projectId} order by id`).map(
    ({ action }) => action,
  );
const theHeading = () => heading("Observability Settings");

test("sign in, after a wrong key, and sign out", async () => {
  await stand.page.goto(`${stand.worker.url}/projects/${stand.projectId}`);
  await expectFocus(label("API key"));
  await press("Enter");
  await stand.page.getByRole("alert").waitFor();
  await expectFocus(label("API key"));
  await type("tt_wrong");
  await press("Enter");
  await stand.shown(/^This key is not valid/);
  await expectFocus(label("API key"));
  await fill(label("API key"), stand.key);
  await use(button("Sign in"));
  await expectFocus(heading("Support agent"));

  await use(button("Sign out"), "Space");
  await expectFocus(label("API key"));
});

test("a project is created, and found in the list", async () => {
  const name = `By keyboard ${randomUUID().slice(0, 8)}`;
  await stand.page.goto(`${stand.worker.url}/#key=${stand.key}`);
  await expectFocus(heading("Projects"));
  await use(button("Create project"));
  await stand.shown("Enter a name.");
  await expectFocus(label("Name"));
  await type(name);
  await press("Enter");
  await expectFocus(heading(name));
  await use(link("All projects"));
  await expectFocus(heading("Projects"));
  await fill(label("Search"), name);
  await stand.shown("1 project found");
  await use(link(name));
  await expectFocus(heading(name));
  await use(button("Copy Project ID"), "Space");
  await button("Copied Project ID").waitFor();
});

test("a change is made with a reason, and undone", async () => {
  await stand.open();
  await goTo(label("Reason"));
  await type("load test");
  await goTo(theSwitch(), "Shift+Tab");
  await press("Space");
  await inEffect();
  await stand.shown("load test");
  await expectFocus(theSwitch());
  await use(button("Undo"));
  await status(isOn);
  await expectFocus(theHeading());
  await agentsSee("true");
  expect(await actions()).toEqual(["tracing.disabled", "tracing.enabled"]);
});

test("in production the switch asks first: Escape thinks better of it, a reason goes through", async () => {
  await change("PATCH", "rules", { production: true, reason: "goes live" });
  await stand.open();
  await use(theSwitch(), "Space");
  await expectFocus(dialog().getByLabel("Reason"));
  await press("Escape");
  await dialogCloses();
  await expectFocus(theSwitch());
  expect(await actions(), "nothing has changed").toEqual(["rules.changed"]);

  await use(button("1 hour"));
  await expectFocus(dialog().getByLabel("Reason"));
  await use(dialog().getByRole("button", { name: "Cancel" }), "Space");
  await dialogCloses();
  await expectFocus(button("1 hour"));

  await goTo(theSwitch(), "Shift+Tab");
  await press("Enter");
  await expectFocus(dialog().getByLabel("Reason"));
  await press("Enter");
  await stand.shown("Say why.");
  await type("too expensive");
  await use(dialog().getByRole("button", { name: "Turn off" }));
  await inEffect();
  await expectFocus(theSwitch());
  await agentsSee("false");
});

test.each([
  ["15 min", /^Until (today|tomorrow) \d\d:\d\d, then on\./],
  ["1 hour", /^Until (today|tomorrow) \d\d:\d\d, then on\./],
  ["Until tomorrow 08:00", /^Until tomorrow 08:00, then on\./],
])("off for a while: %s, and ended at once", async (name, until) => {
  await stand.open();
  await use(button(name));
  await status(until);
  await inEffect();
  await expectFocus(button(name));
  await agentsSee("false");

  await goTo(button("End it now"), "Shift+Tab");
  await press("Space");
  await status(isOn);
  await expectFocus(theHeading());
  await agentsSee("true");
});

test("off until I turn it on: the button that goes away leaves the focus where a late Enter does nothing", async () => {
  await stand.open();
  await use(button("Until I turn it on"));
  await status("Tracing is disabled.");
  await expectFocus(theHeading());
  await inEffect();
  await press("Enter");
  expect(await actions()).toEqual(["tracing.disabled"]);
});

test("on until I turn it off", async () => {
  await stand.api.switch(stand.projectId, false);
  await stand.open();
  await use(button("Until I turn it off"), "Space");
  await status(isOn);
  await expectFocus(theHeading());
  await agentsSee("true");
});

test("the project is locked off, and the lock is lifted", async () => {
  await stand.open();
  await use(button("Lock this project off"));
  await expectFocus(dialog().getByLabel("Reason"));
  await press("Escape");
  await dialogCloses();
  await expectFocus(button("Lock this project off"));
  await press("Enter");
  await expectFocus(dialog().getByLabel("Reason"));
  await type("incident 12");
  await press("Enter");
  await status(/incident 12/);
  await dialogCloses();
  await expectFocus(theHeading());
  await agentsSee("false");

  await use(button("Lift the lock"));
  await use(dialog().getByRole("button", { name: "Lift the lock" }));
  await status(isOn);
  await expectFocus(theHeading());
  await agentsSee("true");
});

test("a lock that comes while one is at the switch leaves the focus at the heading", async () => {
  await stand.open("", await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
  await goTo(theSwitch());
  await change("PUT", "lock", { reason: "legal hold" });
  await status(/legal hold/);
  await expectFocus(theHeading());
});

test("an emergency stop is lifted", async () => {
  await stand.open();
  await stand.stack.redis.set(`tracing:${stand.projectId}:enabled`, "false");
  await status(/emergency stop/);
  await use(button("Lift the emergency stop"));
  await status(isOn);
  await expectFocus(theHeading());
  await inEffect();
  await agentsSee("true");
});

test("a page that could not be loaded is asked for again, and the focus goes to its heading", async () => {
  const path = `**/api/v1/projects/${stand.projectId}`;
  await stand.page.route(path, (route) => route.abort());
  await stand.page.goto(`${stand.worker.url}/projects/${stand.projectId}#key=${stand.key}`);
  await expectFocus(heading("The project could not be loaded"));
  await stand.page.unroute(path);
  await use(button("Try again"));
  await expectFocus(heading("Support agent"));
});

test("the list is read on to its end, and the focus stays there", async () => {
  const mark = randomUUID().slice(0, 8);
  await stand.stack.sql`
    insert into projects (id, name) select gen_random_uuid(), ${mark} || ' ' || n from generate_series(1, 60) n`;
  await stand.page.goto(`${stand.worker.url}/?search=${mark}#key=${stand.key}`);
  await stand.shown("50 or more projects found");
  await press("/");
  await expectFocus(label("Search"));
  await press("ArrowDown");
  await press("End");
  await use(button("Load more"));
  await stand.shown("60 projects found");
  await expectFocus(stand.page.locator("#list-end"));
  await press("Shift+Tab");
  await expectFocus(stand.page.locator(".project").last());
});
