import { expect, test } from "vitest";
import type { ProjectEvent } from "../api.ts";
import { ApiError } from "../request.ts";
import { type Filter, NO_FILTER } from "./filter.ts";
import { createHistoryState } from "./history-state.ts";

/** A log that grows, read as the API tells it: pages of 3, newest first, each going on before its cursor. */
function growingLog(length: number) {
  const log = { length, failing: false };
  const readPage = async (_filter: Filter, cursor: string | null) => {
    if (log.failing) return new ApiError(503, {});
    const from = cursor === null ? log.length : Number(cursor) - 1;
    const ids = Array.from({ length: Math.min(3, from) }, (_, i) => String(from - i));
    const more = from > 3 ? (ids.at(-1) as string) : null;
    return { events: ids.map((id) => ({ id }) as ProjectEvent), next_cursor: more };
  };
  const state = createHistoryState(readPage, NO_FILTER);
  return { log, state, shown: () => state.view.value.events?.map(({ id }) => Number(id)) };
}

test("changes are read page by page to the first one", async () => {
  const { state, shown } = growingLog(7);
  await state.refresh();
  await state.loadMore();
  await state.loadMore();
  expect(shown()).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(state.view.value.nextCursor).toBeNull();
});

test("a new change comes on top, and the pages that were loaded stay", async () => {
  const { log, state, shown } = growingLog(7);
  await state.refresh();
  await state.loadMore();
  log.length = 8;
  await state.refresh();
  expect(shown()).toEqual([8, 7, 6, 5, 4, 3, 2]);
  await state.loadMore();
  expect(shown()).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
});

test("after more new changes than a page holds the list begins anew, without a gap", async () => {
  const { log, state, shown } = growingLog(7);
  await state.refresh();
  await state.loadMore();
  log.length = 20;
  await state.refresh();
  expect(shown()).toEqual([20, 19, 18]);
  await state.loadMore();
  expect(shown()).toEqual([20, 19, 18, 17, 16, 15]);
});

/** A read of the log whose answer waits until it is let go. */
function heldLog(length: number) {
  const { log } = growingLog(length);
  const waiting: (() => void)[] = [];
  const readPage = async (_filter: Filter, cursor: string | null) => {
    const from = cursor === null ? log.length : Number(cursor) - 1;
    const events = [from, from - 1, from - 2].map((id) => ({ id: String(id) }) as ProjectEvent);
    await new Promise<void>((go) => waiting.push(go));
    return { events, next_cursor: String(from - 2) };
  };
  const state = createHistoryState(readPage, NO_FILTER);
  const first = async () => {
    const read = state.refresh();
    waiting.shift()?.();
    await read;
  };
  return { log, state, waiting, first, shown: () => state.view.value.events?.map(({ id }) => Number(id)) };
}

test("more that is asked for while the newest are read, and the other way round, is not lost", async () => {
  for (const isMoreFirst of [true, false]) {
    const { log, state, waiting, first, shown } = heldLog(20);
    await first();
    log.length = 21;
    const reads = isMoreFirst ? [state.loadMore(), state.refresh()] : [state.refresh(), state.loadMore()];
    for (const go of waiting) go();
    await Promise.all(reads);
    expect(shown()).toEqual([21, 20, 19, 18, 17, 16, 15]);
    expect(state.view.value).toMatchObject({ nextCursor: "15", loading: false });
  }
});

test("more that no longer follows on what is shown is read anew, without a gap", async () => {
  const { log, state, waiting, first, shown } = heldLog(20);
  await first();
  const more = state.loadMore();
  log.length = 40;
  const refresh = state.refresh();
  waiting.pop()?.();
  await refresh;
  expect(shown()).toEqual([40, 39, 38]);
  waiting.shift()?.();
  await expect.poll(() => waiting.length).toBe(1);
  waiting.shift()?.();
  await more;
  expect(shown()).toEqual([40, 39, 38, 37, 36, 35]);
});

test("what was shown stays when more cannot be read", async () => {
  const { log, state, shown } = growingLog(7);
  await state.refresh();
  log.failing = true;
  await state.loadMore();
  expect(shown()).toEqual([7, 6, 5]);
  expect(state.view.value.error?.status).toBe(503);
});
