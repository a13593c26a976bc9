// Loaded into the process of an example: its check has 200 ms, and a busy test machine must not be taken for a slow network.
const { setTimeout } = globalThis;

const patient = (work: () => void, milliseconds = 0, ...rest: unknown[]) =>
  setTimeout(work, milliseconds < 1_000 ? milliseconds * 20 : milliseconds, ...rest);

globalThis.setTimeout = Object.assign(patient, setTimeout) as typeof setTimeout;
