import type { Scope } from "../api.ts";
import * as own from "../strings/keys.ts";

const SCOPES = Object.keys(own.scopeOptions) as Scope[];

interface Props {
  chosen: readonly Scope[];
  error: string | null;
  onChoose: (scopes: Scope[]) => void;
}

export function Scopes({ chosen, error, onChoose }: Props) {
  return (
    <fieldset class="choice">
      <legend>{own.scopes}</legend>
      {SCOPES.map((scope) => (
        <label key={scope}>
          <input
            type="checkbox"
            checked={chosen.includes(scope)}
            aria-invalid={error !== null}
            aria-describedby="scopes-error"
            onChange={(event) =>
              onChoose(
                SCOPES.filter((other) => (other === scope ? event.currentTarget.checked : chosen.includes(other))),
              )
            }
          />
          <span>
            {own.scopeOptions[scope].label}
            <span class="hint"> {own.scopeOptions[scope].hint}</span>
          </span>
        </label>
      ))}
      {error && (
        <p id="scopes-error" class="error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
