import { explain } from "../problem.ts";
import type { ApiError } from "../request.ts";
import * as own from "../strings/list.ts";
import * as strings from "../strings.ts";

interface Props {
  error: ApiError | null;
  /** Says what could not be loaded. */
  notLoaded: string;
  /** There is more to load. */
  hasMore: boolean;
  loading: boolean;
  onRetry: () => void;
  onMore: () => void;
}

/** What stands under a list that is loaded page by page: why the last look at it failed, and more of it. */
export function ListEnd({ error, notLoaded, hasMore, loading, onRetry, onMore }: Props) {
  return (
    <>
      {error && (
        <p class="error" role="alert">
          {notLoaded} {explain(error)}{" "}
          <button type="button" onClick={onRetry}>
            {strings.tryAgain}
          </button>
        </p>
      )}
      {hasMore && (
        <button type="button" class="more" aria-busy={loading} onClick={onMore}>
          {loading ? strings.loading : own.loadMore}
        </button>
      )}
    </>
  );
}
