import { expect, test } from "vitest";
import { ApiError } from "../request.ts";
import type { Metrics } from "./activity-api.ts";
import { createActivityState } from "./activity-state.ts";

const metrics = (from: string) => ({ from }) as Metrics;

test("the last numbers stay when a read fails, and the next that succeeds replaces them", async () => {
  const answers: (Metrics | ApiError)[] = [metrics("a"), new ApiError(0, { code: "unreachable" }), metrics("b")];
  const state = createActivityState(async () => answers.shift() as Metrics);
  await state.refresh();
  const { confirmedAt } = state.view.value;
  await state.refresh();
  expect(state.view.value).toMatchObject({
    shown: { metrics: { from: "a" } },
    error: { code: "unreachable" },
    confirmedAt,
  });
  await state.refresh();
  expect(state.view.value).toMatchObject({ shown: { metrics: { from: "b" } }, error: null });
});

test("an answer that was overtaken is not shown", async () => {
  const answers: ((answer: Metrics) => void)[] = [];
  const state = createActivityState(() => new Promise((resolve) => answers.push(resolve)));
  const [slow, quick] = [state.refresh(), state.refresh()];
  answers[1]?.(metrics("new"));
  await quick;
  answers[0]?.(metrics("old"));
  await slow;
  expect(state.view.value.shown?.metrics.from).toBe("new");
});
