import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { takeFocusRequest } from "../state.ts";

interface Props {
  /** A view has one `h1`; its tabs begin with an `h2`. */
  level?: 1 | 2;
  id?: string;
  children: ComponentChildren;
}

/** What a view begins with. */
export function Heading({ level = 1, id, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (takeFocusRequest()) heading.current?.focus({ preventScroll: true });
  }, []);
  const H = `h${level}` as const;
  return (
    <H ref={heading} id={id} tabIndex={-1}>
      {children}
    </H>
  );
}
