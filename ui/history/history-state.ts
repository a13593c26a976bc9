import type { ProjectEvent } from "../api.ts";
import { ApiError } from "../request.ts";
import { signal } from "../signal.ts";
import type { Filter } from "./filter.ts";
import type { EventsPage, HistoryApi } from "./history-api.ts";

export interface HistoryView {
  filter: Filter;
  /** That the filter lets through, newest first; null until they are known. */
  events: readonly ProjectEvent[] | null;
  nextCursor: string | null;
  /** More is being read, or what could not be read is read again. */
  loading: boolean;
  error: ApiError | null;
}

export function createHistoryState(readPage: HistoryApi["readPage"], filter: Filter) {
  const view = signal<HistoryView>({ filter, events: null, nextCursor: null, loading: false, error: null });
  const show = (news: Partial<HistoryView>) => {
    view.value = { ...view.value, ...news };
  };

  // Answers can overtake each other: none is shown after a later one, nor under another filter than it was asked for.
  let asked = 0;
  let shown = 0;
  const isOf = (filter: Filter) => filter === view.value.filter;

  async function refresh(): Promise<void> {
    const mine = ++asked;
    const { filter } = view.value;
    const page = await readPage(filter, null);
    if (!isOf(filter) || mine < shown) return;
    shown = mine;
    show(page instanceof ApiError ? { error: page } : { error: null, ...placeOnTop(page, view.value) });
  }

  async function loadMore(): Promise<void> {
    const { filter, nextCursor, loading } = view.value;
    if (loading) return;
    show({ loading: true });
    const page = await readPage(filter, nextCursor);
    if (!isOf(filter)) return;
    show({ loading: false });
    if (page instanceof ApiError) return show({ error: page });
    // A refresh may have begun the list anew meanwhile: this page does not follow on it.
    if (view.value.nextCursor !== nextCursor) return loadMore();
    const events = [...(view.value.events ?? []), ...page.events];
    show({ error: null, events, nextCursor: page.next_cursor });
  }

  async function retry(): Promise<void> {
    if (view.value.loading) return;
    show({ loading: true });
    await refresh();
    show({ loading: false });
  }

  return {
    view,
    filter(wanted: Filter) {
      show({ filter: wanted, events: null, nextCursor: null, loading: false, error: null });
      return refresh();
    },
    /** What is new comes on top; the pages that were loaded stay. */
    refresh,
    retry,
    loadMore,
  };
}

/** The first page as it is now, above what was loaded below it, unless that would leave a gap between the two. */
function placeOnTop(
  { events: first, next_cursor }: EventsPage,
  { events: loaded, nextCursor }: HistoryView,
): Partial<HistoryView> {
  const last = first.at(-1);
  const meets = loaded?.findIndex(({ id }) => id === last?.id) ?? -1;
  if (!loaded || meets === -1 || meets === loaded.length - 1) return { events: first, nextCursor: next_cursor };
  return { events: [...first, ...loaded.slice(meets + 1)], nextCursor };
}
