import { expect, test } from "vitest";
import { keysPath, parseRoute, projectPath, projectsPath, TABS } from "./routes.ts";

test("every path the page makes leads back to its view", () => {
  expect(parseRoute(projectsPath)).toEqual({ view: "projects" });
  expect(parseRoute(keysPath)).toEqual({ view: "keys" });
  for (const tab of TABS) expect(parseRoute(projectPath("a/b c", tab))).toEqual({ view: "project", id: "a/b c", tab });
});

test("a trailing slash changes nothing", () => {
  expect(parseRoute("/projects/")).toEqual({ view: "projects" });
  expect(parseRoute("/projects/7/")).toEqual({ view: "project", id: "7", tab: "overview" });
  expect(parseRoute("/projects/7/rules/")).toEqual({ view: "project", id: "7", tab: "rules" });
});

test("other paths lead nowhere, malformed ones too", () => {
  expect(parseRoute("/projects/7/keys")).toEqual({ view: "unknown" });
  expect(parseRoute("/projects/%E0%A4%A")).toEqual({ view: "project", id: "%E0%A4%A", tab: "overview" });
});
