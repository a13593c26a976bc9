import { useEffect, useState } from "preact/hooks";
import * as strings from "../strings.ts";
import { UNDO_MS } from "../undo.ts";
import { PassingButton } from "./PassingButton.tsx";

const TICK_MS = 250;
const REMIND_S = 5;

const secondsLeft = (since: number) => Math.ceil(Math.max(0, since + UNDO_MS - performance.now()) / 1_000);

interface Props {
  /** By `performance.now()`. */
  since: number;
  refuge: string;
  onUndo: () => void;
}

/** Takes a change back while there is time. Afterwards it keeps its place, so that nothing moves under a finger. */
export function Undo({ since, refuge, onUndo }: Props) {
  const [left, setLeft] = useState(secondsLeft(since));
  const isOver = left === 0;
  useEffect(() => {
    if (isOver) return;
    const timer = setInterval(() => setLeft(secondsLeft(since)), TICK_MS);
    return () => clearInterval(timer);
  }, [since, isOver]);

  return (
    <div class={isOver ? "undo undo-over" : "undo"}>
      <PassingButton refuge={refuge} hidden={isOver} onClick={onUndo}>
        {strings.undo}
        <span class="undo-left" aria-hidden="true">
          {strings.undoSeconds(left)}
        </span>
      </PassingButton>
      <span class="visually-hidden">{!isOver && strings.undoTime(left > REMIND_S ? UNDO_MS / 1_000 : REMIND_S)}</span>
    </div>
  );
}
