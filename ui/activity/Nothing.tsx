import { Link } from "../components/Link.tsx";
import { projectPath } from "../routes.ts";
import * as own from "../strings/activity.ts";
import type { Range } from "./range.ts";

/** How decisions come to be reported. */
export function Nothing({ projectId, range }: { projectId: string; range: Range }) {
  return (
    <div class="card nothing">
      <h3>{own.empty(own.span[range])}</h3>
      <p class="hint">{own.emptyText}</p>
      <pre>{own.emptyCode}</pre>
      <p class="hint">{own.emptyKey}</p>
      <p>
        <Link to={projectPath(projectId, "integration")}>{own.integrate}</Link>
      </p>
    </div>
  );
}
