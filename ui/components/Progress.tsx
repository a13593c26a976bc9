import type { Step } from "../progress.ts";

/** How far a change has come. Stands in a live region: each step is read out when it is reached. */
export function Progress({ steps }: { steps: Step[] }) {
  return (
    <ol class="progress">
      {steps.map(({ state, text }, index) => (
        <li key={index} class={`step step-${state}`}>
          {text}
        </li>
      ))}
    </ol>
  );
}
