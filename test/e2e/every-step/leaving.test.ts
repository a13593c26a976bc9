import { expect, test } from "vitest";
import { useStand } from "../stand.ts";
import { otherSteps } from "./other-steps.ts";
import { projectSteps } from "./project-steps.ts";
import { inPage, type Step } from "./step.ts";
import { walker } from "./walk.ts";

const stand = useStand();
const { alert } = inPage(stand);
const { approach, fill, hold, intercept, open, path, prepare, press, stored } = walker(stand);
const ofProject = projectSteps(stand);
const signedIn = [...ofProject, ...otherSteps(stand)].filter((step) => !step.signedOut);

const LINKS: Record<string, string> = {
  rules: "Rules",
  users: "Users",
  history: "History",
  "/": "All projects",
  "/keys": "API keys",
};

const isNotKnown = () => alert(/It is not known whether/);

test.each(signedIn)(
  "$name: of an answer that is lost it is said that the outcome is not known; a further press does it no second time",
  async (step) => {
    await approach(step);
    let lost = () => {};
    const isLost = new Promise<void>((resolve) => {
      lost = resolve;
    });
    const find = await intercept(step, async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
      lost();
    });
    await press(step);
    await isLost;
    const isThere = step.saved().or(step.done()).first();
    await isThere.or(isNotKnown()).first().waitFor();
    await find();
    // What the switch is the page then finds out by itself.
    if (!step.guarded && (await isNotKnown().isVisible())) await press(step);
    await isThere.waitFor();
    expect(await isNotKnown().count()).toBe(0);
    expect(await stored()).toMatchObject(step.after);
  },
);

test.each(signedIn)("$name: a reload in the midst shows what was saved", async (step) => {
  await approach(step);
  let arrived = () => {};
  const isSaved = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await intercept(step, async (route) => {
    await route.fetch();
    arrived();
  });
  await press(step);
  await step.underWay().waitFor();
  await isSaved;
  await stand.page.reload();
  await step.saved().waitFor();
  expect(await stand.page.getByRole("alert").count()).toBe(0);
  expect(await stored()).toMatchObject(step.after);
});

test.each(signedIn)("$name: whoever goes back in the midst has done it, and stays where they went", async (step) => {
  await prepare(step);
  await open(`/projects/${stand.projectId}/preview`);
  await leadTo(step);
  await fill(step);
  const release = await hold(step);
  await press(step);
  await step.underWay().waitFor();
  await stand.page.goBack();
  const preview = stand.page.getByRole("heading", { level: 2, name: "Preview" });
  await preview.waitFor();
  const answer = stand.page.waitForResponse((response) => response.request().method() === step.sends.method);
  release();
  await (await answer).finished();
  await expect.poll(stored).toMatchObject(step.after);
  expect(await preview.count()).toBe(1);
  await stand.page.goForward();
  await step.saved().waitFor();
  expect(new URL(stand.page.url()).pathname).toBe(path(step));
});

const leadTo = ({ view = "" }: Step) =>
  stand.page.getByRole("link", { name: LINKS[view] ?? "Switch", exact: true }).click();
