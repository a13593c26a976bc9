import { createApi } from "./api.ts";
import { type Arguments, COMMON, nearest, readArguments, wordsOf } from "./arguments.ts";
import type { Command, Context } from "./commands/command.ts";
import { doctor } from "./commands/doctor.ts";
import { events } from "./commands/events.ts";
import { createKey, listKeys, revokeKey, rotateKey } from "./commands/keys.ts";
import { login, logout } from "./commands/login.ts";
import { setRules, showRules } from "./commands/rules.ts";
import { status } from "./commands/status.ts";
import { off, on } from "./commands/switch.ts";
import { always, listUsers, never, revokeUser } from "./commands/user.ts";
import { resolveSettings } from "./config.ts";
import { CliError, EXIT, usageError } from "./errors.ts";
import type { Io } from "./io.ts";
import { redact, table } from "./text.ts";

const COMMANDS: Command[] = [
  login,
  logout,
  status,
  on,
  off,
  showRules,
  setRules,
  listUsers,
  always,
  never,
  revokeUser,
  events,
  listKeys,
  createKey,
  rotateKey,
  revokeKey,
  doctor,
];
/** What a group's name alone means. */
const ALONE: Record<string, Command> = { user: listUsers, keys: listKeys };

const EXIT_CODES = `Exit codes: 0 done; 1 a check failed, or anything else; 2 wrong usage; 3 not signed in, or not allowed;
4 no such project, user override or key; 5 locked, changed meanwhile or there already; 6 service or store
not reachable, or a change that is saved and not live yet.
`;

const usageOf = ({ name, arguments: words = [] }: Command) =>
  ["tracing-toggle", name, ...words.map((word) => `<${word}>`)].join(" ");

const indent = (text: string) => text.replace(/^(?=.)/gm, "  ");

const helpOfAll = (commands = COMMANDS) => `Usage: tracing-toggle <command> [flags]

${indent(table(commands.map((command) => [usageOf(command).replace("tracing-toggle ", ""), command.summary])))}
Every command: --project <id>, --json, --help. TRACING_TOGGLE_API_URL, TRACING_TOGGLE_API_KEY and
TRACING_TOGGLE_PROJECT_ID win over what login keeps.

${EXIT_CODES}`;

function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON });
  const rows = options.map(([name, { value, help }]) => [`--${name}${value === undefined ? "" : ` <${value}>`}`, help]);
  const details = command.details ? `\n${command.details}\n` : "";
  return `${command.summary}.\n\nUsage: ${usageOf(command)} [flags]\n${details}\n${indent(table(rows))}\n${EXIT_CODES}`;
}

/** The command whose words these begin with; the longest. */
const commandOf = (words: string[]): Command | undefined =>
  [2, 1]
    .map((count) =>
      COMMANDS.find(({ name }) => name === words.slice(0, count).join(" ") && name.split(" ").length === count),
    )
    .find(Boolean) ?? (words.length === 1 ? ALONE[words[0] as string] : undefined);

const groupOf = (word: string | undefined) =>
  COMMANDS.filter(({ name }) => name.startsWith(`${word} `) || name === word);

function unknownCommand(words: string[]): CliError {
  const group = groupOf(words[0]);
  if (group.length > 0)
    return usageError(`Say what to do: ${group.map(({ name }) => `tracing-toggle ${name}`).join(", ")}.`);
  const names = [...new Set(COMMANDS.map(({ name }) => name.split(" ")[0] as string))];
  const meant = nearest(words[0] as string, names);
  return usageError(`There is no such command. ${meant ? `Did you mean ${meant}? ` : ""}See tracing-toggle --help.`);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const PAINT = { green: 32, red: 31, yellow: 33 };

function contextOf(io: Io, { flags, switches, words }: Arguments): Context {
  const settings = resolveSettings(io.env, flags.project);
  const { url, key, projectId } = settings;

  function signedIn(): { url: string; key: string } {
    if (url === undefined || key === undefined) {
      const missing = `${url === undefined ? "TRACING_TOGGLE_API_URL and " : ""}TRACING_TOGGLE_API_KEY`;
      const where = url === undefined ? "" : ` at ${url}`;
      throw new CliError(EXIT.refused, `Not signed in${where}. Run tracing-toggle login, or set ${missing}.`);
    }
    if (!/^[!-~]+$/.test(key))
      throw usageError(`${settings.from.key} holds no API key: it has spaces or odd characters.`);
    return { url, key };
  }

  return {
    io,
    flags,
    switches,
    words,
    settings,
    api() {
      const address = signedIn();
      return createApi(address.url, address.key, io.fetch);
    },
    project() {
      signedIn();
      if (projectId === undefined)
        throw usageError("Which project? Give --project <id>, or set TRACING_TOGGLE_PROJECT_ID.");
      if (!UUID.test(projectId))
        throw usageError(`${settings.from.projectId} must be a project's id, a UUID, as the settings page shows it.`);
      return projectId;
    },
    show: (data, text) => io.out(switches.json ? `${JSON.stringify(data)}\n` : text()),
    note: (text) => io.err(`${text}\n`),
    paint: (colour, text) => (io.hasColours ? `\u001b[${PAINT[colour]}m${text}\u001b[0m` : text),
  };
}

async function dispatch(args: string[], io: Io, version: string): Promise<number> {
  const words = wordsOf(args, COMMANDS);
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  const wantsHelp = flags.some((arg) => arg === "--help" || arg === "-h") || words[0] === "help";
  if (words[0] === "help") words.shift();
  if (words.length === 0) {
    if (flags.includes("--version")) {
      io.out(`${version}\n`);
      return EXIT.ok;
    }
    (wantsHelp ? io.out : io.err)(helpOfAll());
    return wantsHelp ? EXIT.ok : EXIT.usage;
  }
  const command = commandOf(words);
  if (wantsHelp) {
    const group = words.length === 1 ? groupOf(words[0]) : [];
    if (!command && group.length === 0) throw unknownCommand(words);
    io.out(group.length > 1 || !command ? helpOfAll(group) : helpOf(command));
    return EXIT.ok;
  }
  if (!command) throw unknownCommand(words);
  // `user` alone is `user list`: one word, not two.
  const named = words.length === 1 && command.name.includes(" ") ? { ...command, name: words[0] as string } : command;
  return (await command.run(contextOf(io, readArguments(args, named)))) ?? EXIT.ok;
}

/**
 * Runs a command line.
 *
 * @param args what follows the program's name
 * @param version of the package
 * @returns the exit code; never rejects
 */
export async function run(args: string[], io: Io, version: string): Promise<number> {
  try {
    return await dispatch(args, io, version);
  } catch (error) {
    const secrets = [io.env.TRACING_TOGGLE_API_KEY, io.env.UPSTASH_REDIS_REST_TOKEN];
    const known = error instanceof CliError;
    const message = known
      ? error.message
      : `This is a defect of tracing-toggle, please report it: ${(error as Error)?.message}`;
    io.err(`tracing-toggle: ${redact(message, secrets)}\n`);
    return known ? error.exitCode : EXIT.failed;
  }
}
