import { expect, test } from "vitest";
import { useStand } from "./stand.ts";

const stand = useStand();
const tab = (name: string) => stand.page.getByRole("navigation", { name: "Project", exact: true }).getByText(name);
const heading = (name: string) => stand.page.getByRole("heading", { level: 2, name, exact: true });

test("every view has an address of its own, and the back button leads back", async () => {
  await stand.open();
  for (const [name, path, title] of [
    ["Rules", "rules", "Rules"],
    ["Users", "users", "User overrides"],
    ["Preview", "preview", "Preview"],
  ] as const) {
    await tab(name).click();
    await heading(title).waitFor();
    expect(new URL(stand.page.url()).pathname).toBe(`/projects/${stand.projectId}/${path}`);
    expect(await stand.page.title()).toContain(`${name} · Support agent`);
    await stand.page.reload();
    await heading(title).waitFor();
  }
  await stand.page.goBack();
  await heading("User overrides").waitFor();
  await stand.page.goBack();
  await stand.page.goBack();
  await heading("Observability Settings").waitFor();
  expect(stand.complaints).toEqual([]);
});

test("by keyboard alone one gets from view to view, and the focus moves to what is new", async () => {
  await stand.open();
  await tab("Rules").focus();
  await stand.page.keyboard.press("Enter");
  await heading("Rules").waitFor();
  expect(await stand.page.evaluate(() => document.activeElement?.textContent)).toBe("Rules");
  expect(await tab("Rules").getAttribute("aria-current")).toBe("page");
});

test("edits of the rules outlive a look at another view", async () => {
  await stand.open("rules");
  await stand.page.getByLabel("Percent", { exact: true }).fill("30");
  await tab("Preview").click();
  await heading("Preview").waitFor();
  await tab("Rules").click();
  await stand.shown("About 3 of 10 users");
});

test("a view whose answer takes long shows that it is loading", async () => {
  const answers: (() => void)[] = [];
  const hold = (pattern: string) =>
    stand.page.route(pattern, async (route) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      await route.continue();
    });
  await hold("**/api/**/rules");
  await hold("**/api/**/users?**");
  await stand.open("rules");
  await stand.page.locator("[aria-busy=true]").waitFor();
  await stand.expectAccessible("rules-loading");
  await tab("Users").click();
  await heading("User overrides").waitFor();
  await stand.expectAccessible("users-loading");
  for (const answer of answers) answer();
  await stand.shown("No user has an override");
});

test("a view whose file is gone after a deployment says how to go on", async () => {
  await stand.page.route("**/assets/PreviewPage-*", (route) => route.abort());
  await stand.open("preview");
  await stand.page.getByRole("button", { name: "Reload the page" }).waitFor();
  await stand.expectAccessible("view-not-opened");
});

test("a view whose file comes late does not take the place of the one that was opened since", async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await stand.page.route("**/assets/ProjectList-*.js", async (route) => {
    await released;
    await route.continue();
  });
  const late = stand.page.waitForRequest("**/assets/ProjectList-*.js");
  await stand.page.goto(`${stand.worker.url}/#key=${stand.key}`);
  await stand.page.getByRole("link", { name: "API keys" }).click();
  const keys = stand.page.getByRole("heading", { level: 1, name: "API keys" });
  await keys.waitFor();
  release();
  const url = (await late).url();
  // As text, since the test's own compiler would make another `import` of it.
  await stand.page.evaluate(`import(${JSON.stringify(url)}).then(() => new Promise(requestAnimationFrame))`);
  expect(await keys.count()).toBe(1);
  expect(await stand.page.getByRole("heading", { level: 1 }).count()).toBe(1);
});

test("the page holds still while it loads, on a phone and wide", async () => {
  for (const width of [375, 1280]) {
    await stand.page.setViewportSize({ width, height: 800 });
    await stand.open();
    await stand.shown("Last changes");
    const shift = await stand.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            const shifts = list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[];
            resolve(shifts.reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0));
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(0), 1_000);
        }),
    );
    expect(shift).toBeLessThan(0.01);
  }
});
