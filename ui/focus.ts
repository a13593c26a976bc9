import { useLayoutEffect, useRef } from "preact/hooks";

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
