import { byReason } from "../strings.ts";

export const noProjects = "No projects yet";
export const noProjectsCreate = "Create the first one below. Its tracing is on until you switch it off.";
export const noProjectsWait = "This key sees no project. Someone with an admin key can create one.";
export const search = "Search";
export const searchHint =
  "Part of a name, or the beginning of an id. Press / to come here, and the arrow keys to go through the list.";
export const noMatch = (text: string) => `No name contains “${text}”, and no id begins with it.`;
export const found = (count: number, areMore: boolean) =>
  `${count}${areMore ? " or more" : ""} ${count === 1 && !areMore ? "project" : "projects"} found`;
export const locked = "locked";
export const notRefreshed = "The list may be out of date.";
export const newProject = "New project";
export const name = "Name";
export const createProject = "Create project";
export const creating = "Creating";
export const nameMissing = "Enter a name.";
export const notCreated = "Not created.";
export const maybeCreated = "It is not known whether it was created. Press again: it is not created twice.";
export const because = (reason: string) => (reason === "enabled" ? ` ${byReason("override")}` : ` ${byReason(reason)}`);
