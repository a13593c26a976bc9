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
  loading: boolean;
  error: ApiError | null;
}

export type HistoryState = ReturnType<typeof createHistoryState>;

export function createHistoryState(readPage: HistoryApi["readPage"], filter: Filter) {
  const view = signal<HistoryView>({ filter, events: null, nextCursor: null, loading: false, error: null });
  const show = (news: Partial<HistoryView>) => {
    view.value = { ...view.value, ...news };
  };

  // Answers can overtake each other while somebody types: only the last question's counts.
  let question = 0;

  async function load(cursor: string | null, place: (page: EventsPage) => Partial<HistoryView>): Promise<void> {
    const mine = ++question;
    show({ loading: true });
    const page = await readPage(view.value.filter, cursor);
    if (mine !== question) return;
    show({ loading: false, ...(page instanceof ApiError ? { error: page } : { error: null, ...place(page) }) });
  }

  return {
    view,
    filter(wanted: Filter) {
      show({ filter: wanted, events: null, nextCursor: null });
      return load(null, ({ events, next_cursor }) => ({ events, nextCursor: next_cursor }));
    },
    /** What is new comes on top; the pages that were loaded stay. */
    refresh: () => load(null, (page) => placeOnTop(page, view.value)),
    loadMore: () =>
      load(view.value.nextCursor, ({ events, next_cursor }) => ({
        events: [...(view.value.events ?? []), ...events],
        nextCursor: next_cursor,
      })),
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
