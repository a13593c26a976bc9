/** Everything of the process that a command may touch, so that tests can stand in for it. */
export interface Io {
  env: Record<string, string | undefined>;
  /** Data. */
  out(text: string): void;
  /** Notes and errors. */
  err(text: string): void;
  /** Whether somebody sits at stdin, who can be asked. */
  canAsk: boolean;
  /** Whether stdout shows colours. */
  hasColours: boolean;
  /** Everything that comes in on stdin. */
  readAll(): Promise<string>;
  /** Asks whoever sits at stdin; what is typed is shown unless `hidden`. */
  ask(question: string, hidden: boolean): Promise<string>;
  fetch: typeof fetch;
  /** Epoch ms. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when `stop` is aborted. */
  wait(milliseconds: number, stop: AbortSignal): Promise<void>;
  /** Gives a signal that Ctrl-C aborts, instead of ending the process. */
  untilInterrupted(): AbortSignal;
}
