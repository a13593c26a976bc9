import { expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { runSnippet } from "../harness/run-snippet.ts";
import { useStand } from "./stand.ts";

const stand = useStand();
const choose = (name: string) => stand.page.getByLabel(name, { exact: true }).check({ force: true });
const block = (title: string) => stand.page.getByRole("region", { name: title, exact: true });
const check = (text: string) => stand.page.getByRole("status").getByText(text, { exact: true }).waitFor();

/** What a button puts on the clipboard. */
async function copied(title: string): Promise<string> {
  const { page } = stand;
  await page.getByRole("button", { name: `Copy ${title}`, exact: true }).click();
  await page.getByRole("button", { name: `Copied ${title}`, exact: true }).waitFor();
  const text = await block(title).textContent();
  expect(await clipboard()).toBe(text);
  return text as string;
}

/** The page itself may not read it. */
async function clipboard(): Promise<string> {
  const page = await stand.page.context().newPage();
  await page.goto("about:blank");
  await page.setContent("<textarea></textarea>");
  await page.locator("textarea").focus();
  await page.keyboard.press("ControlOrMeta+V");
  const text = await page.locator("textarea").inputValue();
  await page.close();
  return text;
}

/** A report of an agent that had something to decide so long ago. */
async function report(agoMs: number): Promise<void> {
  const agent = apiOf(stand.worker, await stand.stack.createKey({ scopes: ["report"], projectId: stand.projectId }));
  const end = Date.now() - agoMs;
  const answer = await agent.call("POST", `/projects/${stand.projectId}/usage`, {
    batch_id: crypto.randomUUID(),
    instance: "agent-1",
    period_start: new Date(end - 1_000).toISOString(),
    period_end: new Date(end).toISOString(),
    counts: { enabled: 1 },
    sdk: { version: "0.1.0", runtime: "node" },
  });
  expect(answer.status).toBe(200);
}

test("what is copied for Node runs, and its report turns the check green without a reload", async () => {
  await stand.open("integration");
  await check("Waiting for the first report");
  await stand.expectAccessible("integration-waiting");
  const environment = await copied("Set in its environment");
  expect(environment).toContain(`TRACING_TOGGLE_PROJECT_ID=${stand.projectId}\n`);
  expect(environment).toContain(`TRACING_TOGGLE_API_URL=${stand.worker.url}\n`);
  const printed = await runSnippet(stand.stack, stand.projectId, environment, await copied("Use"));
  expect(printed).toBe("traced enabled\n");
  await check("An agent reports");
  await stand.shown(/node, SDK \d+\.\d+\.\d+\. 1 process in the last 10 minutes\./);
  expect(await stand.page.getByText("When it does not arrive").count()).toBe(0);
  await stand.expectAccessible("integration-arrived");
  expect(stand.complaints).toEqual([]);
});

test("the choice is made by keyboard alone, stands in the address, and outlives a reload", async () => {
  await stand.open("integration");
  const { page } = stand;
  await page.getByLabel("Node", { exact: true }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  expect(await page.getByLabel("LangGraph").isChecked()).toBe(true);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Copy Install");
  await page.keyboard.press("Enter");
  expect(await clipboard()).toBe("npm install tracing-toggle @langchain/langgraph @langchain/core");
  expect(await block("Use").textContent()).toContain("withTracingToggle(workflow.compile(), tracing)");
  expect(new URL(page.url()).search).toBe("?with=langgraph");
  await page.reload();
  await block("Use").getByText("workflow.compile()").waitFor();
  expect(await page.getByLabel("LangGraph").isChecked()).toBe(true);
});

test("pressing the tab that one is on leads to what the address then says", async () => {
  await stand.open("integration");
  await choose("Python");
  await stand.page.waitForURL("**/integration?with=python");
  await stand.page.getByRole("link", { name: "Integration" }).click();
  await stand.page.waitForURL("**/integration");
  await expect.poll(() => stand.page.getByLabel("Node", { exact: true }).isChecked()).toBe(true);
  await stand.page.goBack();
  await expect.poll(() => stand.page.getByLabel("Python", { exact: true }).isChecked()).toBe(true);
});

test("other languages and pipelines get this project and this address, and say that nothing is reported", async () => {
  await stand.open("integration");
  await choose("GitHub Actions");
  expect(await block("Use").textContent()).toContain(`project-id: ${stand.projectId}`);
  expect(await block("Set as a secret").textContent()).toMatch(/scope write\nTRACING_TOGGLE_API_KEY=$/);
  await stand.shown(/^What is chosen here reports nothing/);
  await choose("Python");
  expect(await block("Use").textContent()).toContain(`url = "${stand.worker.url}"`);
  await stand.expectAccessible("integration-python");
});

test("with a key that may only read it works, too", async () => {
  await stand.open("integration", await stand.stack.createKey({ name: "Viewer", scopes: ["read"] }));
  await check("Waiting for the first report");
});

test("an agent that has been quiet for long is told from one that never was", async () => {
  await report(3_600_000);
  await stand.open("integration");
  await check("An agent has reported");
  await stand.shown(/None has in the last 10 minutes/);
  const spoken = await stand.page.getByRole("status").allTextContents();
  expect(spoken.join(), "the time that passes is not read out").not.toMatch(/ ago/);
  await stand.shown(/Last report.* ago/);
  await stand.expectAccessible("integration-quiet");
});

test("reports that cannot be read say why, and come back by themselves", async () => {
  await stand.page.route("**/status", (route) => route.abort());
  await stand.open("integration");
  await stand.page.getByRole("alert").getByText("The reports could not be read.").waitFor();
  await stand.expectAccessible("integration-error");
  await stand.page.unroute("**/status");
  await check("Waiting for the first report");
});
