import { EXIT } from "../errors.ts";
import { clean, table, when } from "../text.ts";
import { endOf } from "../times.ts";
import { because, REASON, reportPropagation } from "./changed.ts";
import type { Command, Context } from "./command.ts";
import { readAllPages } from "./pages.ts";

export const listUsers: Command = {
  name: "user list",
  summary: "Show the users who are always or never traced",
  options: { search: { value: "text", help: "only users whose id contains it" } },
  async run(context) {
    const api = context.api();
    const path = { id: context.project() };
    const { search } = context.flags;
    const users = await readAllPages(
      (cursor) => api.call("GET /api/v1/projects/{id}/users", { path, query: { limit: "100", cursor, search } }),
      (page) => page.users,
    );
    context.show({ users }, () =>
      table(
        users.map(({ user, trace, expires_at, reason }) => [
          user,
          trace ? "always" : "never",
          expires_at === null ? "without end" : `until ${when(expires_at)}`,
          reason ?? "",
        ]),
      ),
    );
    if (users.length === 0) context.note("No user has an override.");
    return EXIT.ok;
  },
};

async function setUser(context: Context, trace: boolean): Promise<number> {
  const [user = ""] = context.words;
  const end = endOf(context.flags, context.io.now());
  const body = { trace, ...(end !== undefined && { expires_at: end }), ...because(context) };
  const path = { id: context.project(), user };
  const changed = await context.api().call("PUT /api/v1/projects/{id}/users/{user}", { path, body });
  const until = changed.expires_at === null ? "" : ` until ${when(changed.expires_at)}`;
  context.show(
    changed,
    () =>
      `${clean(user)} is ${trace ? "always" : "never"} traced${until}; version ${changed.version}, ${changed.propagation}.\n`,
  );
  return reportPropagation(context, changed.propagation);
}

const END = {
  until: { value: "time", help: "until then, such as 2026-12-01T00:00:00Z" },
  for: { value: "30m|2h|1d", help: "for so long" },
  ...REASON,
};

export const always: Command = {
  name: "user always",
  summary: "Always trace a user: for 24 h unless it is said, 30 days at most",
  details: 'Example: tracing-toggle user always user-42 --for 2h --reason "ticket 4711"',
  options: END,
  arguments: ["user"],
  run: (context) => setUser(context, true),
};

export const never: Command = {
  name: "user never",
  summary: "Never trace a user: without end unless it is said",
  options: END,
  arguments: ["user"],
  run: (context) => setUser(context, false),
};

export const revokeUser: Command = {
  name: "user revoke",
  summary: "Revoke a user's override",
  options: REASON,
  arguments: ["user"],
  async run(context) {
    const [user = ""] = context.words;
    const path = { id: context.project(), user };
    const changed = await context
      .api()
      .call("DELETE /api/v1/projects/{id}/users/{user}", { path, body: because(context) });
    context.show(
      changed,
      () => `${clean(user)} has no override any more; version ${changed.version}, ${changed.propagation}.\n`,
    );
    return reportPropagation(context, changed.propagation);
  },
};
