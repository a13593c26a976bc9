import type { ProjectEvent } from "../api.ts";
import { explain } from "../problem.ts";
import { isUnconfirmed } from "../project-state.ts";
import type { ApiError } from "../request.ts";
import type { Tone } from "../status.ts";
import * as strings from "../strings/history.ts";
import { clockTime, duration } from "../time.ts";
import { StatusDot } from "./StatusDot.tsx";
import { Timestamp } from "./Timestamp.tsx";

export function History({ events, error }: { events: readonly ProjectEvent[] | null; error: ApiError | null }) {
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
          <ol>
            {events.map((event, index) => (
              <Entry key={event.id} event={event} newest={index === 0} />
            ))}
          </ol>
        )}
        {events === null && error === null && <div class="skeleton skeleton-line" />}
      </div>
    </section>
  );
}

const TONES: Record<string, Tone> = {
  "tracing.enabled": "on",
  "tracing.disabled": "off",
  "override.enabled": "on",
  "override.disabled": "off",
  "budget.spent": "off",
  "project.locked": "off",
};

function Entry({ event, newest }: { event: ProjectEvent; newest: boolean }) {
  return (
    <li>
      <StatusDot tone={TONES[event.action] ?? "note"} />
      <div>
        <p>
          <strong>{strings.action(event.action)}</strong> {details(event)}
          {event.actor.via !== "rule" && ` ${strings.by} ${event.actor.name} ${strings.via(event.actor.via)}`}
        </p>
        {event.reason && <p class="why">{event.reason}</p>}
        {event.live_after_ms !== null && <p class="hint">{strings.liveAfter(duration(event.live_after_ms))}</p>}
        {newest && isUnconfirmed(event) && <p class="hint">{strings.notLive}</p>}
      </div>
      <Timestamp at={event.created_at} />
    </li>
  );
}

/** What exactly was changed, where the action does not say it. */
function details({ action, before, after, created_at }: ProjectEvent): string | null {
  if (action === "project.renamed") return strings.renamed(String(before?.name), String(after?.name));
  if (action === "rules.changed")
    return Object.keys(after ?? {})
      .map(strings.field)
      .join(", ");
  if (action.startsWith("user_override.")) return ofUser(before, after);
  if (!action.startsWith("override.")) return null;
  const override = after?.override as { until: string } | undefined;
  return override ? strings.until(clockTime(Date.parse(override.until), Date.parse(created_at))) : null;
}

function ofUser(before: ProjectEvent["before"], after: ProjectEvent["after"]): string {
  const { user, trace } = (after ?? before) as { user: string; trace: boolean };
  return strings.ofUser(user, after && trace);
}
