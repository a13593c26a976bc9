import { parseArgs } from "node:util";
import type { Command, Option } from "./commands/command.ts";
import { usageError } from "./errors.ts";

/** What every command takes. */
export const COMMON: Record<string, Option> = {
  project: { value: "id", help: "the project; else TRACING_TOGGLE_PROJECT_ID, else that of login" },
  json: { help: "data as JSON on stdout" },
  help: { help: "this text" },
};

const SECRETS = /^(api-?)?(key|token|secret|password)$/;

type Options = Record<string, { type: "string" | "boolean"; short?: string }>;

const forParser = (options: Record<string, Option>): Options =>
  Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? "boolean" : "string", ...(name === "help" && { short: "h" }) },
    ]),
  );

const parse = (args: string[], options: Record<string, Option>) =>
  parseArgs({ args, options: forParser(options), strict: false, allowPositionals: true, tokens: true });

/** How many letters must change to make one of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1);
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The name that was probably meant. */
export const nearest = (name: string, names: string[]): string | undefined =>
  names
    .filter((other) => distance(name, other) <= 2 || (name.length > 1 && other.startsWith(name)))
    .sort((a, b) => distance(name, a) - distance(name, b))[0];

/** The words of a command line that are no flags, by the flags of all commands. */
export const wordsOf = (args: string[], commands: Command[]): string[] =>
  parse(args, Object.assign({}, COMMON, ...commands.map(({ options }) => options))).positionals;

/** A command line, checked. */
export interface Arguments {
  flags: Record<string, string | undefined>;
  switches: Record<string, boolean | undefined>;
  words: string[];
}

/**
 * Reads a command's flags and arguments.
 *
 * @throws CliError that names what is wrong, and the remedy; never a value, which may be a secret
 */
export function readArguments(args: string[], command: Command): Arguments {
  const options = { ...COMMON, ...command.options };
  const { tokens, values, positionals } = parse(args, options);
  const help = `tracing-toggle ${command.name} --help`;
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) {
      if (SECRETS.test(token.name))
        throw usageError(
          `There is no ${token.rawName}: secrets are never flags, which others can see. Set TRACING_TOGGLE_API_KEY, or pipe the key into tracing-toggle login.`,
        );
      const meant = nearest(token.name, Object.keys(options));
      throw usageError(`There is no ${token.rawName}. ${meant ? `Did you mean --${meant}? ` : ""}See ${help}.`);
    }
    if (option.value === undefined && token.value !== undefined) throw usageError(`--${token.name} takes no value.`);
    const isMissing =
      token.value === undefined || token.value === "" || (!token.inlineValue && token.value.startsWith("-"));
    if (option.value !== undefined && isMissing)
      throw usageError(`--${token.name} needs a value: --${token.name} <${option.value}>. See ${help}.`);
  }
  const words = positionals.slice(command.name.split(" ").length);
  const wanted = command.arguments ?? [];
  if (words.length > wanted.length)
    throw usageError(
      `${words.length - wanted.length} argument(s) too many: put what has spaces in quotes. See ${help}.`,
    );
  if (words.length < wanted.length) throw usageError(`<${wanted[words.length]}> is missing. See ${help}.`);
  const entries = Object.entries(values);
  return {
    flags: Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
    switches: Object.fromEntries(entries.filter((entry): entry is [string, boolean] => entry[1] === true)),
    words,
  };
}
