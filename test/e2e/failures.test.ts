import { expect, onTestFinished, test } from "vitest";
import { startGate } from "../harness/gate.ts";
import { startLimitedWorker } from "../harness/limited-worker.ts";
import { type RunningWorker, startWorker } from "../harness/worker.ts";
import { useStand } from "./stand.ts";

const stand = useStand();
const theSwitch = () => stand.page.getByRole("switch", { name: "Enable Tracing" });
const isOn = async () => (await theSwitch().getAttribute("aria-checked")) === "true";
const inEffect = () => stand.page.getByText("In effect", { exact: true }).waitFor();
const alert = (text: RegExp) => stand.page.getByRole("alert").getByText(text).waitFor();
const enabledKey = () => stand.stack.redis.get(`tracing:${stand.projectId}:enabled`);
const countEvents = async () => {
  const [row] = await stand.stack.sql`select count(*)::int from events where project_id = ${stand.projectId}`;
  return row?.count;
};

/** Nothing reaches the control plane, nor comes back. */
const cutOff = () => stand.page.route("**/api/**", (route) => route.abort());
const reconnect = () => stand.page.unroute("**/api/**");

/** Holds what the page sends with that method; answers how to let it go on. */
async function hold(pattern: string, method: "GET" | "PATCH"): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await stand.page.route(pattern, async (route) => {
    if (route.request().method() === method) await released;
    await route.continue();
  });
  return release;
}

/** The page of another Worker on the same stores, for this test. */
function useWorker(worker: RunningWorker & { url: string; logs(): string }): void {
  const usual = stand.worker;
  stand.worker = worker;
  onTestFinished(async () => {
    stand.worker = usual;
    await worker.close();
  });
}

test("while a change takes long, it is said to be under way, and another press does nothing", async () => {
  await stand.open();
  const release = await hold("**/tracing", "PATCH");
  await theSwitch().click();
  await stand.shown("Saving");
  expect(await theSwitch().getAttribute("aria-busy")).toBe("true");
  expect(await isOn(), "it moves at once").toBe(false);
  await stand.expectAccessible("saving");
  await theSwitch().click();
  expect(await enabledKey()).not.toBe("false");
  release();
  await inEffect();
  expect(await countEvents()).toBe(1);
  expect(await isOn()).toBe(false);
});

test("a project whose answer takes long is announced, and shown when it comes", async () => {
  const release = await hold("**/api/v1/projects/*", "GET");
  await stand.page.goto(`${stand.worker.url}/projects/${stand.projectId}#key=${stand.key}`);
  await stand.page.getByRole("heading", { name: "Loading" }).waitFor();
  await stand.expectAccessible("project-loading");
  release();
  await theSwitch().waitFor();
});

test("a page that is opened while the control plane is down says so, and goes on by itself", async () => {
  await stand.open();
  await cutOff();
  await stand.page.reload();
  await stand.page.getByRole("heading", { name: "The control plane does not answer" }).waitFor();
  await stand.expectAccessible("down");
  await reconnect();
  await theSwitch().waitFor();
});

test("a control plane that goes down leaves what was last confirmed in sight; a press says what became of it", async () => {
  await stand.open();
  await cutOff();
  await stand.shown(/^Last confirmed at .* Check your connection\.$/);
  await theSwitch().click();
  await alert(/^Not switched off\. .* It is not known whether the change arrived\./);
  expect(await isOn()).toBe(true);
  await stand.expectAccessible("goes-down");
  await reconnect();
  await stand.page.getByText(/^Last confirmed/).waitFor({ state: "detached" });
  await theSwitch().click();
  await inEffect();
  expect(await enabledKey()).toBe("false");
});

test("offline, the page says so and changes nothing; back online, it reads at once", async () => {
  await stand.open();
  for (const part of ["Last changes", "Agents", "How the switch works"])
    await stand.page.getByRole("heading", { name: part }).waitFor();
  await stand.page.context().setOffline(true);
  await theSwitch().click();
  await alert(/^Not switched off\. This browser is offline\./);
  expect(await isOn()).toBe(true);
  await stand.expectAccessible("offline");
  await stand.api.switch(stand.projectId, false);
  await stand.page.context().setOffline(false);
  await stand.shown(/^Tracing is disabled\./);
  expect(await stand.page.getByRole("alert").count(), "what was wanted has come about").toBe(0);
});

test("whose key is revoked is asked to sign in again, and comes back to the same place", async () => {
  const secret = await stand.stack.createKey({ name: "Grace" });
  await stand.open("", secret);
  const { keys } = await (await stand.api.call("GET", "/keys?limit=100")).json();
  const { id } = keys.find(({ name }: { name: string }) => name === "Grace");
  expect((await stand.api.call("DELETE", `/keys/${id}`)).status).toBe(204);
  await stand.shown(/^Your session has ended\./);
  expect(await enabledKey()).not.toBe("false");
  await stand.expectAccessible("session-ended");
  await stand.page.getByLabel("API key").fill(stand.key);
  await stand.page.keyboard.press("Enter");
  await theSwitch().waitFor();
  expect(new URL(stand.page.url()).pathname).toBe(`/projects/${stand.projectId}`);
});

test("too many requests: the press is refused with when to try again, and the page itself waits as long", async () => {
  useWorker(await startLimitedWorker(stand.stack, { address: 1_000, key: 60, failure: 50 }));
  await stand.open();
  const ask = () =>
    stand.worker.fetch("/api/v1/projects?limit=1", { headers: { authorization: `Bearer ${stand.key}` } });
  while ((await ask()).status !== 429);
  await theSwitch().click();
  await alert(/^Not switched off\. This key is used too often\..* Try again in \d+ seconds\.$/);
  expect(await isOn()).toBe(true);
  expect(await enabledKey()).not.toBe("false");
  await stand.shown(/^Last confirmed at .* Try again in \d+ seconds\.$/);
  await stand.expectAccessible("too-many");
  await stand.page.getByText(/^Last confirmed/).waitFor({ state: "detached" });
});

test("with the database away, what agents see stays in sight, and a press says what is not known", async () => {
  const database = await startGate(stand.stack.neon.url);
  onTestFinished(() => database.close());
  const workerEnv = { ...stand.stack.workerEnv, NEON_FETCH_ENDPOINT: `${database.url}/sql` };
  useWorker(await startWorker({ workerEnv }));
  await stand.open();
  await stand.api.switch(stand.projectId, true);
  await inHistory("Tracing switched on");
  database.mode = "cut";
  await theSwitch().click();
  await alert(/^Not switched off\. The database did not answer\. A change may have been made all the same/);
  expect(await isOn()).toBe(true);
  await stand.expectAccessible("database-away");
  await stand.stack.redis.set(`tracing:${stand.projectId}:enabled`, "false");
  await stand.shown(/emergency stop/);
});

const inHistory = (text: string) => stand.page.locator(".history").getByText(text).waitFor();

test("a fault of the control plane is told with the request's id, and changes nothing", async () => {
  await stand.open();
  const repair = () => stand.stack.sql`alter table events drop constraint if exists broken`;
  await stand.stack.sql`alter table events add constraint broken check (false) not valid`;
  onTestFinished(async () => void (await repair()));
  await theSwitch().click();
  await alert(/^Not switched off\. This is a fault of ours\. .* Request [\w-]+\./);
  expect(await isOn()).toBe(true);
  expect(await enabledKey()).not.toBe("false");
  await stand.expectAccessible("fault");
  await repair();
  await theSwitch().click();
  await inEffect();
});

test("a reload in the midst of a change shows what was saved, and what agents see meanwhile", async () => {
  await stand.open();
  await stand.api.switch(stand.projectId, true);
  const publishing = stand.gate.hold("tracing_toggle_publish");
  await theSwitch().click();
  const held = await publishing;
  await stand.page.reload();
  await stand.shown("The switch is off, but agents still see the earlier state.");
  expect(await isOn()).toBe(false);
  await stand.expectAccessible("reload-while-saving");
  held.drop();
  await stand.worker.runCron();
  await stand.shown(/^Tracing is disabled\./);
  expect(await enabledKey()).toBe("false");
});

test("whoever goes back in the midst of a change has made it", async () => {
  await stand.page.goto(`${stand.worker.url}/?search=${stand.projectId}#key=${stand.key}`);
  await stand.page.getByRole("link", { name: /Support agent/ }).click();
  await theSwitch().waitFor();
  const release = await hold("**/tracing", "PATCH");
  await theSwitch().click();
  await stand.shown("Saving");
  await stand.page.goBack();
  await stand.page.getByRole("heading", { name: "Projects" }).waitFor();
  release();
  await expect.poll(enabledKey).toBe("false");
  await stand.page.goForward();
  await stand.shown(/^Tracing is disabled\./);
  expect(await isOn()).toBe(false);
});
