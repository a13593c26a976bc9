import { expect, test } from "vitest";
import { projectNamed } from "./project-named.ts";

const id = "0b0f8a54-5b0d-4f6a-9d53-6a0f0a4f6b11";
const projects = [
  { id: "1", name: "Support agent" },
  { id: "2", name: "Search" },
  { id: "3", name: "Search" },
];

test("a project is meant by its name, whatever its capitals, or by its id", () => {
  expect(projectNamed(" support AGENT ", projects)).toEqual({ id: "1" });
  expect(projectNamed(id.toUpperCase(), [])).toEqual({ id });
});

test("a name that none or several have means no project", () => {
  expect(projectNamed("Support", projects)).toEqual({ count: 0 });
  expect(projectNamed("Search", projects)).toEqual({ count: 2 });
  expect(projectNamed("", projects)).toEqual({ count: 0 });
});
