import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const WRITERS = 8;
// The embedded database has one connection, so that its writers never really meet.
const ROUNDS = realServers() ? 200 : 10;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

test(`${WRITERS} writers at once, ${ROUNDS} times: what is published last is what the database holds`, async () => {
  const key = await stack.createKey();
  const projectId = await stack.createProject();
  const workers = Array.from({ length: WRITERS }, () => createWorker(stack));
  const apis = workers.map((worker) => apiOf(worker, key));
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(apis.map((api, i) => api.switch(projectId, (i + round) % 2 === 0)));
    expect(answers.map(({ propagation }) => propagation)).toEqual(Array(WRITERS).fill("live"));
    expect(new Set(answers.map(({ version }) => version)).size, "each has a version of its own").toBe(WRITERS);

    const [row] = await stack.sql`select tracing_enabled, version from projects where id = ${projectId}`;
    const [enabled, policy, version] = await stack.redis.mget(
      `tracing:${projectId}:enabled`,
      `tracing:${projectId}:policy`,
      `tracing:${projectId}:version`,
    );
    const document = JSON.parse(policy as string);
    expect(document.enabled, `round ${round}`).toBe(row?.tracing_enabled);
    expect(`${document.version}`).toBe(row?.version);
    expect([enabled, version]).toEqual([`${row?.tracing_enabled}`, row?.version]);
  }
  await Promise.all(workers.map((worker) => worker.settled()));
  const [log] = await stack.sql`
    select count(*) as events, count(distinct version) as versions,
      count(*) filter (where previous is not null and before is distinct from previous) as gaps
    from (
      select version, before, lag(after) over (order by version) as previous from events where project_id = ${projectId}
    ) as changes`;
  const changes = `${WRITERS * ROUNDS}`;
  expect(log, "the log tells every change, each from where the last one left it").toEqual({
    events: changes,
    versions: changes,
    gaps: "0",
  });
}, 120_000);
