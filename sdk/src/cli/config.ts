import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { CliError, EXIT, usageError } from "./errors.ts";

type Env = Record<string, string | undefined>;

/** What `login` keeps. */
export interface StoredConfig {
  api_url: string;
  api_key: string;
  project_id?: string;
}

/** Where to ask, and by which key; `from` says where each comes from, in words. */
export interface Settings {
  url: string | undefined;
  key: string | undefined;
  projectId: string | undefined;
  from: { url: string; key: string; projectId: string };
}

/** Where `login` keeps what it is given. */
export function configPath(env: Env): string {
  const given = env.XDG_CONFIG_HOME;
  // A relative one is to be ignored: XDG Base Directory Specification.
  const folder = given && path.isAbsolute(given) ? given : path.join(env.HOME || homedir(), ".config");
  return path.join(folder, "tracing-toggle", "config.json");
}

/** What `login` has kept, if anything. @throws CliError when the file cannot be read */
export function readConfig(env: Env): StoredConfig | undefined {
  const file = configPath(env);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new CliError(EXIT.failed, `${file} cannot be read (${code}). Mend its permissions, or delete it.`);
  }
  try {
    const { api_url, api_key, project_id } = JSON.parse(text);
    if (typeof api_url === "string" && typeof api_key === "string") return { api_url, api_key, project_id };
  } catch {}
  throw usageError(`${file} is damaged. Delete it, and sign in again with tracing-toggle login.`);
}

/** Keeps what was given, for its owner's eyes only. @returns the file's path */
export function writeConfig(env: Env, config: StoredConfig): string {
  const file = configPath(env);
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    rmSync(draft, { force: true });
    writeFileSync(draft, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    chmodSync(draft, 0o600); // the umask may have taken away
    renameSync(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.failed, `${file} cannot be written (${code}). Set the TRACING_TOGGLE_ variables instead.`);
  }
  return file;
}

/** Forgets what was kept. @returns whether there was anything */
export function deleteConfig(env: Env): boolean {
  try {
    rmSync(configPath(env));
    return true;
  } catch {
    return false;
  }
}

/** The API's URL, without a slash at its end. @throws CliError that says where it comes from, never what it is */
export function checkUrl(from: string, text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {}
  const isGood = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isGood)
    throw usageError(`${from} must be the Worker's http(s) URL, such as https://tracing-toggle.example.workers.dev.`);
  return text.replace(/\/+$/, "");
}

/** The settings: the flag first, then the environment, then what `login` has kept. A stored key goes to its own URL only. */
export function resolveSettings(env: Env, project: string | undefined): Settings {
  const stored = readConfig(env);
  const file = configPath(env);
  const fromEnv = env.TRACING_TOGGLE_API_URL || undefined;
  const url =
    fromEnv !== undefined ? checkUrl("TRACING_TOGGLE_API_URL", fromEnv) : stored && checkUrl(file, stored.api_url);
  const kept = stored && checkUrl(file, stored.api_url) === url ? stored : undefined;
  const ofEnv = { key: env.TRACING_TOGGLE_API_KEY || undefined, projectId: env.TRACING_TOGGLE_PROJECT_ID || undefined };
  return {
    url,
    key: ofEnv.key ?? kept?.api_key,
    projectId: (project ?? ofEnv.projectId ?? kept?.project_id)?.toLowerCase(),
    from: {
      url: fromEnv !== undefined ? "TRACING_TOGGLE_API_URL" : file,
      key: ofEnv.key !== undefined ? "TRACING_TOGGLE_API_KEY" : file,
      projectId:
        project !== undefined ? "--project" : ofEnv.projectId !== undefined ? "TRACING_TOGGLE_PROJECT_ID" : file,
    },
  };
}
