import * as strings from "../strings/differences.ts";

/** In words. */
export interface Difference {
  field: string;
  before: string;
  after: string;
}

export function Differences({ of }: { of: readonly Difference[] }) {
  return (
    <ul class="differences">
      {of.map(({ field, before, after }) => (
        <li key={field}>
          <strong>{field}</strong>
          <span>
            <del>{before}</del> <span class="visually-hidden">{strings.becomes}</span>
            <span aria-hidden="true">→</span> <ins>{after}</ins>
          </span>
        </li>
      ))}
    </ul>
  );
}
