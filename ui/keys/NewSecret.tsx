import { useEffect, useRef } from "preact/hooks";
import { useCopying } from "../copying.ts";
import * as own from "../strings/keys.ts";
import * as strings from "../strings.ts";
import type { MadeKey } from "./keys-api.ts";

interface Props {
  made: MadeKey;
  /** What became of the key that it replaces. */
  note: string | null;
  onDone: () => void;
}

/** A key that was just made, for the only time in full. */
export function NewSecret({ made: { id, name, key }, note, onDone }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { shown, copied, copy } = useCopying<HTMLElement>(key);
  useEffect(() => heading.current?.focus(), []);

  return (
    <section class="card notice" aria-labelledby={`made-${id}`}>
      <h2 id={`made-${id}`} ref={heading} tabIndex={-1}>
        {own.made(name)}
      </h2>
      <p>{own.shownOnce}</p>
      {note && <p>{note}</p>}
      <p class="secret">
        <span class="visually-hidden">{own.secret}</span>
        <code ref={shown}>{key}</code>
      </p>
      <div class="actions">
        <button type="button" class="primary" onClick={copy}>
          <span aria-live="polite">{copied ? strings.copied : strings.copy}</span>
        </button>
        <button type="button" onClick={onDone}>
          {own.done}
        </button>
      </div>
    </section>
  );
}
