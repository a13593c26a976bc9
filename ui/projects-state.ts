import { getProjects, type Project } from "./api.ts";
import { pollWhileVisible } from "./poll.ts";
import { ApiError } from "./request.ts";
import { signal } from "./signal.ts";

export interface ProjectsView {
  projects: readonly Project[] | null;
  /** What the projects shown were searched for. */
  search: string;
  nextCursor: string | null;
  loading: boolean;
  error: ApiError | null;
}

type Page = Exclude<Awaited<ReturnType<typeof getProjects>>, ApiError>;

const POLL_MS = 10_000;

/** A text as the API can search for it. */
export const searchable = (text: string): string =>
  text
    .slice(0, 100)
    .replace(/[\p{Cc}\p{Cs}]/gu, "")
    .trim();

export function createProjectsState(search: string, readPage = getProjects) {
  const view = signal<ProjectsView>({ projects: null, search, nextCursor: null, loading: false, error: null });
  const show = (news: Partial<ProjectsView>) => {
    view.value = { ...view.value, ...news };
  };

  // Answers can overtake each other while somebody types: only the last question's counts.
  let question = 0;
  let wanted = search;
  /** The id after which the next poll goes on; null for the beginning. */
  let polledTo: string | null = null;

  /** The page that comes after an id; null when it was overtaken or failed, which is shown. */
  async function read(after: string | null): Promise<Page | null> {
    const mine = ++question;
    const page = await readPage(wanted, after);
    if (mine !== question) return null;
    if (!(page instanceof ApiError)) return page;
    show({ loading: false, error: page });
    return null;
  }

  async function begin(): Promise<void> {
    show({ loading: true });
    const page = await read(null);
    if (page === null) return;
    polledTo = null;
    show({ projects: page.projects, nextCursor: page.next_cursor, search: wanted, loading: false, error: null });
  }

  /** Reads the page after an id, and shows it in place of what is shown of it. */
  async function update(after: string | null): Promise<Page | null> {
    const page = await read(after);
    if (page) show({ ...placed(page, after, view.value), loading: false, error: null });
    return page;
  }

  /** After a search that failed something else is still shown. */
  const isShown = () => view.value.projects !== null && view.value.search === wanted;

  function searchFor(text: string): Promise<void> {
    wanted = searchable(text);
    return begin();
  }

  async function loadMore(): Promise<void> {
    if (view.value.loading) return;
    if (!isShown()) return begin();
    show({ loading: true });
    await update(view.value.nextCursor);
  }

  /** A page at a time, from the first to the last that is shown. */
  async function poll(): Promise<void> {
    if (view.value.loading) return;
    if (!isShown()) return begin();
    const page = await update(polledTo);
    if (page) polledTo = page.next_cursor === view.value.nextCursor ? null : page.next_cursor;
  }

  const pollDelay = () => Math.max(POLL_MS, (view.value.error?.retryAfterSeconds ?? 0) * 1_000);

  return {
    view,
    search: searchFor,
    loadMore,
    refresh: begin,
    poll,
    /** Keeps the states of the projects up to date. */
    watch: () => pollWhileVisible(poll, pollDelay),
  };
}

/** With the page after an id in its place: the list is in the order of the ids. */
function placed({ projects: page, next_cursor }: Page, after: string | null, { projects, nextCursor }: ProjectsView) {
  const before = after === null ? [] : (projects ?? []).filter(({ id }) => id <= after);
  const behind = next_cursor === null ? [] : (projects ?? []).filter(({ id }) => id > next_cursor);
  return { projects: [...before, ...page, ...behind], nextCursor: behind.length > 0 ? nextCursor : next_cursor };
}
