import { createApp } from "../../../worker/app.ts";

/** The routes that the app really has, as `GET /path/:id`. */
export function liveRoutes(): string[] {
  const { routes } = createApp({
    connect: () => {
      throw new Error("not asked");
    },
    lifetimes: { enabledMs: 1, disabledMs: 1 },
    eventsRetentionMs: null,
    corsOrigins: [],
    limiters: {},
    now: Date.now,
  });
  const named = routes.filter(({ method }) => method !== "ALL");
  return [...new Set(named.map(({ method, path }) => `${method} ${path.replace(/(.)\/$/, "$1")}`))].sort();
}
