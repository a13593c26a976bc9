import type { ProjectEvent } from "../api.ts";
import { Entry } from "../history/Entry.tsx";
import { explain } from "../problem.ts";
import type { ApiError } from "../request.ts";
import { projectPath } from "../routes.ts";
import * as strings from "../strings/history.ts";
import { Link } from "./Link.tsx";

interface Props {
  projectId: string;
  events: readonly ProjectEvent[] | null;
  error: ApiError | null;
}

/** The last changes; the whole history has a view of its own. */
export function History({ projectId, events, error }: Props) {
  return (
    <section class="history" aria-labelledby="history-title">
      <h2 id="history-title">{strings.lastChanges}</h2>
      <div class="card">
        {error && (
          <p class="error">
            {strings.changesNotLoaded} {explain(error)}
          </p>
        )}
        {events?.length === 0 && <p class="hint">{strings.noChanges}</p>}
        {events && events.length > 0 && (
          <ol class="changes">
            {events.map((event) => (
              <Entry key={event.id} event={event} />
            ))}
          </ol>
        )}
        {events === null && error === null && <div class="skeleton skeleton-line" />}
        {events && events.length > 0 && (
          <p class="whole-history">
            <Link to={projectPath(projectId, "history")}>{strings.wholeHistory}</Link>
          </p>
        )}
      </div>
    </section>
  );
}
