import { useRef, useState } from "preact/hooks";
import * as strings from "../strings.ts";

const SHOWN_MS = 2_500;

export function CopyableId({ id }: { id: string }) {
  const text = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(id);
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      if (text.current) getSelection()?.selectAllChildren(text.current);
    }
  };

  return (
    <p class="copyable">
      <span class="visually-hidden">{strings.projectId}</span>
      <code ref={text}>{id}</code>
      <button type="button" class="quiet" onClick={copy}>
        <span aria-live="polite">{copied ? strings.copied : strings.copy}</span>
        <span class="visually-hidden"> {strings.projectId}</span>
      </button>
    </p>
  );
}
