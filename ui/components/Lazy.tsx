import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as strings from "../strings.ts";

interface Props<P extends object> {
  /** Imports the component; the same function each time: another view is another `Lazy`, with a key of its own. */
  load: () => Promise<ComponentType<P>>;
  props: P;
  /** Keeps its place until it is there; null: it needs none. */
  placeholder?: string | null;
}

/** A part of the page that comes in a file of its own. After a new deployment the old file may be gone. */
export function Lazy<P extends object>({ load, props, placeholder = "skeleton skeleton-card" }: Props<P>) {
  const [loaded, setLoaded] = useState<{ View: ComponentType<P> } | "failed" | null>(null);
  useEffect(() => {
    let isWanted = true;
    const show = (result: { View: ComponentType<P> } | "failed") => {
      if (isWanted) setLoaded(result);
    };
    load().then(
      (View) => show({ View }),
      () => show("failed"),
    );
    return () => {
      isWanted = false;
    };
  }, [load]);

  if (loaded === null) return placeholder && <div class={placeholder} aria-busy="true" />;
  if (loaded === "failed") {
    return (
      <div class="message" role="alert">
        <p class="error">{strings.notOpened}</p>
        <button type="button" onClick={() => location.reload()}>
          {strings.reload}
        </button>
      </div>
    );
  }
  return <loaded.View {...props} />;
}
