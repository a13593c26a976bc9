/** The exit codes. Scripts go by them: they never change. */
export const EXIT = {
  ok: 0,
  /** A check of `doctor` failed, or something went wrong that is none of the others. */
  failed: 1,
  /** The command line, a setting or a value is wrong. */
  usage: 2,
  /** Not signed in, or the key may not do this. */
  refused: 3,
  /** There is no such project, user override or key, or it was deleted. */
  notFound: 4,
  /** The project is locked, or it was changed meanwhile, or something is there already. */
  conflict: 5,
  /** The service or a store cannot be reached, or a change is saved and not in Redis yet. */
  unavailable: 6,
} as const;

/** What ends a command: an exit code, and what is wrong with the remedy, for stderr. */
export class CliError extends Error {
  readonly exitCode: number;
  /** @param message a sentence or more, without any secret */
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const usageError = (message: string) => new CliError(EXIT.usage, message);
