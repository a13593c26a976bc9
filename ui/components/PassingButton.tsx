import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

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

/** For a part of the page that goes away: the focus, if it is within, goes to the refuge. */
export function usePassing<E extends HTMLElement>(refuge: string) {
  const passing = useRef<E>(null);
  const leave = () => {
    if (passing.current?.contains(document.activeElement)) focusOn(refuge);
  };
  useLayoutEffect(() => leave, []);
  return { passing, leave };
}

/** For the focus that was left on nothing, as when a dialog closes and what had opened it is gone. */
export function recoverFocus(refuge: string): void {
  const { activeElement } = document;
  // The browser takes it from what is disabled or hidden, but not always at once.
  if (activeElement === document.body || activeElement?.closest(":disabled, [hidden]")) focusOn(refuge);
}

/** For what is closed to somebody while they are at it. */
export function useFocusWhenClosed(refuge: string, closed: boolean): void {
  const wasClosed = useRef(closed);
  useLayoutEffect(() => {
    if (closed && !wasClosed.current) recoverFocus(refuge);
    wasClosed.current = closed;
  }, [closed]);
}

const focusOn = (id: string) => document.getElementById(id)?.focus({ preventScroll: true });
