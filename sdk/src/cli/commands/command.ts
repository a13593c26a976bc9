import type { Api } from "../api.ts";
import type { Settings } from "../config.ts";
import type { Io } from "../io.ts";

/** A flag: with a value, whose name is for the help, or without. */
export interface Option {
  value?: string;
  help: string;
}

/** What a command works with. */
export interface Context {
  io: Io;
  flags: Record<string, string | undefined>;
  switches: Record<string, boolean | undefined>;
  words: string[];
  settings: Settings;
  /** The API, with the key. @throws CliError when nobody is signed in */
  api(): Api;
  /** The project's id. @throws CliError when none is given */
  project(): string;
  /** Data: an object as JSON with `--json`, else the text. */
  show(data: unknown, text: () => string): void;
  /** A line on stderr. */
  note(text: string): void;
  paint(colour: "green" | "red" | "yellow", text: string): string;
}

/** A command of the CLI. */
export interface Command {
  /** Its words, such as `user always`. */
  name: string;
  summary: string;
  /** More of it, for its own help. */
  details?: string;
  options?: Record<string, Option>;
  /** What follows its words; all of it must be given. */
  arguments?: string[];
  /** @returns the exit code; 0 when there is none */
  run(context: Context): Promise<number | undefined>;
}
