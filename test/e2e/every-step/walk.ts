import type { Request, Route } from "playwright-core";
import { expect } from "vitest";
import type { Stand } from "../stand.ts";
import { DOUBLE_PRESS_MS, inPage, MARK, type Sent, type Step } from "./step.ts";

/** Carries out steps, and tells what became of them. */
export function walker(stand: Stand) {
  const { field } = inPage(stand);
  const path = ({ view = "" }: Step) =>
    view.startsWith("/") ? view : `/projects/${stand.projectId}${view && `/${view}`}`;

  /** All that the steps can change. */
  async function stored() {
    const { sql, redis } = stand.stack;
    const id = stand.projectId;
    const [project] = await sql`
      select tracing_enabled, override_trace, lock_reason, sample_rate, daily_budget_micros::text
      from projects where id = ${id}`;
    const users = await sql`select user_id, trace, reason from user_overrides where project_id = ${id}`;
    const projects = await sql`select name from projects where name like ${`${MARK}%`} and deleted_at is null`;
    const keys = await sql`
      select name, expires_at is not null as ends from api_keys
      where name like ${`${MARK}%`} and revoked_at is null order by created_at`;
    const [{ sessions } = {}] = await sql`select count(*)::int as sessions from sessions`;
    const events = await sql`select action from events order by id`;
    return {
      project,
      users,
      projects: projects.map(({ name }) => name),
      keys,
      sessions,
      logged: events.map(({ action }) => action),
      enabled: await redis.get(`tracing:${id}:enabled`),
    };
  }

  async function type({ typed = {} }: Step) {
    for (const [label, value] of Object.entries(typed)) await (await field(label)).fill(value);
  }

  /** There is nothing of what earlier tests made, and all that the step needs. */
  async function prepare(step: Step) {
    await stand.stack.sql`delete from api_keys where name like ${`${MARK}%`}`;
    await stand.stack.sql`update projects set deleted_at = now() where name like ${`${MARK}%`} and deleted_at is null`;
    await stand.stack.sql`delete from sessions`;
    await step.arrange?.();
  }

  const open = (at: string, key = stand.key) => stand.page.goto(`${stand.worker.url}${at}#key=${key}`);

  /** Up to just before the press. */
  async function approach(step: Step, key?: string) {
    await prepare(step);
    await (step.signedOut ? stand.page.goto(`${stand.worker.url}${path(step)}`) : open(path(step), key));
    await fill(step);
  }

  async function fill(step: Step) {
    await step.approach?.();
    await type(step);
    await step.button().waitFor();
  }

  /** Presses as somebody does who has seen what became of the last press. */
  async function press(step: Step) {
    await beforeButton(step);
    if (step.guarded) await stand.page.waitForTimeout(DOUBLE_PRESS_MS);
    await step.button().click();
  }

  /** A dialog may have closed with the press; what was typed in it stands there when it opens again. */
  async function beforeButton({ guarded, button, approach }: Step) {
    if (await button().isVisible()) return;
    if (guarded) await stand.page.waitForTimeout(DOUBLE_PRESS_MS);
    await approach?.();
  }

  async function expectTypedKept(step: Step) {
    await beforeButton(step);
    const { typed = {} } = step;
    for (const [label, value] of Object.entries(typed))
      expect(await (await field(label)).inputValue(), label).toBe(value);
  }

  type Stored = Awaited<ReturnType<typeof stored>>;

  /** The page says that it is done, and the stores hold it, once. */
  async function expectDone(step: Step, before: Stored) {
    await step.done().waitFor();
    await expect.poll(stored).toMatchObject(step.after);
    const logged = step.logged === null ? before.logged : [...before.logged, step.logged];
    expect((await stored()).logged, "done once").toEqual(logged);
  }

  /** Nothing is done, nor looks as if it were. */
  async function expectNothingDone(step: Step, before: Stored) {
    expect(await step.done().count(), "it does not look as if it were done").toBe(0);
    expect(await stored()).toEqual(before);
  }

  const isSent = ({ sends }: Sent, request: Request) =>
    request.method() === sends.method && sends.path.test(new URL(request.url()).pathname.replace("/api/v1", ""));

  /** What the step sends is handled so, until the answer is called. */
  async function intercept(sent: Sent, handle: (route: Route) => Promise<void>) {
    const handler = (route: Route) => (isSent(sent, route.request()) ? handle(route) : route.fallback());
    await stand.page.route("**/api/**", handler);
    return () => stand.page.unroute("**/api/**", handler);
  }

  /** What the step sends is under way until the answer is called. */
  async function hold(sent: Sent): Promise<() => void> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await intercept(sent, async (route) => {
      await released;
      await route.continue();
    });
    return release;
  }

  return {
    path,
    stored,
    prepare,
    open,
    approach,
    fill,
    press,
    expectTypedKept,
    expectDone,
    expectNothingDone,
    isSent,
    intercept,
    hold,
  };
}
