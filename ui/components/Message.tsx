import { projectsPath } from "../routes.ts";
import * as strings from "../strings.ts";
import { Heading } from "./Heading.tsx";
import { Link } from "./Link.tsx";

interface Props {
  title: string;
  text: string;
  action?: string;
  onAction?: () => void;
  homeLink?: boolean;
}

/** A view that has nothing to show but what happened and the way on. */
export function Message({ title, text, action, onAction, homeLink }: Props) {
  return (
    <section class="message">
      <Heading>{title}</Heading>
      <p role="status">{text}</p>
      {action && (
        <button type="button" onClick={onAction}>
          {action}
        </button>
      )}
      {homeLink && <Link to={projectsPath}>{strings.allProjects}</Link>}
    </section>
  );
}
