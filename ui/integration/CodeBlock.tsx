import type { ComponentChildren } from "preact";
import { useCopying } from "../copying.ts";
import * as strings from "../strings.ts";

/** Code with a button that copies it, below a heading. `title` names it. */
export function CodeBlock({ title, code, children }: { title: string; code: string; children: ComponentChildren }) {
  const { shown, copied, copy } = useCopying(code);
  return (
    <div class="code">
      {children}
      <button type="button" class="quiet" onClick={copy}>
        <span aria-live="polite">{copied ? strings.copied : strings.copy}</span>
        <span class="visually-hidden"> {title}</span>
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too */}
      <section aria-label={title} tabIndex={0}>
        <pre>
          <code ref={shown}>{code}</code>
        </pre>
      </section>
    </div>
  );
}
