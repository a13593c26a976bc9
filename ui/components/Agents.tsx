import type { ProjectStatus } from "../api.ts";
import { explain } from "../problem.ts";
import { projectPath } from "../routes.ts";
import type { StatusView } from "../status-state.ts";
import * as own from "../strings/agents.ts";
import { versionName } from "../time.ts";
import { Link } from "./Link.tsx";
import { StatusDot } from "./StatusDot.tsx";
import { Timestamp } from "./Timestamp.tsx";

type Agent = ProjectStatus["instances"]["newest"][number];

const TONES = { active: "on", silent: "busy", off: "off" } as const;

/** Whether anybody acts on the switch. */
export function Agents({ view: { status, error }, projectId }: { view: StatusView; projectId: string }) {
  return (
    <section class="agents" aria-labelledby="agents-title">
      <h3 id="agents-title">{own.title}</h3>
      {status && <Summary status={status} />}
      {status && status.instances.count > 0 && <Each status={status} />}
      {status?.instances.count === 0 && <Link to={projectPath(projectId, "integration")}>{own.connect}</Link>}
      {error && (
        <p class="error">
          {own.notRead} {explain(error)}
        </p>
      )}
      {!status && !error && <div class="skeleton skeleton-line" aria-busy="true" />}
    </section>
  );
}

function Summary({ status }: { status: ProjectStatus }) {
  const { instances, last_report_at } = status;
  return (
    <>
      <p class="agents-state">
        <StatusDot tone={TONES[status.status]} />
        <strong>{own.state[status.status]}</strong>
      </p>
      <p>{own.meaning(status)}</p>
      <dl>
        <dt>{own.seen}</dt>
        <dd>{own.seenCount(instances.count)}</dd>
        {instances.count > 0 && (
          <>
            <dt>{own.version}</dt>
            <dd>{own.current(instances.current, instances.count)}</dd>
            <dt>{own.sdk}</dt>
            <dd>{sdksOf(instances.newest)}</dd>
          </>
        )}
        <dt>{own.lastReport}</dt>
        <dd>{last_report_at === null ? own.noReport : <Timestamp at={last_report_at} />}</dd>
      </dl>
    </>
  );
}

/** Which SDKs run where, the commonest first. */
function sdksOf(newest: readonly Agent[]): string {
  const counts = new Map<string, number>();
  for (const { sdk } of newest) {
    const name = own.sdkName(sdk.version, sdk.runtime);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => (sorted.length > 1 ? own.sdkCount(name, count) : name)).join(", ");
}

function Each({ status: { version, instances } }: { status: ProjectStatus }) {
  const { newest, count } = instances;
  return (
    <details>
      <summary>{newest.length < count ? own.eachOf(newest.length) : own.each}</summary>
      <ul>
        {newest.map((agent) => (
          <li key={agent.instance}>
            <StatusDot tone={isCurrent(agent, version) ? "on" : "busy"} />
            <div>
              <p>
                <code>{agent.instance}</code>
              </p>
              <p class="hint">
                {own.sdkName(agent.sdk.version, agent.sdk.runtime)}, {held(agent, version)},{" "}
                <Timestamp at={agent.last_report_at} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}

const isCurrent = ({ policy_version }: Agent, version: number) => (policy_version ?? 0) >= version;

function held(agent: Agent, version: number): string {
  if (isCurrent(agent, version)) return own.holdsCurrent;
  return agent.policy_version === null ? own.holdsNone : own.holds(versionName(agent.policy_version));
}
