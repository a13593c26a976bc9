import type { ComponentChildren } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { usePassing } from "../focus.ts";

interface Props {
  /** Where the focus goes: something that a stray Enter does nothing to. */
  refuge: string;
  /** It is still there, but cannot be seen. */
  hidden?: boolean;
  class?: string;
  "aria-busy"?: boolean;
  "aria-disabled"?: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

/** A button that goes away by itself, or when it is pressed: the keyboard does not lose its place with it. */
export function PassingButton({ refuge, hidden = false, ...button }: Props) {
  const { passing, leave } = usePassing<HTMLButtonElement>(refuge);
  // Before the browser has drawn: it takes the focus from what it has hidden.
  useLayoutEffect(() => {
    if (hidden) leave();
  }, [hidden]);

  return <button {...button} ref={passing} type="button" />;
}
