import { projectPath, TABS, type Tab } from "../routes.ts";
import * as strings from "../strings.ts";
import { Link } from "./Link.tsx";

export function Tabs({ id, current }: { id: string; current: Tab }) {
  return (
    <nav class="tabs" aria-label={strings.projectViews}>
      {TABS.map((tab) => (
        <Link key={tab} to={projectPath(id, tab)} current={tab === current}>
          {strings.tabs[tab]}
        </Link>
      ))}
    </nav>
  );
}
