import { useLayoutEffect, useRef } from "preact/hooks";
import { projectsPath } from "../routes.ts";
import { requestFocus } from "../state.ts";
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
  const message = useRef<HTMLElement>(null);
  // Whoever goes on by it by keyboard goes on at the heading of what comes in its place.
  useLayoutEffect(
    () => () => {
      if (message.current?.contains(document.activeElement)) requestFocus();
    },
    [],
  );
  return (
    <section ref={message} class="message">
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
