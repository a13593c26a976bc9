import type { Route } from "playwright-core";
import { expect, test } from "vitest";
import { useStand } from "../stand.ts";
import { otherSteps } from "./other-steps.ts";
import { projectSteps } from "./project-steps.ts";
import { inPage, type Step } from "./step.ts";
import { walker } from "./walk.ts";

const stand = useStand();
const { alert } = inPage(stand);
const { approach, fill, path, expectDone, expectNothingDone, expectTypedKept, isSent, press, stored } = walker(stand);
const ofProject = projectSteps(stand);
const signedIn = [...ofProject, ...otherSteps(stand)].filter((step) => !step.signedOut);

/** The page reads nothing until the answer is called: it cannot know what somebody else does meanwhile. */
async function keepUnaware(step: Step) {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  const handler = async (route: Route) => {
    if (isSent(step, route.request())) return route.continue();
    await given;
    await route.abort();
  };
  await stand.page.route("**/api/**", handler);
  return async () => {
    give();
    await stand.page.unrouteAll({ behavior: "wait" });
  };
}

test.each(signedIn)(
  "$name: whose key is revoked meanwhile is asked to sign in again, at the same place; then it works",
  async (step) => {
    const secret = await stand.stack.createKey({ name: "Grace" });
    await approach(step, secret);
    const tell = await keepUnaware(step);
    const { keys } = await (await stand.api.call("GET", "/keys?limit=100")).json();
    for (const { id, name } of keys) if (name === "Grace") await stand.api.call("DELETE", `/keys/${id}`);
    const before = await stored();
    await press(step);
    await stand.shown(/^Your session has ended\. Sign in again to go on where you were\./);
    expect(await stored()).toEqual(before);
    await tell();
    await stand.page.getByLabel("API key").fill(stand.key);
    await stand.page.keyboard.press("Enter");
    await fill(step);
    expect(new URL(stand.page.url()).pathname).toBe(path(step));
    await press(step);
    await expectDone(step, await stored().then((now) => ({ ...now, logged: before.logged })));
  },
);

test.each(ofProject.filter(({ lockable }) => lockable))(
  "$name: a lock set meanwhile is told, nothing typed is lost, and once it is lifted it works",
  async (step) => {
    await approach(step, await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
    const tell = await keepUnaware(step);
    const lock = `/projects/${stand.projectId}/lock`;
    await stand.api.call("PUT", lock, { reason: "legal hold" });
    const before = await stored();
    await press(step);
    await alert(/An admin locked this project off: legal hold\./).waitFor();
    await expectNothingDone(step, before);
    await tell();
    await stand.shown(/Only a key with the admin scope can change it/);
    await stand.api.call("DELETE", lock, { reason: "the hold is over" });
    await stand.page.getByText(/Only a key with the admin scope can change it/).waitFor({ state: "detached" });
    await expectTypedKept(step);
    const unlocked = await stored();
    await press(step);
    await expectDone(step, unlocked);
  },
);
