import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { requestFocus } from "../state.ts";
import * as strings from "../strings.ts";

interface Props<P extends object> {
  /** Imports the component; the same function each time: another view is another `Lazy`, with a key of its own. */
  load: () => Promise<ComponentType<P>>;
  props: P;
  /** Keeps its place until it is there; null: it needs none. */
  placeholder?: string | null;
}

/** A part of the page that comes in a file of its own. */
export function Lazy<P extends object>({ load, props, placeholder = "skeleton skeleton-card" }: Props<P>) {
  const [loaded, setLoaded] = useState<{ View: ComponentType<P> } | "failed" | null>(null);
  const [attempt, setAttempt] = useState(1);
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
  }, [load, attempt]);

  if (loaded === null) return placeholder && <div class={placeholder} aria-busy="true" />;
  if (loaded === "failed") {
    const retry = () => {
      setLoaded(null);
      setAttempt((last) => last + 1);
    };
    return <NotOpened onRetry={retry} />;
  }
  return <loaded.View {...props} />;
}

/** Another attempt is enough after a moment without network. After a new deployment the old file is gone: then the page must be new. */
function NotOpened({ onRetry }: { onRetry: () => void }) {
  useEffect(() => {
    addEventListener("online", onRetry);
    return () => removeEventListener("online", onRetry);
  }, []);
  const press = () => {
    requestFocus();
    onRetry();
  };
  return (
    <div class="message" role="alert">
      <p class="error">
        {strings.notOpened} {!navigator.onLine && strings.offline}
      </p>
      <div class="actions">
        <button type="button" onClick={press}>
          {strings.tryAgain}
        </button>
        {navigator.onLine && (
          <button type="button" onClick={() => location.reload()}>
            {strings.reload}
          </button>
        )}
      </div>
    </div>
  );
}
