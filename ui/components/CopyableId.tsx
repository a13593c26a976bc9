import { useCopying } from "../copying.ts";
import * as strings from "../strings.ts";

export function CopyableId({ id }: { id: string }) {
  const { shown, copied, copy } = useCopying(id);
  return (
    <p class="copyable">
      <span class="visually-hidden">{strings.projectId}</span>
      <code ref={shown}>{id}</code>
      <button type="button" class="quiet" onClick={copy}>
        <span aria-live="polite">{copied ? strings.copied : strings.copy}</span>
        <span class="visually-hidden"> {strings.projectId}</span>
      </button>
    </p>
  );
}
