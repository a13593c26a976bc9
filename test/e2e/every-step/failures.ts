import { afterAll, beforeAll, onTestFinished } from "vitest";
import { startLimitedWorker } from "../../harness/limited-worker.ts";
import type { RunningWorker } from "../../harness/worker.ts";
import type { Stand } from "../stand.ts";
import type { Sent } from "./step.ts";
import { walker } from "./walk.ts";

/** One way to fail: begins, and answers how it ends. */
export interface Failure {
  begin: (sent: Sent) => Promise<() => Promise<void>>;
  /** How it is told. */
  told: RegExp;
}

/** What can fail at any step, as it really fails. */
export function useFailures(stand: Stand): Failure[] {
  const { intercept } = walker(stand);
  let limited: RunningWorker;
  beforeAll(async () => {
    limited = await startLimitedWorker(stand.stack, { address: 1, key: 1, failure: 1 });
  });
  afterAll(() => limited?.close());

  /** Nothing reaches the control plane. */
  async function cutOff() {
    await stand.page.route("**/api/**", (route) => route.abort("connectionrefused"));
    return () => stand.page.unroute("**/api/**");
  }

  /** The answer is that of a Worker that was asked too often. It is asked as nobody: so nothing is ever done. */
  const useUp = ({ sends }: Sent) =>
    intercept({ sends }, async (route) => {
      const { pathname } = new URL(route.request().url());
      let answer: Response;
      do answer = await limited.fetch(pathname, { method: sends.method });
      while (answer.status !== 429);
      const headers = Object.fromEntries(answer.headers);
      await route.fulfill({ status: answer.status, headers, body: await answer.text() });
    });

  /** The database fails at what is written to the table, or read from it. */
  async function breakTable({ sends, table = "events" }: Sent) {
    const { harm, mend } = sends.method === "GET" ? unreadable(table) : unwritable(table);
    const run = async (statements: string[]) => {
      for (const statement of statements.splice(0)) await stand.stack.sql.query(statement);
    };
    const repair = () => run(mend);
    onTestFinished(repair);
    await run(harm);
    return repair;
  }

  return [
    { begin: cutOff, told: /The control plane did not answer\. Check your connection\./ },
    { begin: useUp, told: /Too many requests.*Try again in \d+ seconds\./ },
    { begin: breakTable, told: /This is a fault of ours\. .*Request [\w-]+\./ },
  ];
}

const unwritable = (table: string) => ({
  harm: [`alter table ${table} add constraint broken check (false) not valid`],
  mend: [`alter table ${table} drop constraint broken`],
});

const unreadable = (table: string) => ({
  harm: [
    `alter table ${table} rename to broken`,
    `create view ${table} as select * from broken where 1 / (extract(epoch from now())::int * 0) = 1`,
  ],
  mend: [`drop view ${table}`, `alter table broken rename to ${table}`],
});
