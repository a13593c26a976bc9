import * as strings from "../strings.ts";

interface Props {
  label: string;
  on: boolean;
  busy: boolean;
  disabled: boolean;
  describedBy: string;
  onToggle: () => void;
}

/** Stays focusable while busy, so that the keyboard does not lose its place. */
export function Switch({ label, on, busy, disabled, describedBy, onToggle }: Props) {
  return (
    <div class="switch-row">
      <h3 id="switch-label">{label}</h3>
      <span class="switch-word" aria-hidden="true">
        {strings.onOrOff(on)}
      </span>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={on}
        aria-busy={busy}
        aria-labelledby="switch-label"
        aria-describedby={describedBy}
        disabled={disabled}
        onClick={onToggle}
      >
        <span class="thumb" />
      </button>
    </div>
  );
}
