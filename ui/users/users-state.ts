import type { ProjectApi, UserEntry } from "../api.ts";
import { ApiError } from "../request.ts";
import { signal } from "../signal.ts";

export interface UsersView {
  users: UserEntry[] | null;
  /** What the users shown were searched for. */
  search: string;
  nextCursor: string | null;
  loading: boolean;
  error: ApiError | null;
}

export function createUsersState(api: ProjectApi) {
  const view = signal<UsersView>({ users: null, search: "", nextCursor: null, loading: false, error: null });

  // Answers can overtake each other while somebody types: only the last question's counts.
  let question = 0;
  let wanted = "";

  async function load(search: string, cursor: string | null): Promise<void> {
    const mine = ++question;
    view.value = { ...view.value, loading: true };
    const page = await api.readUsers(search, cursor);
    if (mine !== question) return;
    if (page instanceof ApiError) {
      view.value = { ...view.value, loading: false, error: page };
      return;
    }
    const earlier = cursor === null ? [] : (view.value.users ?? []);
    const users = [...earlier, ...page.users];
    view.value = { users, search, nextCursor: page.next_cursor, loading: false, error: null };
  }

  return {
    view,
    search(text: string) {
      wanted = text.trim();
      return load(wanted, null);
    },
    refresh: () => load(wanted, null),
    loadMore: () => load(view.value.search, view.value.nextCursor),
  };
}
