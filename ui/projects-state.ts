import { getProjects, type Project } from "./api.ts";
import { ApiError } from "./request.ts";
import { signal } from "./signal.ts";

export interface ProjectsView {
  projects: Project[] | null;
  nextCursor: string | null;
  loading: boolean;
  error: ApiError | null;
}

export function createProjectsState() {
  const view = signal<ProjectsView>({ projects: null, nextCursor: null, loading: false, error: null });

  /** The first page, then page by page. */
  async function loadMore(): Promise<void> {
    const { projects, nextCursor, loading } = view.value;
    if (loading) return;
    view.value = { ...view.value, loading: true };
    const page = await getProjects(nextCursor);
    view.value =
      page instanceof ApiError
        ? { projects, nextCursor, loading: false, error: page }
        : {
            projects: [...(projects ?? []), ...page.projects],
            nextCursor: page.next_cursor,
            loading: false,
            error: null,
          };
  }

  return { view, loadMore };
}
