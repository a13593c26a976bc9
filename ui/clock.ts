import { signal } from "./signal.ts";

const TICK_MS = 10_000;

/** The present in epoch ms, coarse enough for "3 minutes ago". */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, TICK_MS);
