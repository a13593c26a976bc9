import { useRef, useState } from "preact/hooks";

const SHOWN_MS = 2_500;

/** Copies a text, or selects the element that shows it where the browser does not let us. */
export function useCopying<E extends HTMLElement>(text: string) {
  const shown = useRef<E>(null);
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  };

  return { shown, copied, copy };
}
