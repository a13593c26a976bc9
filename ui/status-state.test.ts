import { expect, test } from "vitest";
import type { ProjectStatus } from "./api.ts";
import { createStatusState } from "./status-state.ts";

const status = (status: ProjectStatus["status"]) => ({ status }) as ProjectStatus;

test("a status that was asked for before a change does not replace the one after it", async () => {
  const answers: ((status: ProjectStatus) => void)[] = [];
  const state = createStatusState(
    () => new Promise((resolve) => answers.push(resolve)),
    () => false,
  );
  const before = state.refresh();
  const after = state.refresh();
  answers[1]?.(status("off"));
  await after;
  expect(state.view.value.status?.status).toBe("off");
  answers[0]?.(status("silent"));
  await before;
  expect(state.view.value.status?.status).toBe("off");
});
