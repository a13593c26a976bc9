import * as strings from "../strings.ts";

export function Loading() {
  return (
    <div class="loading" aria-busy="true">
      <h1 class="visually-hidden">{strings.loading}</h1>
      <div class="skeleton skeleton-title" />
      <div class="skeleton skeleton-card" />
    </div>
  );
}
