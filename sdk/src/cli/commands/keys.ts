import type { Answer, Body } from "../api.ts";
import { EXIT, usageError } from "../errors.ts";
import { clean, table, when } from "../text.ts";
import { endOf, secondsOf } from "../times.ts";
import { because, REASON } from "./changed.ts";
import type { Command, Context } from "./command.ts";
import { readAllPages } from "./pages.ts";

type Key = Answer<"GET /api/v1/keys">["keys"][number];
type Made = Answer<"POST /api/v1/keys">;
type Scopes = Body<"POST /api/v1/keys">["scopes"];

function endOfKey({ revoked_at, expires_at }: Key): string {
  if (revoked_at !== null) return `revoked ${when(revoked_at)}`;
  return expires_at === null ? "without end" : `until ${when(expires_at)}`;
}

const rowOf = (key: Key): string[] => [
  `${key.prefix}…${key.last_four}`,
  key.name,
  key.scopes.join(","),
  key.project_id ?? "all projects",
  endOfKey(key),
  key.last_used_at === null ? "never used" : `used ${when(key.last_used_at)}`,
];

export const listKeys: Command = {
  name: "keys list",
  summary: "Show the keys",
  options: { revoked: { help: "also those that were revoked" } },
  async run(context) {
    const api = context.api();
    const include = context.switches.revoked ? "revoked" : undefined;
    const keys = await readAllPages(
      (cursor) => api.call("GET /api/v1/keys", { query: { limit: "100", cursor, include } }),
      (page) => page.keys,
    );
    context.show({ keys }, () => table(keys.map((key) => [key.id, ...rowOf(key).slice(1)])));
    return EXIT.ok;
  },
};

/** A new key: itself alone on stdout, so that it can be piped on; about it on stderr. */
function showMade(context: Context, made: Made): void {
  context.show(made, () => `${made.key}\n`);
  context.io.err(table([[made.id, ...rowOf(made).slice(1, -1)]]));
  context.note("The key is shown this once: keep it.");
}

/** The project that a new key is for: the one at hand, unless it is for all. */
function projectOf(context: Context): string | null {
  if (context.switches["all-projects"]) {
    if (context.flags.project !== undefined) throw usageError("Give --project or --all-projects, not both.");
    return null;
  }
  if (context.settings.projectId === undefined)
    throw usageError("For which project? Give --project <id>, or --all-projects.");
  return context.project();
}

export const createKey: Command = {
  name: "keys create",
  summary: "Create a key for the project; it is shown once, on stdout",
  details: "Example: tracing-toggle keys create --name agents --scopes report > key.txt",
  options: {
    name: { value: "name", help: "by which the audit log tells who changed what" },
    scopes: { value: "read,write", help: "admin, write, read, report; several with commas" },
    "all-projects": { help: "good for all projects, not for one alone" },
    until: { value: "time", help: "until then, such as 2026-12-01T00:00:00Z" },
    for: { value: "30m|2h|1d", help: "for so long" },
    ...REASON,
  },
  async run(context) {
    const { name, scopes } = context.flags;
    if (name === undefined || scopes === undefined)
      throw usageError("A key needs a name and scopes: tracing-toggle keys create --name agents --scopes report.");
    const end = endOf(context.flags, context.io.now());
    const made = await context.api().callOnce("POST /api/v1/keys", {
      body: {
        name,
        scopes: scopes.split(",").map((scope) => scope.trim()) as unknown as Scopes, // what is in it the API checks
        project_id: projectOf(context),
        ...(end !== undefined && { expires_at: end }),
        ...because(context),
      },
    });
    showMade(context, made);
    return EXIT.ok;
  },
};

export const rotateKey: Command = {
  name: "keys rotate",
  summary: "Replace a key: a new one like it, shown once; the old one ends after a day",
  options: {
    "expires-in": { value: "30m|2h|1d", help: "how long the old one stays good, 0s to 30d; else a day" },
    ...REASON,
  },
  arguments: ["key id"],
  async run(context) {
    const [key = ""] = context.words;
    const span = context.flags["expires-in"];
    const made = await context.api().callOnce("POST /api/v1/keys/{key}/rotate", {
      path: { key },
      body: { ...(span !== undefined && { expires_in: secondsOf("expires-in", span) }), ...because(context) },
    });
    showMade(context, made);
    context.note(`The old one, ${made.replaces.id}, ends ${when(made.replaces.expires_at)}.`);
    return EXIT.ok;
  },
};

export const revokeKey: Command = {
  name: "keys revoke",
  summary: "Revoke a key: it is dead within 10 s",
  options: REASON,
  arguments: ["key id"],
  async run(context) {
    const [key = ""] = context.words;
    await context.api().call("DELETE /api/v1/keys/{key}", { path: { key }, body: because(context) });
    context.show({ id: key, revoked: true }, () => `${clean(key)} is revoked.\n`);
    return EXIT.ok;
  },
};
