import type { Stand } from "../stand.ts";
import { inPage, type Step } from "./step.ts";

/** What is done in the views of a project. */
export function projectSteps(stand: Stand): Step[] {
  const { button, dialog, text, underWayInDialog } = inPage(stand);
  const project = (method: string, path: string, body: object) =>
    stand.api.call(method, `/projects/${stand.projectId}/${path}`, body);
  const tracing = { method: "PATCH", path: /\/tracing$/ };
  const theSwitch = () => stand.page.getByRole("switch", { name: "Enable Tracing" });
  const openDialog = (name: string | RegExp) => async () => {
    await button(name).click();
    await dialog().waitFor();
  };

  const switchedOff = {
    underWay: () => text("Saving"),
    done: () => text("In effect"),
    saved: () => text(/^Tracing is disabled\./),
    logged: "tracing.disabled",
    after: { project: { tracing_enabled: false }, enabled: "false" },
    lockable: true,
  };

  return [
    {
      name: "press the switch",
      sends: tracing,
      guarded: true,
      typed: { "Reason (optional)": "too expensive" },
      button: theSwitch,
      ...switchedOff,
    },
    {
      name: "press the switch of a project in production",
      sends: tracing,
      guarded: true,
      arrange: () => project("PATCH", "rules", { production: true, reason: "goes live" }),
      approach: async () => {
        await theSwitch().click();
        await dialog().waitFor();
      },
      typed: { Reason: "too expensive" },
      button: () => dialog().getByRole("button", { name: "Turn off" }),
      ...switchedOff,
    },
    {
      name: "turn off for a while",
      sends: tracing,
      guarded: true,
      typed: { "Reason (optional)": "a noisy test" },
      button: () => button("15 min"),
      underWay: () => text("Saving"),
      done: () => text("In effect"),
      saved: () => text(/^Tracing is disabled by a temporary override/),
      logged: "override.disabled",
      after: { project: { tracing_enabled: true, override_trace: false }, enabled: "false" },
      lockable: true,
    },
    {
      name: "end what was set for a while",
      sends: tracing,
      guarded: true,
      arrange: () => project("PATCH", "tracing", { tracing_enabled: false, duration_seconds: 900 }),
      typed: { "Reason (optional)": "it is over" },
      button: () => button("End it now"),
      underWay: () => text("Saving"),
      done: () => text("In effect"),
      saved: () => text(/^Traces are being collected\./),
      logged: "tracing.enabled",
      after: { project: { tracing_enabled: true, override_trace: null }, enabled: "true" },
    },
    {
      name: "lock the project off",
      sends: { method: "PUT", path: /\/lock$/ },
      approach: openDialog("Lock this project off"),
      typed: { Reason: "incident 12" },
      button: () => dialog().getByRole("button", { name: "Lock this project off" }),
      underWay: underWayInDialog,
      done: () => text(/^Tracing is disabled by an admin’s lock/),
      saved: () => text(/^Tracing is disabled by an admin’s lock/),
      logged: "project.locked",
      after: { project: { lock_reason: "incident 12" }, enabled: "false" },
    },
    {
      name: "lift the lock",
      sends: { method: "DELETE", path: /\/lock$/ },
      arrange: () => project("PUT", "lock", { reason: "incident 12" }),
      approach: openDialog("Lift the lock"),
      typed: { "Reason (optional)": "it is over" },
      button: () => dialog().getByRole("button", { name: "Lift the lock" }),
      underWay: underWayInDialog,
      done: () => text(/^Traces are being collected\./),
      saved: () => text(/^Traces are being collected\./),
      logged: "project.unlocked",
      after: { project: { lock_reason: null }, enabled: "true" },
    },
    {
      name: "save the rules",
      sends: { method: "PATCH", path: /\/rules$/ },
      view: "rules",
      typed: { Percent: "30", "Dollars a day": "12.50", "Reason (optional)": "cheaper" },
      button: () => button(/^(Save|Saving)$/),
      underWay: () => button("Saving"),
      done: () => text("Saved."),
      saved: () => text("Nothing changed yet."),
      logged: "rules.changed",
      after: { project: { sample_rate: 0.3, daily_budget_micros: "12500000" } },
      lockable: true,
    },
    {
      name: "add a user override",
      picture: "user-under-way",
      sends: { method: "PUT", path: /\/users\/ada$/ },
      view: "users",
      typed: { "User id": "ada", "Reason (optional)": "ticket 7" },
      button: () => button(/^(Add|Adding)$/),
      underWay: () => button("Adding"),
      done: () => text("“ada” is set."),
      saved: () => stand.page.getByRole("listitem").filter({ hasText: "ticket 7" }),
      logged: "user_override.set",
      after: { users: [{ user_id: "ada", trace: true, reason: "ticket 7" }] },
      lockable: true,
    },
    {
      name: "revoke a user override",
      picture: "dialog-under-way",
      sends: { method: "DELETE", path: /\/users\/ada$/ },
      view: "users",
      arrange: () => project("PUT", "users/ada", { trace: false }),
      approach: openDialog("Revoke the override of ada"),
      typed: { "Reason (optional)": "a mistake" },
      button: () => dialog().getByRole("button", { name: "Revoke" }),
      underWay: underWayInDialog,
      done: () => text("No user has an override"),
      saved: () => text("No user has an override"),
      logged: "user_override.revoked",
      after: { users: [] },
      lockable: true,
    },
    {
      name: "go back to a version in the history",
      sends: { method: "PATCH", path: /\/rules$/ },
      view: "history",
      arrange: () => project("PATCH", "rules", { sample_rate: 0.2, reason: "bad rules" }),
      approach: openDialog(/^Go back to before this: Rules changed/),
      typed: { "Reason (optional)": "it was better" },
      button: () => dialog().getByRole("button", { name: "Go back" }),
      underWay: underWayInDialog,
      done: () => text(/^The switch and the rules are as they were before/),
      saved: () => stand.page.locator(".changes").getByText("it was better"),
      logged: "rules.changed",
      after: { project: { sample_rate: 1 } },
    },
  ];
}
