import { useEffect, useState } from "preact/hooks";
import { StatusDot } from "../components/StatusDot.tsx";
import { Timestamp } from "../components/Timestamp.tsx";
import { pollWhileVisible } from "../poll.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/integration.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import { readStatus, type Status } from "./integration-api.ts";

const POLL_MS = 3_000;

/** What the agents report of a project, read while somebody looks. */
function useReports(projectId: string) {
  const [view, setView] = useState<{ status: Status | null; error: ApiError | null }>({ status: null, error: null });
  useEffect(() => {
    let delayMs = POLL_MS;
    const read = async () => {
      const answer = await readStatus(projectId);
      const failed = answer instanceof ApiError;
      delayMs = Math.max(POLL_MS, failed ? (answer.retryAfterSeconds ?? 0) * 1_000 : 0);
      setView(({ status }) => (failed ? { status, error: answer } : { status: answer, error: null }));
    };
    return pollWhileVisible(read, () => delayMs);
  }, [projectId]);
  return view;
}

/** Whether anything of the agents arrives here. `reports`: the chosen snippet's does. */
export function ReportCheck({ projectId, reports }: { projectId: string; reports: boolean }) {
  const { status, error } = useReports(projectId);
  return (
    <section class="card report-check" aria-labelledby="report-title">
      <h3 id="report-title">{own.check}</h3>
      {(status || !error) && <Arrival status={status} />}
      {error && (
        <p class="error" role="alert">
          {own.notChecked} {explain(error)}
        </p>
      )}
      {!reports && <p class="hint">{own.notReported}</p>}
      {reports && !status?.instances.count && (
        <div class="remedies">
          <h4>{own.whenNot}</h4>
          <ul>
            {own.remedies.map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
          <CodeBlock title={own.doctorTitle} code={own.doctor}>
            <p>{own.doctorTitle}</p>
          </CodeBlock>
        </div>
      )}
    </section>
  );
}

function Arrival({ status }: { status: Status | null }) {
  const [newest] = status?.instances.newest ?? [];
  const last = status?.last_report_at ?? null;
  const isArriving = (status?.instances.count ?? 0) > 0;
  const headline = status === null ? own.looking : last === null ? own.waiting : isArriving ? own.arrived : own.quiet;
  return (
    <div class={`status ${isArriving ? "status-on" : ""}`}>
      <p class="status-headline" role="status">
        <StatusDot tone={isArriving ? "on" : last === null ? "busy" : "off"} />
        <strong>{headline}</strong>
      </p>
      {status && last === null && <p>{own.waitingText}</p>}
      {last !== null && (
        <p>
          {own.lastReport} <Timestamp at={last} />
          {isArriving && newest
            ? `: ${own.reporter(newest.sdk)}. ${own.reporters(status?.instances.count ?? 0)}.`
            : "."}
        </p>
      )}
      {last !== null && !isArriving && <p class="hint">{own.quietText}</p>}
    </div>
  );
}
