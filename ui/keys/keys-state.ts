import { ApiError } from "../request.ts";
import { signal } from "../signal.ts";
import { type Key, readKeys } from "./keys-api.ts";

export interface KeysView {
  /** Those that are not revoked, the newest first; null until they are known. */
  keys: readonly Key[] | null;
  nextCursor: string | null;
  loading: boolean;
  error: ApiError | null;
}

export function createKeysState() {
  const view = signal<KeysView>({ keys: null, nextCursor: null, loading: false, error: null });
  // A list asked for before a change must not be shown after it.
  let question = 0;

  async function load(cursor: string | null): Promise<void> {
    const mine = ++question;
    view.value = { ...view.value, loading: true };
    const page = await readKeys(cursor);
    if (mine !== question) return;
    if (page instanceof ApiError) {
      view.value = { ...view.value, loading: false, error: page };
      return;
    }
    const earlier = cursor === null ? [] : (view.value.keys ?? []);
    view.value = { keys: [...earlier, ...page.keys], nextCursor: page.next_cursor, loading: false, error: null };
  }

  return { view, refresh: () => load(null), loadMore: () => load(view.value.nextCursor) };
}
