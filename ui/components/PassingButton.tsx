import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  /** Where the focus goes: something that a stray Enter does nothing to. */
  refuge: string;
  /** It is still there, but cannot be seen. */
  hidden?: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

/** A button that goes away by itself, or when it is pressed: the keyboard does not lose its place with it. */
export function PassingButton({ refuge, hidden = false, onClick, children }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const leave = () => {
    if (document.activeElement === button.current) focusOn(refuge);
  };
  // Before the browser has drawn: it takes the focus from what it has hidden.
  useLayoutEffect(() => {
    if (hidden) leave();
  }, [hidden]);
  useLayoutEffect(() => leave, []);

  return (
    <button ref={button} type="button" onClick={onClick}>
      {children}
    </button>
  );
}

/** For the focus that was left on nothing, as when a dialog closes and what had opened it is gone. */
export function recoverFocus(refuge: string): void {
  if (document.activeElement === document.body) focusOn(refuge);
}

const focusOn = (id: string) => document.getElementById(id)?.focus({ preventScroll: true });
