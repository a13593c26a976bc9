export const TABS = ["overview", "rules", "users", "preview", "activity", "history", "integration"] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { view: "projects" }
  | { view: "keys" }
  | { view: "project"; id: string; tab: Tab }
  | { view: "unknown" };

export function parseRoute(pathname: string): Route {
  if (/^\/(projects\/?)?$/.test(pathname)) return { view: "projects" };
  if (/^\/keys\/?$/.test(pathname)) return { view: "keys" };
  const [, id, name = "overview"] =
    /^\/projects\/([^/]+)(?:\/(rules|users|preview|activity|history|integration))?\/?$/.exec(pathname) ?? [];
  return id === undefined ? { view: "unknown" } : { view: "project", id: decode(id), tab: name as Tab };
}

export const projectsPath = "/";
export const keysPath = "/keys";
export const projectPath = (id: string, tab: Tab = "overview") =>
  `/projects/${encodeURIComponent(id)}${tab === "overview" ? "" : `/${tab}`}`;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
