import type { Locator } from "playwright-core";
import type { Stand } from "../stand.ts";
import { inPage, MARK, type Sent } from "./step.ts";

/** Something that is asked for, beside what a view shows by itself. */
export interface Reading extends Sent {
  name: string;
  view: () => string;
  arrange?: () => Promise<unknown>;
  approach?: () => Promise<unknown>;
  ask: () => Promise<unknown>;
  /** Says that it is under way. */
  underWay: () => Locator;
  /** What was asked for. */
  shown: () => Locator;
}

export function readings(stand: Stand): Reading[] {
  const { button, label, text } = inPage(stand);
  const project = (path: string) => () => `/projects/${stand.projectId}/${path}`;
  const busy = () => stand.page.locator("main [aria-busy=true]").first();
  const events = { method: "GET", path: /\/events$/ };
  /** The first time by typing, then again by the button that a failure offers. */
  const asking = (type: () => Promise<unknown>) => async () =>
    (await button("Try again").count()) > 0 ? button("Try again").click() : type();

  return [
    {
      name: "ask the preview",
      sends: { method: "GET", path: /\/decision$/ },
      table: "user_overrides",
      view: project("preview"),
      approach: () => label("User id").fill("ada"),
      ask: () => button("Show the decision").click(),
      underWay: () => button("Asking"),
      shown: () => text("Traced"),
    },
    {
      name: "filter the history",
      sends: events,
      table: "events",
      view: project("history"),
      arrange: () => stand.api.switch(stand.projectId, false, "too expensive"),
      approach: () => text("too expensive").waitFor(),
      ask: asking(() => label("What").selectOption("The switch")),
      underWay: busy,
      shown: () => text("too expensive"),
    },
    {
      name: "search the users",
      sends: { method: "GET", path: /\/users$/ },
      table: "user_overrides",
      view: project("users"),
      arrange: () => stand.api.call("PUT", `/projects/${stand.projectId}/users/ada`, { trace: false }),
      approach: () => text("ada").waitFor(),
      ask: asking(() => label("Search").fill("grace")),
      underWay: busy,
      shown: () => text("No user id contains “grace”."),
    },
    {
      name: "search the projects",
      sends: { method: "GET", path: /^\/projects$/ },
      table: "projects",
      view: () => "/",
      approach: () => label("Search").waitFor(),
      ask: asking(() => label("Search").fill(`No ${MARK}`)),
      underWay: busy,
      shown: () => text(`No name contains “No ${MARK}”, and no id begins with it.`),
    },
  ];
}
