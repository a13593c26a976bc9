import { type Answer, ApiError, createApi } from "../api.ts";
import { checkUrl, deleteConfig, writeConfig } from "../config.ts";
import { CliError, EXIT, usageError } from "../errors.ts";
import { clean } from "../text.ts";
import type { Command, Context } from "./command.ts";

type Projects = Answer<"GET /api/v1/projects">["projects"];

const FORMAT = /^tt_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/;
const SHOWN = 20;

async function urlFor({ io, flags }: Context): Promise<string> {
  if (flags.url !== undefined) return checkUrl("--url", flags.url);
  if (io.env.TRACING_TOGGLE_API_URL) return checkUrl("TRACING_TOGGLE_API_URL", io.env.TRACING_TOGGLE_API_URL);
  if (!io.canAsk) throw usageError("Where to? Give --url, or set TRACING_TOGGLE_API_URL.");
  return checkUrl("The URL", (await io.ask("The Worker's URL: ", false)).trim());
}

async function keyFor({ io }: Context): Promise<string> {
  const key = (io.canAsk ? await io.ask("API key (not shown): ", true) : await io.readAll()).trim();
  if (key === "") throw usageError("No key came in. Pipe it into tracing-toggle login, or run it in a terminal.");
  if (!FORMAT.test(key)) throw usageError("That is no API key: those begin with tt_ and have 54 characters.");
  return key;
}

const list = (projects: Projects) =>
  projects
    .slice(0, SHOWN)
    .map(({ id, name }) => `  ${id}  ${clean(name)}\n`)
    .join("");

/** The project that is meant: the one asked for, else the only one. */
function choose(projects: Projects, hasMore: boolean): string | undefined {
  return projects.length === 1 && !hasMore ? projects[0]?.id : undefined;
}

export const login: Command = {
  name: "login",
  summary: "Sign in with an API key, from stdin or asked for in a terminal",
  details: `The key is checked with the API, and kept with URL and project in
$XDG_CONFIG_HOME/tracing-toggle/config.json, for your eyes only.
Example: tracing-toggle login --url https://tracing-toggle.example.workers.dev < key.txt`,
  options: { url: { value: "url", help: "the Worker's; else TRACING_TOGGLE_API_URL" } },
  async run(context) {
    const { io, note, flags } = context;
    const url = await urlFor(context);
    const asked = (flags.project ?? io.env.TRACING_TOGGLE_PROJECT_ID)?.toLowerCase() || undefined;
    const key = await keyFor(context);
    if (/^http:/.test(url) && !/^http:\/\/(localhost|127\.|\[::1\])/.test(url))
      note("Beware: over http, without s, everybody on the way can read the key.");
    const api = createApi(url, key, io.fetch);
    const ask = async () => {
      if (asked !== undefined) {
        const project = await api.call("GET /api/v1/projects/{id}", { path: { id: asked } });
        return { projects: [project], next_cursor: null };
      }
      return api.call("GET /api/v1/projects", { query: { limit: "100" } });
    };
    const { projects, next_cursor } = await ask().catch((error) => {
      if (error instanceof ApiError && error.status === 401)
        throw new CliError(
          EXIT.refused,
          `${url} does not know this key: it is wrong, has ended or was revoked. Nothing was kept.`,
        );
      if (error instanceof ApiError && error.status === 403)
        throw new CliError(
          EXIT.refused,
          "This key may not read: tracing-toggle needs one with the scope read, write or admin. Nothing was kept.",
        );
      throw error;
    });
    const project = asked ?? choose(projects, next_cursor !== null);
    const file = writeConfig(io.env, {
      api_url: url,
      api_key: key,
      ...(project !== undefined && { project_id: project }),
    });
    const name = projects.find(({ id }) => id === project)?.name;
    context.show({ api_url: url, project_id: project ?? null, config: file }, () =>
      name === undefined ? `Signed in at ${url}.\n` : `Signed in at ${url}, project ${clean(name)}.\n`,
    );
    if (project === undefined) {
      note(
        projects.length === 0
          ? "There is no project yet: create one on the page."
          : "Choose a project with --project <id>:",
      );
      io.err(list(projects));
    }
    for (const variable of ["TRACING_TOGGLE_API_URL", "TRACING_TOGGLE_API_KEY"])
      if (io.env[variable]) note(`${variable} is set, and wins over what was kept.`);
    return EXIT.ok;
  },
};

export const logout: Command = {
  name: "logout",
  summary: "Forget what login has kept; the key itself stays good",
  async run(context) {
    const signed_out = deleteConfig(context.io.env);
    context.show({ signed_out }, () => (signed_out ? "Signed out.\n" : "Nobody was signed in.\n"));
    return EXIT.ok;
  },
};
