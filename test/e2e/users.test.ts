import { expect, test } from "vitest";
import { useStand } from "./stand.ts";

const stand = useStand();
const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const label = (name: string | RegExp) => stand.page.getByLabel(name, { exact: true });
const row = (user: string) => stand.page.getByRole("listitem").filter({ hasText: user });
const setUser = (user: string, body: Record<string, unknown>) =>
  stand.api.call("PUT", `/projects/${stand.projectId}/users/${encodeURIComponent(user)}`, body);

async function users() {
  const answer = await stand.api.call("GET", `/projects/${stand.projectId}/users`);
  return ((await answer.json()) as { users: { user: string; trace: boolean; expires_at: string | null }[] }).users;
}

test("a user is traced always for a day, another never, and both can be revoked", async () => {
  await stand.open("users");
  await stand.shown("No user has an override");
  await stand.expectAccessible("users-none");

  await label("User id").fill("ada@example.com");
  await label("Reason (optional)").fill("ticket 7");
  await button("Add").click();
  await stand.shown("“ada@example.com” is set.");
  await row("ada@example.com").getByText("always").waitFor();
  await row("ada@example.com")
    .getByText(/^until tomorrow/)
    .waitFor();

  await label("User id").fill("grace/hopper ü");
  await stand.page.getByRole("radio", { name: /^Never/ }).check();
  await button("Add").click();
  await row("grace/hopper ü").getByText("without end").waitFor();
  expect(await users()).toMatchObject([
    { user: "ada@example.com", trace: true },
    { user: "grace/hopper ü", trace: false, expires_at: null },
  ]);
  await stand.expectAccessible("users");

  await button("Revoke the override of grace/hopper ü").click();
  await stand.page.getByRole("dialog").waitFor();
  await stand.expectAccessible("users-revoke");
  await stand.page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await row("grace/hopper ü").waitFor({ state: "detached" });
  expect(await stand.page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("In force");
  expect(await users()).toHaveLength(1);
  expect(stand.complaints).toEqual([]);
});

test("users are searched, and read page by page", async () => {
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => setUser(`user-${String(i).padStart(2, "0")}`, { trace: false })),
  );
  await stand.open("users");
  await row("user-49").waitFor();
  expect(await row("user-50").count()).toBe(0);
  await button("Load more").click();
  await row("user-59").waitFor();
  await label("Search").fill("R-1");
  await row("user-20").waitFor({ state: "detached" });
  expect(await row("user-").count()).toBe(10);
  await label("Search").fill("nobody");
  await stand.shown("No user id contains “nobody”.");
  await stand.expectAccessible("users-no-match");
});

test("what is wrong with an entry is told at its field", async () => {
  await stand.open("users");
  await button("Add").click();
  await stand.shown("Enter a user id.");
  await label("User id").fill("ü".repeat(65));
  await button("Add").click();
  await stand.shown("Must be 128 bytes of UTF-8 at most.");
  await stand.expectAccessible("users-refused");
});

test("in production an override needs a reason", async () => {
  await stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, { production: true, reason: "goes live" });
  await stand.open("users");
  await label("User id").fill("user-1");
  await button("Add").click();
  await stand.shown(/Is required for a project marked production/);
  await label("Reason").fill("ticket 7");
  await button("Add").click();
  await row("user-1").waitFor();
  await button("Revoke the override of user-1").click();
  await stand.page.getByRole("dialog").waitFor();
  await stand.page.keyboard.press("Enter");
  await stand.shown("Say why.");
  await stand.page.keyboard.type("done");
  await stand.page.keyboard.press("Enter");
  await row("user-1").waitFor({ state: "detached" });
});

test("somebody else's change is seen, and whoever may only read can change nothing", async () => {
  await stand.open("users", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await stand.shown("No user has an override");
  await setUser("user-1", { trace: true, reason: "debugging" });
  await row("user-1").waitFor();
  expect(await button(/Revoke|Add/).count()).toBe(0);
  await stand.shown(/This key may only read/);
  await stand.expectAccessible("users-read-only");
});
