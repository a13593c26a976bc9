import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Project, ProjectApi, ProjectEvent } from "../api.ts";
import { Heading } from "../components/Heading.tsx";
import { ListEnd } from "../components/ListEnd.tsx";
import { useValue } from "../signal.ts";
import { search, setSearch } from "../state.ts";
import * as own from "../strings/history.ts";
import { Entry } from "./Entry.tsx";
import { Export } from "./Export.tsx";
import { Filters } from "./Filters.tsx";
import { type Filter, filterIn, isFiltered, searchOf } from "./filter.ts";
import { historyApi } from "./history-api.ts";
import { createHistoryState, type HistoryView } from "./history-state.ts";
import { Revert } from "./Revert.tsx";
import { RevertDialog } from "./RevertDialog.tsx";
import type { Plan } from "./revert.ts";

interface Props {
  project: Project;
  api: ProjectApi;
  /** The newest, which are kept up to date. */
  recent: readonly ProjectEvent[] | null;
  /** Why nothing can be changed here; null when it can. */
  closed: string | null;
  onChanged: () => Promise<void>;
}

export function HistoryPage({ project: { id, version }, api: projectApi, recent, closed, onChanged }: Props) {
  const api = useMemo(() => historyApi(id, projectApi), [id, projectApi]);
  const state = useMemo(() => createHistoryState(api.readPage, filterIn(search.value)), [api]);
  const view = useValue(state.view);
  const [going, setGoing] = useState<{ target: ProjectEvent; plan: Plan } | null>(null);
  const pressed = useRef<string | null>(null);
  const [told, setTold] = useState<string | null>(null);
  useEffect(() => void state.refresh(), [state, version, recent]);
  const address = useValue(search);
  const [followed, setFollowed] = useState(0);
  useEffect(() => {
    const asked = filterIn(address);
    if (searchOf(asked) === searchOf(state.view.value.filter)) return;
    void state.filter(asked);
    setFollowed((times) => times + 1);
  }, [state, address]);

  const filter = (wanted: Filter) => {
    setSearch(searchOf(wanted));
    void state.filter(wanted);
  };
  /** Of several that were pressed only the last is offered, in whatever order their plans are made. */
  const offer = (target: ProjectEvent, plan: Plan) => {
    if (target.id === pressed.current) setGoing({ target, plan });
  };
  const tell = (text: string) => {
    setTold(text);
    void onChanged();
  };

  return (
    <section class="history whole" aria-labelledby="history-title">
      <Heading level={2} id="history-title">
        {own.title}
      </Heading>
      <p class="lead">{own.intro}</p>
      {closed && <p class="notice">{closed}</p>}
      <div role="status" class="told">
        {told && <p class="notice">{told}</p>}
      </div>
      <div class="card">
        <Filters key={followed} filter={view.filter} actors={actorsIn(recent, view.events)} onFilter={filter} />
        <List view={view}>
          {(event) =>
            !closed && (
              <Revert
                api={api}
                event={event}
                onPress={() => {
                  pressed.current = event.id;
                }}
                onPlan={(plan) => offer(event, plan)}
              />
            )
          }
        </List>
        <ListEnd
          error={view.error}
          notLoaded={own.changesNotLoaded}
          hasMore={view.nextCursor !== null}
          loading={view.loading}
          refuge="history-title"
          onRetry={state.retry}
          onMore={state.loadMore}
        />
        <Export name={`history-${id}.ndjson`} read={() => api.readAll(view.filter)} />
      </div>
      {going && (
        <RevertDialog key={going.target.id} {...going} api={api} onBack={tell} onClose={() => setGoing(null)} />
      )}
    </section>
  );
}

const actorsIn = (...lists: (readonly ProjectEvent[] | null)[]): string[] => [
  ...new Set(lists.flatMap((events) => events?.map(({ actor }) => actor.name) ?? [])),
];

interface ListProps {
  view: HistoryView;
  /** What can be done about a change. */
  children: (event: ProjectEvent) => ComponentChildren;
}

function List({ view: { events, filter, error }, children }: ListProps) {
  if (events === null) return error ? null : <div class="skeleton skeleton-line" aria-busy="true" />;
  if (events.length === 0) {
    return (
      <p class="none" role="status">
        {isFiltered(filter) ? own.noMatch : own.noChanges}
      </p>
    );
  }
  return (
    <ol class="changes">
      {events.map((event) => (
        <Entry key={event.id} event={event} exact>
          {children(event)}
        </Entry>
      ))}
    </ol>
  );
}
