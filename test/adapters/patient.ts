// Loaded into the process of an example: its check has 200 ms, and a busy test machine must not be taken for a slow network.
export {};

const realSetTimeout = globalThis.setTimeout;

const patient = (work: () => void, milliseconds = 0, ...rest: unknown[]) =>
  realSetTimeout(work, milliseconds < 1_000 ? milliseconds * 20 : milliseconds, ...rest);

globalThis.setTimeout = Object.assign(patient, realSetTimeout) as typeof setTimeout;
