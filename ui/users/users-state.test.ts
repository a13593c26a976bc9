import { expect, test } from "vitest";
import type { ProjectApi, UserEntry, UsersPage } from "../api.ts";
import { ApiError } from "../request.ts";
import { createUsersState } from "./users-state.ts";

const entry = (user: string): UserEntry => ({ user, trace: true, reason: null, created_at: "", expires_at: null });

/** Answers in whatever order a test wants. */
function slowApi() {
  const questions: { search: string; cursor: string | null; answer: (page: UsersPage | ApiError) => void }[] = [];
  const readUsers = (search: string, cursor: string | null) =>
    new Promise<UsersPage | ApiError>((answer) => questions.push({ search, cursor, answer }));
  return { questions, state: createUsersState({ readUsers } as unknown as ProjectApi) };
}

test("an answer that is overtaken by a later search is not shown", async () => {
  const { questions, state } = slowApi();
  const first = state.search("a");
  const second = state.search("ab");
  questions[1]?.answer({ users: [entry("abc")], next_cursor: null });
  questions[0]?.answer({ users: [entry("a"), entry("abc")], next_cursor: null });
  await Promise.all([first, second]);
  expect(state.view.value).toMatchObject({ search: "ab", users: [{ user: "abc" }], loading: false });
});

test("pages are put behind each other; a page that fails leaves what is shown", async () => {
  const { questions, state } = slowApi();
  const first = state.search("");
  questions[0]?.answer({ users: [entry("a")], next_cursor: "a" });
  await first;
  const failing = state.loadMore();
  questions[1]?.answer(new ApiError(503, {}));
  await failing;
  expect(state.view.value).toMatchObject({ users: [{ user: "a" }], error: { status: 503 } });
  const second = state.loadMore();
  expect(questions[2]?.cursor).toBe("a");
  questions[2]?.answer({ users: [entry("b")], next_cursor: null });
  await second;
  expect(state.view.value).toMatchObject({ users: [{ user: "a" }, { user: "b" }], nextCursor: null, error: null });
});
