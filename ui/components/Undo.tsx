import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as strings from "../strings.ts";
import { UNDO_MS } from "../undo.ts";

const TICK_MS = 250;
const REMIND_S = 5;

const secondsLeft = (since: number) => Math.ceil(Math.max(0, since + UNDO_MS - Date.now()) / 1_000);

/** Takes a change back while there is time. Afterwards it keeps its place, so that nothing moves under a finger. */
export function Undo({ since, onUndo }: { since: number; onUndo: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const [left, setLeft] = useState(secondsLeft(since));
  const isOver = left === 0;

  useEffect(() => {
    const timer = setInterval(() => setLeft(secondsLeft(since)), TICK_MS);
    return () => clearInterval(timer);
  }, [since]);
  // The keyboard must not lose its place with the button: the browser takes the focus from what it has hidden.
  useLayoutEffect(() => {
    if (isOver && document.activeElement === button.current)
      document.querySelector<HTMLElement>('[role="switch"]')?.focus();
  }, [isOver]);

  return (
    <div class={isOver ? "undo undo-over" : "undo"}>
      <button ref={button} type="button" onClick={onUndo}>
        {strings.undo}
        <span class="undo-left" aria-hidden="true">
          {strings.undoSeconds(left)}
        </span>
      </button>
      <span class="visually-hidden">{!isOver && strings.undoTime(left > REMIND_S ? UNDO_MS / 1_000 : REMIND_S)}</span>
    </div>
  );
}
