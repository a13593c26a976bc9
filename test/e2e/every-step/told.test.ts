import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startLimitedWorker } from "../../harness/limited-worker.ts";
import type { RunningWorker } from "../../harness/worker.ts";
import { useStand } from "../stand.ts";
import { otherSteps } from "./other-steps.ts";
import { projectSteps } from "./project-steps.ts";
import { inPage, type Step } from "./step.ts";
import { walker } from "./walk.ts";

const stand = useStand();
const { alert } = inPage(stand);
const { approach, expectDone, expectNothingDone, expectTypedKept, intercept, press, stored } = walker(stand);
const steps = [...projectSteps(stand), ...otherSteps(stand)];

let limited: RunningWorker;
beforeAll(async () => {
  limited = await startLimitedWorker(stand.stack, { address: 1, key: 1, failure: 1 });
});
afterAll(() => limited?.close());

/** Nothing reaches the control plane until the answer is called. */
async function cutOff() {
  await stand.page.route("**/api/**", (route) => route.abort("connectionrefused"));
  return () => stand.page.unroute("**/api/**");
}

/** To what the step sends the answer is that of a Worker that was asked too often. It is asked as nobody: so nothing is ever done. */
const useUp = (step: Step) =>
  intercept(step, async (route) => {
    const { pathname } = new URL(route.request().url());
    let answer: Response;
    do answer = await limited.fetch(pathname, { method: step.sends.method });
    while (answer.status !== 429);
    const headers = Object.fromEntries(answer.headers);
    await route.fulfill({ status: answer.status, headers, body: await answer.text() });
  });

/** The database refuses what the step writes. */
async function breakTable(step: Step) {
  const table = step.signedOut ? "sessions" : "events";
  const repair = async () => {
    await stand.stack.sql.query(`alter table ${table} drop constraint if exists broken`);
  };
  onTestFinished(repair);
  await stand.stack.sql.query(`alter table ${table} add constraint broken check (false) not valid`);
  return repair;
}

const FAILURES = [
  { begin: cutOff, told: /The control plane did not answer\. Check your connection\./ },
  { begin: useUp, told: /Too many requests.*Try again in \d+ seconds\./ },
  { begin: breakTable, told: /This is a fault of ours\. .*Request [\w-]+\./ },
];

test.each(steps)(
  "$name: no answer, too many requests and a fault are told, nothing is done and nothing typed is lost; then it works, slowly and once",
  async (step) => {
    await approach(step);
    for (const { begin, told } of FAILURES) {
      const before = await stored();
      const end = await begin(step);
      await press(step);
      await alert(told).waitFor();
      await expectNothingDone(step, before);
      await expectTypedKept(step);
      await end();
    }
    if (step.once) await stand.stack.sql`update idempotency_keys set created_at = created_at - interval '1 minute'`;

    const before = await stored();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await intercept(step, async (route) => {
      await released;
      await route.continue();
    });
    await press(step);
    await step.underWay().waitFor();
    expect(await alert(/./).count(), "what was told of the last press is gone").toBe(0);
    await expectNothingDone(step, before);
    if (await step.button().isVisible()) await step.button().click({ force: true });
    release();
    await expectDone(step, before);
  },
);
