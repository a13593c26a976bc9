import { useState } from "preact/hooks";
import { explain } from "../problem.ts";
import type { ApiError } from "../request.ts";
import * as own from "../strings/list.ts";
import * as strings from "../strings.ts";
import { PassingButton } from "./PassingButton.tsx";

const ID = "list-end";

interface Props {
  error: ApiError | null;
  /** Says what could not be loaded. */
  notLoaded: string;
  /** There is more to load. */
  hasMore: boolean;
  loading: boolean;
  /** Where the focus goes when the list is there after all. */
  refuge: string;
  onRetry: () => void;
  onMore: () => void;
}

/**
 * What stands under a list that is loaded page by page: why the last look at it failed, and more of it. The keyboard stays there
 * when there is no more.
 */
export function ListEnd({ error, notLoaded, hasMore, loading, refuge, onRetry, onMore }: Props) {
  const [wantedMore, setWantedMore] = useState(false);
  const more = () => {
    setWantedMore(true);
    onMore();
  };
  return (
    <div id={ID} class="list-end" tabIndex={-1}>
      {error && (
        <p class="error" role="alert">
          {notLoaded} {explain(error)}{" "}
          <PassingButton refuge={refuge} aria-busy={loading} onClick={onRetry}>
            {strings.tryAgain}
          </PassingButton>
        </p>
      )}
      {hasMore && (
        <PassingButton refuge={ID} class="more" aria-busy={loading} onClick={more}>
          {loading ? strings.loading : own.loadMore}
        </PassingButton>
      )}
      {wantedMore && !hasMore && !error && <p class="hint">{own.noMore}</p>}
    </div>
  );
}
