import { expect, test } from "vitest";
import type { Project } from "./api.ts";
import { createProjectsState, searchable } from "./projects-state.ts";
import { ApiError } from "./request.ts";

/** An API with these projects, two on a page, whose answers a test gives in the order that it wants to. */
function controlled(names: string[]) {
  const asked: { search: string; cursor: string | null; answer: (error?: ApiError) => void }[] = [];
  const state = createProjectsState("", (search, cursor) => {
    let resolve: (page: { projects: Project[]; next_cursor: string | null } | ApiError) => void = () => {};
    const promise = new Promise<Parameters<typeof resolve>[0]>((settle) => {
      resolve = settle;
    });
    const found = names.filter((name) => name.includes(search));
    const from = cursor === null ? 0 : found.indexOf(cursor) + 1;
    const page = found.slice(from, from + 2);
    const next_cursor = found.length > from + 2 ? (page.at(-1) ?? null) : null;
    const projects = page.map((name) => ({ id: name, name }) as Project);
    asked.push({ search, cursor, answer: (error) => resolve(error ?? { projects, next_cursor }) });
    return promise;
  });
  const answer = async (index: number, error?: ApiError) => {
    asked.at(index)?.answer(error);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { state, asked, answer, names, shown: () => state.view.value.projects?.map(({ name }) => name) };
}

test("an address may ask for anything: what the API would refuse is left out", () => {
  expect(searchable("a".repeat(101))).toBe("a".repeat(100));
  expect(searchable(" one\0 two ")).toBe("one two");
  expect(searchable(`${"a".repeat(99)}😀`), "no half of a pair").toBe("a".repeat(99));
  expect(searchable("😀")).toBe("😀");
});

test("more is read from where the list ends, and only that", async () => {
  const { state, asked, answer, shown } = controlled(["a", "b", "c", "d", "e"]);
  void state.refresh();
  await answer(-1);
  void state.loadMore();
  await answer(-1);
  expect(shown()).toEqual(["a", "b", "c", "d"]);
  void state.loadMore();
  await answer(-1);
  expect(shown()).toEqual(["a", "b", "c", "d", "e"]);
  expect(asked.map(({ cursor }) => cursor)).toEqual([null, "b", "d"]);
  expect(state.view.value.nextCursor).toBeNull();
});

test("one page after the other is kept up to date: what is gone goes, what is new comes, the rest stays", async () => {
  const { state, asked, answer, names, shown } = controlled(["a", "c", "e", "g", "i"]);
  void state.poll();
  await answer(-1);
  void state.loadMore();
  await answer(-1);
  expect(shown()).toEqual(["a", "c", "e", "g"]);

  names.splice(0, 5, "a", "b", "c", "g", "i");
  void state.poll();
  await answer(-1);
  expect(shown()).toEqual(["a", "b", "c", "e", "g"]);
  void state.poll();
  await answer(-1);
  expect(shown()).toEqual(["a", "b", "c", "g"]);
  expect(state.view.value.nextCursor).toBe("g");
  void state.poll();
  expect(asked.map(({ cursor }) => cursor)).toEqual([null, "c", null, "b", null]);
});

test("a search that fails leaves the list, and is tried again from its beginning", async () => {
  const { state, asked, answer, shown } = controlled(["a1", "a2", "b1", "b2", "b3"]);
  void state.refresh();
  await answer(-1);
  void state.search("b");
  await answer(-1, new ApiError(503, { code: "unavailable" }));
  expect(shown()).toEqual(["a1", "a2"]);
  void state.loadMore();
  await answer(-1);
  expect(shown()).toEqual(["b1", "b2"]);
  expect(asked.at(-1)).toMatchObject({ search: "b", cursor: null });
});

test("the answer to an earlier search does not replace that to the last one", async () => {
  const { state, answer, shown } = controlled(["one", "two", "three"]);
  void state.search("t");
  void state.search("th");
  await answer(1);
  expect(shown()).toEqual(["three"]);
  await answer(0);
  expect(shown()).toEqual(["three"]);
  expect(state.view.value).toMatchObject({ search: "th", loading: false });
});

test("a refresh that fails leaves the list and says why", async () => {
  const { state, answer, shown } = controlled(["one"]);
  void state.refresh();
  await answer(-1);
  void state.refresh();
  await answer(-1, new ApiError(503, { code: "unavailable" }, "7"));
  expect(shown()).toEqual(["one"]);
  expect(state.view.value.error?.retryAfterSeconds).toBe(7);
});
