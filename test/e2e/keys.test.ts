import { expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { useStand } from "./stand.ts";

const stand = useStand();
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const label = (name: string) => stand.page.getByLabel(name, { exact: true });
const scope = (name: string) => stand.page.getByRole("checkbox", { name: new RegExp(`^${name}`) });
const dialog = () => stand.page.getByRole("dialog");
const row = (name: string) =>
  stand.page.locator(".key-list > li").filter({ has: stand.page.getByText(name, { exact: true }) });
const secret = () => stand.page.locator(".secret code");
const madeHeading = (name: string) => stand.page.getByRole("heading", { name: `“${name}” is made` });

const expectFocusOn = async (text: string) =>
  expect(await stand.page.evaluate(() => document.activeElement?.textContent)).toBe(text);

async function openKeys(key = stand.key) {
  await stand.page.goto(`${stand.worker.url}/keys#key=${key}`);
  await stand.page.getByRole("heading", { level: 1, name: "API keys" }).waitFor();
}

interface Listed {
  id: string;
  name: string;
  scopes: string[];
  project_id: string | null;
  expires_at: string | null;
}

/** Those of a name that is not used in another test. */
async function keysNamed(name: string): Promise<Listed[]> {
  const answer = await stand.api.call("GET", "/keys?limit=100");
  return ((await answer.json()) as { keys: Listed[] }).keys.filter((key) => key.name === name);
}

const mayRead = async (key: string) =>
  (await apiOf(stand.worker, key).call("GET", `/projects/${stand.projectId}`)).status;

test("from the header: a key is made, shown once, copied, and good for its project alone", async () => {
  await stand.stack.sql`update projects set name = 'Checkout' where id = ${stand.projectId}`;
  await stand.page.context().grantPermissions(["clipboard-write"]);
  await stand.open();
  await stand.page.getByRole("link", { name: "API keys" }).click();
  await stand.page.getByRole("heading", { level: 1, name: "API keys" }).waitFor();
  expect(new URL(stand.page.url()).pathname).toBe("/keys");
  await row("Ada").getByText("yours").waitFor();

  await label("Name").fill("Checkout agents");
  await scope("Report").check();
  await scope("Read").check();
  await stand.page.getByRole("radio", { name: "One project" }).check();
  await label("Project").fill("checkout");
  await label("Ends").selectOption("In 90 days");
  await stand.expectAccessible("keys-filled");
  await button("Make the key").click();
  await madeHeading("Checkout agents").waitFor();
  await expectFocusOn("“Checkout agents” is made");
  await stand.shown(/^This is the only time it is shown\./);
  await stand.expectAccessible("keys-made");
  const key = (await secret().textContent()) as string;
  await button("Copy").click();
  await stand.page.getByText("Copied", { exact: true }).waitFor();
  await label("Name").focus();
  await stand.page.keyboard.press("Control+V");
  expect(await label("Name").inputValue()).toBe(key);
  await label("Name").fill("");

  expect(await mayRead(key)).toBe(200);
  const [listed] = await keysNamed("Checkout agents");
  expect(listed).toMatchObject({ scopes: ["report", "read"], project_id: stand.projectId });
  const days = (Date.parse(listed?.expires_at as string) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(89.9);
  expect(days).toBeLessThan(90.1);
  const text = await row("Checkout agents").textContent();
  expect(text).toContain(`${key.slice(0, 15)}_…${key.slice(-4)}`);
  expect(text).toContain("report, read · Checkout");
  expect(text).toMatch(/made just now · never used · ends /);

  await button("I have copied it").click();
  await secret().waitFor({ state: "detached" });
  await expectFocusOn("Keys");
  await stand.page.reload();
  await row("Checkout agents").waitFor();
  expect(await stand.page.content(), "it is not shown again").not.toContain(key);
  await stand.page.goBack();
  await stand.page.getByRole("switch").waitFor();
  expect(stand.complaints).toEqual([]);
});

test("by keyboard alone: make a key, rotate it, revoke it", async () => {
  await openKeys();
  const { keyboard } = stand.page;
  await label("Name").focus();
  await keyboard.type("Typed");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await keyboard.press("Enter");
  await madeHeading("Typed").waitFor();
  const first = await secret().textContent();
  await button("I have copied it").focus();
  await keyboard.press("Enter");

  await button("Rotate Typed").focus();
  await keyboard.press("Enter");
  await dialog().waitFor();
  expect(await stand.page.evaluate(() => document.activeElement?.id)).toBe("overlap");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await dialog().waitFor({ state: "detached" });
  await stand.shown(/^The old key stays good until /);
  expect(await secret().textContent()).not.toBe(first);
  await row("Typed").nth(1).waitFor();

  await button("Revoke Typed").first().focus();
  await keyboard.press("Enter");
  await dialog().waitFor();
  await keyboard.press("Enter");
  await stand.shown("“Typed” is revoked.");
  await row("Typed").nth(1).waitFor({ state: "detached" });
  await expectFocusOn("Keys");
  expect(await keysNamed("Typed")).toHaveLength(1);
});

test("a key is rotated: the old one stays good for a while, or not at all", async () => {
  const old = await stand.stack.createKey({ name: "Pipeline", scopes: ["write"] });
  await openKeys();
  await button("Rotate Pipeline").click();
  await dialog().getByLabel("The old key stays good for").selectOption("1 hour");
  await stand.expectAccessible("keys-rotate");
  await dialog().getByRole("button", { name: "Rotate" }).click();
  await stand.shown(/^The old key stays good until /);
  const key = (await secret().textContent()) as string;
  expect([await mayRead(old), await mayRead(key)]).toEqual([200, 200]);
  await button("I have copied it").click();

  await button("Rotate Pipeline").first().click();
  await dialog().getByLabel("The old key stays good for").selectOption("No time: revoke it at once");
  await dialog().getByRole("button", { name: "Rotate" }).click();
  await stand.shown("The old key is revoked.");
  expect([await mayRead(old), await mayRead(key)]).toEqual([200, 401]);
});

test("a key that nobody has copied yet stays on show when another is made", async () => {
  await stand.stack.createKey({ name: "Nightly", scopes: ["read"] });
  await openKeys();
  await label("Name").fill("Daily");
  await scope("Read").check();
  await button("Make the key").click();
  await madeHeading("Daily").waitFor();
  const first = (await secret().textContent()) as string;
  await button("Rotate Nightly").click();
  await dialog().getByRole("button", { name: "Rotate" }).click();
  await madeHeading("Nightly").waitFor();
  await stand.expectAccessible("keys-two-made");
  expect(await secret().allTextContents()).toContain(first);
  expect(await secret().count()).toBe(2);
  await stand.page.getByRole("region", { name: "“Nightly” is made" }).getByRole("button", { name: "I have" }).click();
  await madeHeading("Nightly").waitFor({ state: "detached" });
  expect(await secret().textContent()).toBe(first);
});

test("what is on its way cannot be cancelled, and does not look as if it were", async () => {
  const key = await stand.stack.createKey({ name: "Slowly", scopes: ["read"] });
  await openKeys();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await stand.page.route("**/api/v1/keys/*", async (route) => {
    await held;
    return route.continue();
  });
  await button("Revoke Slowly").click();
  const sent = stand.page.waitForRequest("**/api/v1/keys/*");
  await dialog().getByRole("button", { name: "Revoke Slowly" }).click();
  await sent;
  expect(await dialog().getByRole("button", { name: "Cancel" }).isDisabled()).toBe(true);
  for (let i = 0; i < 3; i++) await stand.page.keyboard.press("Escape");
  expect(await dialog().count()).toBe(1);
  release();
  await dialog().waitFor({ state: "detached" });
  await stand.shown("“Slowly” is revoked.");
  expect(await mayRead(key)).toBe(401);
});

test("a key is revoked after a question that names it, and can be thought better of", async () => {
  const key = await stand.stack.createKey({ name: "Leaked", scopes: ["write"] });
  await openKeys();
  await button("Revoke Leaked").click();
  await dialog().getByRole("heading", { name: "Revoke “Leaked”?" }).waitFor();
  await dialog()
    .getByText(`${key.slice(0, 15)}_…${key.slice(-4)}`)
    .waitFor();
  await stand.expectAccessible("keys-revoke");
  await stand.page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  expect(await mayRead(key)).toBe(200);
  await button("Revoke Leaked").click();
  await dialog().getByLabel("Reason").fill("seen in a log");
  await dialog().getByRole("button", { name: "Revoke Leaked" }).click();
  await stand.shown("“Leaked” is revoked.");
  await row("Leaked").waitFor({ state: "detached" });
  expect(await mayRead(key)).toBe(401);
  const [event] = await stand.stack.sql`select action, reason from events order by id desc limit 1`;
  expect(event).toEqual({ action: "key.revoked", reason: "seen in a log" });
});

test("one's own key: it cannot be rotated away at once, and revoking it signs out, which is said before", async () => {
  await openKeys(await stand.stack.createKey({ name: "Grace" }));
  await button("Rotate Grace").click();
  await dialog()
    .getByText(/^It is the key you are signed in with/)
    .waitFor();
  expect(
    await dialog()
      .getByRole("option", { name: /^No time/ })
      .count(),
  ).toBe(0);
  await stand.page.keyboard.press("Escape");
  await button("Revoke Grace").click();
  await dialog().getByText("It is the key you are signed in with: revoking it signs you out at once.").waitFor();
  await stand.expectAccessible("keys-revoke-own");
  await dialog().getByRole("button", { name: "Revoke Grace" }).click();
  await label("API key").waitFor();
  expect(await keysNamed("Grace")).toEqual([]);
});

test("after an answer that was lost, pressing again makes no second key, and still shows the first one's secret", async () => {
  await openKeys();
  let isLost = false;
  await stand.page.route("**/api/v1/keys", async (route) => {
    if (route.request().method() !== "POST" || isLost) return route.continue();
    isLost = true;
    await route.fetch();
    return route.abort();
  });
  await label("Name").fill("Unlucky");
  await scope("Report").check();
  await label("Ends").selectOption("In 7 days");
  await button("Make the key").click();
  await stand.shown(/It is not known whether the key was made\. Press again/);
  await stand.expectAccessible("keys-lost-answer");
  expect(await keysNamed("Unlucky")).toHaveLength(1);
  await button("Make the key").click();
  await madeHeading("Unlucky").waitFor();
  const [only, ...others] = await keysNamed("Unlucky");
  expect(others).toEqual([]);
  expect(await secret().textContent()).toContain(`tt_${only?.id}_`);
});

test("while the request before is still being carried out, pressing again says when to try, and then shows what it made", async () => {
  await openKeys();
  let isLost = false;
  await stand.page.route("**/api/v1/keys", async (route) => {
    if (route.request().method() !== "POST" || isLost) return route.continue();
    isLost = true;
    await route.fetch();
    return route.abort();
  });
  await label("Name").fill("Impatient");
  await scope("Report").check();
  await label("Ends").selectOption("In 7 days");
  await button("Make the key").click();
  await stand.shown(/It is not known whether the key was made\./);
  const { sql } = stand.stack;
  const [claim] = await sql`select key, status, body from idempotency_keys order by created_at desc limit 1`;
  await sql`update idempotency_keys set status = null, body = null, created_at = now() where key = ${claim?.key}`;
  await button("Make the key").click();
  await stand.shown(/The same request is being carried out\..* Try again in \d+ seconds?\. It is not known/);
  expect(await label("Name").inputValue()).toBe("Impatient");
  await sql`update idempotency_keys set status = ${claim?.status}, body = ${claim?.body} where key = ${claim?.key}`;
  await button("Make the key").click();
  await madeHeading("Impatient").waitFor();
  expect(await keysNamed("Impatient")).toHaveLength(1);
});

test("what is wrong is told at its field, before and after asking the server", async () => {
  await openKeys();
  await button("Make the key").click();
  await stand.shown("Enter a name.");
  await stand.shown("Choose one at least.");
  expect(await stand.page.evaluate(() => document.activeElement?.id)).toBe("key-name");
  await label("Name").fill("CI");
  await scope("Write").check();
  await stand.page.getByRole("radio", { name: "One project" }).check();
  await label("Project").fill("Nowhere");
  await button("Make the key").click();
  await stand.shown("No project is called “Nowhere”.");
  await stand.stack.createProject("Twin");
  await stand.stack.createProject("Twin");
  await label("Project").fill("Twin");
  await button("Make the key").click();
  await stand.shown("2 projects are called “Twin”: enter the id of the one you mean.");
  await stand.expectAccessible("keys-refused");
  await stand.stack.sql`
    insert into projects (id, name) select gen_random_uuid(), 'Legion ' || n from generate_series(1, 101) n`;
  await label("Project").fill("Legion");
  await button("Make the key").click();
  await stand.shown("More than 100 projects have “Legion” in their names: enter the id of the one you mean.");
  expect(await keysNamed("CI")).toEqual([]);
});

test("a key that ends soon cannot make one that outlives it", async () => {
  const expires_at = new Date(Date.now() + 2 * 86_400_000).toISOString();
  const made = await stand.api.call("POST", "/keys", { name: "Short", scopes: ["admin"], expires_at });
  await openKeys(((await made.json()) as { key: string }).key);
  await label("Name").fill("Longer");
  await scope("Read").check();
  await label("Ends").selectOption("In 7 days");
  await button("Make the key").click();
  await stand.shown(/^Must be .* at the latest, when the key that makes it ends\.$/);
});

test("an admin of one project sees its keys alone, and makes keys for it alone", async () => {
  const projectId = stand.projectId;
  await openKeys(await stand.stack.createKey({ name: "Lead", projectId }));
  await row("Lead").waitFor();
  expect(await stand.page.locator(".key-list > li").count()).toBe(1);
  expect(await stand.page.getByRole("radio").count()).toBe(0);
  await label("Name").fill("Its agents");
  await scope("Report").check();
  await button("Make the key").click();
  await madeHeading("Its agents").waitFor();
  expect(await keysNamed("Its agents")).toMatchObject([{ project_id: projectId }]);
  await stand.expectAccessible("keys-bound");
  await stand.page.getByRole("link", { name: "Back to the project" }).click();
  await stand.page.getByRole("switch").waitFor();
});

test("whoever is no admin is told who may, and has no link to the keys", async () => {
  await openKeys(await stand.stack.createKey({ name: "Viewer", scopes: ["read", "report"] }));
  await stand.shown(
    /^Only a key with the admin scope may see and make keys\. You are signed in with “Viewer” \(read, report\)\./,
  );
  expect(await stand.page.getByRole("link", { name: "API keys" }).count()).toBe(0);
  await stand.expectAccessible("keys-not-admin");
});

test("many keys are read page by page; loading, too many requests and no answer are each told", async () => {
  await Promise.all(Array.from({ length: 55 }, () => stand.stack.createKey({ name: "many", scopes: ["read"] })));
  await stand.stack.createKey({ name: "oldest", scopes: ["read"] });
  await stand.stack.sql`update api_keys set created_at = '2020-01-01' where name = 'oldest'`;

  let answer: "hold" | "refuse" | "drop" | "pass" = "hold";
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await stand.page.route("**/api/v1/keys?*", async (route) => {
    if (answer === "hold") await held;
    if (answer === "drop") return route.abort();
    if (answer !== "refuse") return route.continue();
    const json = { code: "too_many_requests", detail: "This key is used too often." };
    return route.fulfill({ status: 429, headers: { "retry-after": "7" }, json });
  });
  await openKeys();
  await stand.page.locator(".skeleton-line[aria-busy=true]").waitFor();
  await stand.expectAccessible("keys-loading");
  answer = "refuse";
  release();
  await stand.shown(/used too often\. Try again in 7 seconds/);
  await stand.expectAccessible("keys-too-many");
  answer = "drop";
  await button("Try again").click();
  await stand.shown(/The control plane did not answer/);
  answer = "pass";
  await button("Try again").click();
  await row("many").first().waitFor();
  expect(await row("oldest").count()).toBe(0);
  while (await button("Load more").count()) {
    const before = await stand.page.locator(".key-list > li").count();
    await button("Load more").click();
    await stand.page.locator(".key-list > li").nth(before).waitFor();
  }
  await row("oldest").waitFor();
});
