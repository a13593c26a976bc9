export type Route = { view: "projects" } | { view: "project"; id: string } | { view: "unknown" };

export function parseRoute(pathname: string): Route {
  if (/^\/(projects\/?)?$/.test(pathname)) return { view: "projects" };
  const id = /^\/projects\/([^/]+)\/?$/.exec(pathname)?.[1];
  return id === undefined ? { view: "unknown" } : { view: "project", id: decode(id) };
}

export const projectsPath = "/";
export const projectPath = (id: string) => `/projects/${encodeURIComponent(id)}`;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
