import { expect, onTestFinished, test } from "vitest";
import { useStand } from "./stand.ts";

// The states of each view that no other test comes by: each says in words what is the matter, in both themes, wide and narrow.

const stand = useStand();
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const label = (name: string) => stand.page.getByLabel(name, { exact: true });
const heading = (name: string) => stand.page.getByRole("heading", { name, exact: true });
const viewer = (projectId?: string) => stand.stack.createKey({ name: "Viewer", scopes: ["read"], projectId });
const openPath = (path: string, key = stand.key) => stand.page.goto(`${stand.worker.url}/${path}#key=${key}`);
const offline = () => stand.page.context().setOffline(true);

/** Holds what the page asks for until the test is over. */
async function hold(pattern: string): Promise<void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  onTestFinished(release);
  await stand.page.route(pattern, async (route) => {
    await released;
    await route.abort().catch(() => {});
  });
}

test("projects: none yet, for who may create one and for who may not", async () => {
  await stand.stack.sql`update projects set deleted_at = now() where deleted_at is null`;
  await openPath("");
  await stand.shown("No projects yet");
  await stand.shown(/^Create the first one below/);
  await stand.expectAccessible("projects-none");
  await openPath("", await viewer());
  await stand.shown(/^This key sees no project/);
  await stand.expectAccessible("projects-none-read-only");
});

test("projects: on their way, and to be looked at only", async () => {
  await openPath("", await viewer());
  await stand.page
    .getByRole("link", { name: /Support agent/ })
    .first()
    .waitFor();
  expect(await heading("New project").count()).toBe(0);
  await stand.expectAccessible("projects-read-only");
  await hold("**/api/v1/projects?**");
  await stand.page.reload();
  await heading("Loading").waitFor();
  await stand.expectAccessible("projects-loading");
});

test("projects: offline, what was there stays, and a new one is not created", async () => {
  await openPath("");
  await heading("New project").waitFor();
  await offline();
  await label("Name").fill("Offline");
  await button("Create project").click();
  await stand.shown(/This browser is offline\./);
  await stand.page.getByLabel("Search").fill("Support");
  await stand.shown(/^The list may be out of date\. This browser is offline\./);
  await stand.expectAccessible("projects-offline");
});

test("sign-in: nothing typed yet, a key on its way, offline", async () => {
  await stand.page.goto(`${stand.worker.url}/`);
  await label("API key").waitFor();
  await stand.expectAccessible("sign-in-empty");
  await offline();
  await label("API key").fill(stand.key);
  await button("Sign in").click();
  await stand.shown("This browser is offline.");
  await stand.expectAccessible("sign-in-offline");
  await stand.page.context().setOffline(false);
  await hold("**/api/v1/session");
  await button("Sign in").click();
  await stand.shown("Signing in");
  await stand.expectAccessible("sign-in-sending");
});

test("an address that leads nowhere, a project that does not exist, and one that was deleted", async () => {
  await openPath("nowhere");
  await heading("Nothing here").waitFor();
  await stand.expectAccessible("nothing-here");
  await openPath(`projects/${crypto.randomUUID()}`);
  await heading("No such project").waitFor();
  await stand.expectAccessible("project-not-found");
  await stand.api.call("DELETE", `/projects/${stand.projectId}`);
  await openPath(`projects/${stand.projectId}`);
  await heading("This project was deleted").waitFor();
  await stand.expectAccessible("project-deleted");
});

test("the switch: before it is locked off, and before a lock is lifted", async () => {
  await stand.open();
  await button("Lock this project off").click();
  await stand.page.getByRole("dialog").waitFor();
  await stand.expectAccessible("lock-confirm");
  await label("Reason").last().fill("incident 12");
  await stand.page.keyboard.press("Enter");
  await button("Lift the lock").click();
  await stand.page.getByRole("dialog").waitFor();
  await stand.expectAccessible("unlock-confirm");
});

test("rules: as they are first, and offline", async () => {
  await stand.open("rules");
  await label("Percent").waitFor();
  await stand.expectAccessible("rules");
  await offline();
  await label("Percent").fill("30");
  await button("Save").click();
  await stand.shown(/This browser is offline\./);
  await stand.expectAccessible("rules-offline");
});

test("users: not to be read, and offline", async () => {
  await stand.page.route("**/api/**/users?**", (route) => route.abort());
  await stand.open("users");
  await stand.shown(/^The users could not be loaded\./);
  await stand.expectAccessible("users-error");
  await stand.page.unroute("**/api/**/users?**");
  await button("Try again").click();
  await stand.shown("No user has an override");
  await offline();
  await label("User id").fill("ada");
  await button("Add").click();
  await stand.shown(/^This browser is offline\./);
  await stand.expectAccessible("users-offline");
});

test("preview: asking, and offline", async () => {
  await stand.open("preview");
  await label("User id").fill("ada");
  await offline();
  await button("Show the decision").click();
  await stand.shown(/This browser is offline\./);
  await stand.expectAccessible("preview-offline");
  await stand.page.context().setOffline(false);
  await hold("**/decision?**");
  await button("Show the decision").click();
  await stand.shown("Asking");
  expect(await stand.page.getByRole("alert").count(), "a new attempt has not failed yet").toBe(0);
  await stand.expectAccessible("preview-asking");
});

test("activity: offline, before anything was read and after", async () => {
  await stand.open("activity");
  await stand.shown(/^No decision was reported/);
  await offline();
  await button("24 hours").click();
  await stand.shown(/^The activity could not be loaded\. This browser is offline\./);
  await stand.expectAccessible("activity-offline");
  await stand.page.context().setOffline(false);
  await stand.shown(/^No decision was reported in the last 24 hours/);
});

test("history: not to be read, and offline", async () => {
  await stand.api.switch(stand.projectId, false, "load test");
  await stand.open("history");
  await stand.shown("load test");
  await offline();
  await label("Changed by").fill("Grace");
  await stand.shown(/The changes could not be loaded.* This browser is offline\./);
  await stand.expectAccessible("history-offline");
});

test("keys: offline, none is made", async () => {
  await openPath("keys");
  await label("Name").fill("CI");
  await stand.page.getByRole("checkbox", { name: /^Read/ }).check();
  await offline();
  await button("Make the key").click();
  await stand.shown(/^This browser is offline\./);
  await stand.expectAccessible("keys-offline");
});

test("integration: the first look at the reports, and offline", async () => {
  await hold("**/api/**/status");
  await stand.open("integration");
  await stand.page.locator(".report-check").waitFor();
  await stand.expectAccessible("integration-looking");
  await stand.page.unroute("**/api/**/status");
  await stand.page.reload();
  await stand.shown("Waiting for the first report");
  await offline();
  await stand.shown(/This browser is offline\./);
  await stand.expectAccessible("integration-offline");
});

test.each(["activity", "integration"])("%s is there for who may only read", async (view) => {
  await stand.open(view, await viewer(stand.projectId));
  await stand.page.getByRole("heading", { level: 2 }).first().waitFor();
  await stand.shown("read only");
  await stand.expectAccessible(`${view}-read-only`);
});
