import { expect, test } from "vitest";
import { useStand } from "../stand.ts";
import { useFailures } from "./failures.ts";
import { otherSteps } from "./other-steps.ts";
import { projectSteps } from "./project-steps.ts";
import { readings } from "./readings.ts";
import { inPage } from "./step.ts";
import { walker } from "./walk.ts";

const stand = useStand();
const failures = useFailures(stand);
const { alert } = inPage(stand);
const { approach, expectDone, expectNothingDone, expectTypedKept, hold, open, press, stored } = walker(stand);

test.each([...projectSteps(stand), ...otherSteps(stand)])(
  "$name: no answer, too many requests and a fault are told, nothing is done and nothing typed is lost; then it works, slowly and once",
  async (step) => {
    await approach(step);
    for (const { begin, told } of failures) {
      const before = await stored();
      const end = await begin(step);
      await press(step);
      await alert(told).waitFor();
      await expectNothingDone(step, before);
      await expectTypedKept(step);
      await end();
    }
    // The last was claimed by a request that failed: as if its time were over.
    if (step.once) await stand.stack.sql`update idempotency_keys set created_at = created_at - interval '1 minute'`;

    const before = await stored();
    const release = await hold(step);
    await press(step);
    await step.underWay().waitFor();
    expect(await alert(/./).count(), "what was told of the last press is gone").toBe(0);
    await expectNothingDone(step, before);
    if (step.picture) await stand.expectAccessible(step.picture);
    if (await step.button().isVisible()) await step.button().click({ force: true });
    release();
    await expectDone(step, before);
  },
);

test.each(readings(stand))(
  "$name: no answer, too many requests and a fault are told; another attempt then shows it, however slowly",
  async (reading) => {
    await reading.arrange?.();
    await open(reading.view(), stand.key);
    await reading.approach?.();
    for (const { begin, told } of failures) {
      const end = await begin(reading);
      await reading.ask();
      await alert(told).waitFor();
      expect(await reading.shown().count()).toBe(0);
      await end();
    }
    const release = await hold(reading);
    await reading.ask();
    await reading.underWay().waitFor();
    release();
    await reading.shown().waitFor();
    expect(await alert(/./).count()).toBe(0);
  },
);
