import { expect, test } from "vitest";
import { useStand } from "../stand.ts";
import { startWindow } from "./window.ts";

const stand = useStand();
const tab = (name: string) => stand.page.getByRole("navigation", { name: "Project", exact: true }).getByText(name);
const heading = (name: string) => stand.page.getByRole("heading", { level: 2, name, exact: true });
const percent = () => stand.page.getByLabel("Percent", { exact: true });
/** Longer than the page waits between two looks at a project. */
const LOOKS_MS = 3_000;

test("a tab that nobody sees asks nothing; whoever comes back to it sees at once what has changed", async () => {
  const window = await startWindow();
  const page = await window.newTab();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${stand.worker.url}/projects/${stand.projectId}#key=${stand.key}`);
  for (const part of ["Last changes", "Agents", "How the switch works"])
    await page.getByRole("heading", { name: part }).waitFor();

  const other = await window.newTab();
  await expect.poll(() => page.evaluate(() => document.hidden)).toBe(true);
  await page.waitForLoadState("networkidle");
  asked.length = 0;
  await stand.api.switch(stand.projectId, false);
  await other.waitForTimeout(LOOKS_MS);
  expect(asked).toEqual([]);
  await page.bringToFront();
  await page.getByText(/^Tracing is disabled\./).waitFor();

  const reader = await stand.stack.createKey({ name: "Grace", scopes: ["read"] });
  await other.goto(`${stand.worker.url}/projects/${stand.projectId}#key=${reader}`);
  await other.bringToFront();
  await other.getByText(/^This key may only read\./).waitFor();
  await page.bringToFront();
  await page.getByText(/^This key may only read\./).waitFor();
});

test("a view whose file cannot be loaded offline is loaded by itself when the network is back", async () => {
  await stand.open();
  await stand.page.context().setOffline(true);
  await tab("Rules").click();
  await stand.shown("This part of the page could not be loaded. This browser is offline.");
  await stand.expectAccessible("view-offline");
  await stand.page.getByRole("button", { name: "Try again" }).click();
  await stand.shown("This part of the page could not be loaded. This browser is offline.");
  await stand.page.context().setOffline(false);
  await heading("Rules").waitFor();
  await percent().fill("30");
});

test("a view whose file could not be loaded is loaded by a press, and the focus is on it", async () => {
  await stand.open();
  const address = stand.page.url();
  await stand.page.route("**/assets/**", (route) => route.abort("connectionreset"));
  await tab("Rules").click();
  await stand.page.getByRole("button", { name: "Reload the page" }).waitFor();
  await stand.page.unroute("**/assets/**");
  await stand.page.getByRole("button", { name: "Try again" }).press("Enter");
  await percent().waitFor();
  expect(await stand.page.evaluate(() => document.activeElement?.textContent)).toBe("Rules");
  expect(stand.page.url()).toBe(`${address}/rules`);
});

test("where only a new page helps, edits that are not saved outlive it, at the same address", async () => {
  await stand.open("rules");
  await percent().fill("30");
  await stand.page.route("**/assets/PreviewPage-*", (route) => route.abort("connectionreset"));
  await tab("Preview").click();
  await stand.page.getByRole("button", { name: "Try again" }).click();
  await stand.page.getByRole("button", { name: "Reload the page" }).waitFor();
  await stand.page.unroute("**/assets/PreviewPage-*");
  await stand.page.getByRole("button", { name: "Reload the page" }).click();
  await heading("Preview").waitFor();
  await tab("Rules").click();
  await stand.shown("About 3 of 10 users");
});
