import type { Stand } from "../stand.ts";
import { inPage, MARK, type Step } from "./step.ts";

/** What is done beside the views of a project: sign in, make projects and keys. */
export function otherSteps(stand: Stand): Step[] {
  const { button, dialog, text, underWayInDialog } = inPage(stand);
  const name = `${MARK} key`;
  const isMade = () => stand.page.getByRole("heading", { name: `“${name}” is made` });
  const ofKey = (what: string) => ({
    view: "/keys",
    arrange: () => stand.stack.createKey({ name, scopes: ["read"] }),
    approach: async () => {
      await button(`${what} ${name}`).click();
      await dialog().waitFor();
    },
    underWay: underWayInDialog,
  });

  return [
    {
      name: "sign in",
      sends: { method: "POST", path: /^\/session$/ },
      table: "sessions",
      signedOut: true,
      get typed() {
        return { "API key": stand.key };
      },
      button: () => button(/^(Sign in|Signing in)$/),
      underWay: () => button("Signing in"),
      done: () => stand.page.getByRole("switch"),
      saved: () => stand.page.getByRole("switch"),
      logged: null,
      after: { sessions: 1 },
    },
    {
      name: "create a project",
      sends: { method: "POST", path: /^\/projects$/ },
      view: "/",
      typed: { Name: `${MARK} project` },
      button: () => button(/^(Create project|Creating)$/),
      underWay: () => button("Creating"),
      done: () => stand.page.getByRole("heading", { level: 1, name: `${MARK} project` }),
      saved: () => stand.page.getByRole("link", { name: `${MARK} project` }),
      logged: "project.created",
      after: { projects: [`${MARK} project`] },
      once: true,
    },
    {
      name: "make a key",
      sends: { method: "POST", path: /^\/keys$/ },
      view: "/keys",
      approach: () => stand.page.getByRole("checkbox", { name: /^Read/ }).check(),
      typed: { Name: name, "Reason (optional)": "a new agent" },
      button: () => button(/^(Make the key|Making)$/),
      underWay: () => button("Making"),
      done: isMade,
      saved: () => stand.page.locator(".key-list").getByText(name, { exact: true }),
      logged: "key.created",
      after: { keys: [{ name, ends: false }] },
      once: true,
    },
    {
      ...ofKey("Rotate"),
      name: "rotate a key",
      sends: { method: "POST", path: /^\/keys\/.*\/rotate$/ },
      typed: { "Reason (optional)": "it is a year old" },
      button: () => dialog().getByRole("button", { name: "Rotate" }),
      done: isMade,
      saved: () => stand.page.locator(".key-list").getByText(name, { exact: true }).nth(1),
      logged: "key.rotated",
      after: {
        keys: [
          { name, ends: true },
          { name, ends: false },
        ],
      },
      once: true,
    },
    {
      ...ofKey("Revoke"),
      name: "revoke a key",
      sends: { method: "DELETE", path: /^\/keys\// },
      typed: { "Reason (optional)": "seen in a log" },
      button: () => dialog().getByRole("button", { name: `Revoke ${name}` }),
      done: () => text(`“${name}” is revoked.`),
      saved: () => stand.page.locator(".key-list").filter({ hasNot: stand.page.getByText(name, { exact: true }) }),
      logged: "key.revoked",
      after: { keys: [] },
    },
  ];
}
