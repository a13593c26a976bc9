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

const POLL_MS = 10_000;

export function createProjectsState(search: string, readPage = getProjects) {
  const view = signal<ProjectsView>({ projects: null, search, nextCursor: null, loading: false, error: null });
  const show = (news: Partial<ProjectsView>) => {
    view.value = { ...view.value, ...news };
  };

  // Answers can overtake each other while somebody types: only the last question's counts.
  let question = 0;
  let wanted = search;
  let pages = 1;

  /** The list from its beginning, as many pages as `count`. */
  async function read(count: number): Promise<void> {
    const mine = ++question;
    const projects: Project[] = [];
    let cursor: string | null = null;
    do {
      const page = await readPage(wanted, cursor);
      if (mine !== question) return;
      if (page instanceof ApiError) return show({ loading: false, error: page });
      projects.push(...page.projects);
      cursor = page.next_cursor;
    } while (cursor !== null && --count > 0);
    show({ projects, search: wanted, nextCursor: cursor, loading: false, error: null });
  }

  async function searchFor(text: string): Promise<void> {
    wanted = text.trim();
    pages = 1;
    show({ loading: true });
    await read(pages);
  }

  async function loadMore(): Promise<void> {
    if (view.value.loading) return;
    show({ loading: true });
    await read(++pages);
  }

  const poll = async () => {
    if (!view.value.loading) await read(pages);
  };
  const pollDelay = () => Math.max(POLL_MS, (view.value.error?.retryAfterSeconds ?? 0) * 1_000);

  return {
    view,
    search: searchFor,
    loadMore,
    refresh: () => read(pages),
    /** Keeps the states of the projects up to date. */
    watch: () => pollWhileVisible(poll, pollDelay),
  };
}
