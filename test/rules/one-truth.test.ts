import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { decide, type Subject, sampleSeed } from "../../sdk/src/decide.ts";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { parsePolicy, redisKeys } from "../../sdk/src/wire.ts";
import { explain, nextChange } from "../../worker/domain/explain.ts";
import { edgesOf, policyDocument, projectRules, publication } from "../../worker/domain/policy.ts";
import { DAY, HOUR } from "../harness/clock.ts";
import { anyPublished, anySubject, type Published } from "./policies.ts";

const FORESEEN = 2 * DAY;
const LIFETIMES = { enabledMs: 300_000, disabledMs: 7 * DAY };

const compared = { policies: 0, decisions: 0, byClient: 0, changes: 0, rules: new Map<string, number>() };
afterAll(() => {
  const number = (n: number) => n.toLocaleString("en-US");
  const rules = [...compared.rules].sort((a, b) => b[1] - a[1]).map(([rule, count]) => `${rule} ${number(count)}`);
  console.log(
    `one truth, seed ${fc.readConfigureGlobal().seed}: ${number(compared.decisions)} decisions on the documents of ` +
      `${number(compared.policies)} policies compared with the Worker's (${rules.join(", ")}); ` +
      `${number(compared.byClient)} by whole clients; ${number(compared.changes)} changes foreseen`,
  );
});

interface Verdict {
  trace: boolean | null;
  reason: string;
}

/** Without any id the decision is left to chance: by the Worker's explanation neither one nor the other. */
const agree = (sdk: Verdict, worker: Verdict) =>
  worker.trace === null
    ? sdk.reason === (sdk.trace ? "sampled" : "not_sampled") && worker.reason === "sampled"
    : sdk.trace === worker.trace && sdk.reason === worker.reason;

const told = ({ project, at }: Published, instant: number, subject: Subject, sdk: Verdict, worker: Verdict) =>
  `published ${new Date(at).toISOString()} ${JSON.stringify(project)}\nat ${new Date(instant).toISOString()} ` +
  `(${instant - at} ms later), ${JSON.stringify(subject)}\nSDK: ${JSON.stringify(sdk)}\nWorker: ${JSON.stringify(worker)}`;

/** What an SDK reads: JSON text, and back. */
function readDocument({ project, at }: Published) {
  const policy = parsePolicy(JSON.stringify(policyDocument(project, at)));
  if (!policy) throw new Error(`the SDK rejects the document of ${JSON.stringify(project)}`);
  return policy;
}

/** Every transition, and every end of an override, with the millisecond before and after it; and some others. */
function instantsOf({ project, at }: Published, others: number[]): number[] {
  const ends = Object.values(project.overrides).flatMap(([, until]) => until ?? []);
  const edges = edgesOf(projectRules(project, at, at + FORESEEN), at, at + FORESEEN);
  const transitions = policyDocument(project, at).transitions.map(([instant]) => instant);
  const around = [...ends, ...edges, ...transitions, at].flatMap((edge) => [edge - 1, edge, edge + 1]);
  const instants = [...around, ...others.map((offset) => at + offset)];
  return [...new Set(instants)].filter((instant) => instant >= at && instant < at + FORESEEN).sort((a, b) => a - b);
}

const someInstants = fc.array(fc.integer({ min: 0, max: FORESEEN - 1 }), { minLength: 3, maxLength: 3 });

test("the SDK decides on the published document as the Worker explains by the rules, before, at and after every transition", () => {
  const subjects = fc.array(anySubject, { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(anyPublished, subjects, someInstants, (published, subjects, others) => {
      const { project } = published;
      const policy = readDocument(published);
      const seed = sampleSeed(project.id);
      for (const instant of instantsOf(published, others)) {
        for (const subject of subjects) {
          const worker = explain(project, subject, instant);
          const sdk = decide(policy, seed, subject, instant);
          if (!agree(sdk, worker)) throw new Error(told(published, instant, subject, sdk, worker));
          compared.decisions++;
          compared.rules.set(worker.rule, (compared.rules.get(worker.rule) ?? 0) + 1);
        }
      }
      compared.policies++;
    }),
    { numRuns: 2_700 },
  );
  expect(compared.decisions).toBeGreaterThanOrEqual(100_000);
}, 60_000);

test("the next change that the Worker tells is the next one: nothing is different before it, and it is so at it", () => {
  fc.assert(
    fc.property(anyPublished, anySubject, someInstants, (published, subject, others) => {
      const { project, at } = published;
      let from = at;
      for (let i = 0; i < 4; i++) {
        const now = explain(project, subject, from);
        const next = nextChange(project, subject, from);
        const until = next?.at ?? from + 8 * DAY;
        const within = [...others.map((offset) => from + Math.floor(((until - from) * offset) / FORESEEN)), until - 1];
        for (const instant of within) {
          const { trace, reason } = explain(project, subject, instant);
          if (trace !== now.trace || reason !== now.reason)
            throw new Error(told(published, instant, subject, { trace, reason }, now));
        }
        if (!next) return;
        expect(next.at).toBeGreaterThan(from);
        const { trace, reason } = explain(project, subject, next.at);
        expect({ trace, reason }).toEqual({ trace: next.trace, reason: next.reason });
        expect({ trace, reason }).not.toEqual({ trace: now.trace, reason: now.reason });
        compared.changes++;
        from = next.at;
      }
    }),
    { numRuns: 1_500 },
  );
  expect(compared.changes).toBeGreaterThan(1_000);
}, 60_000);

test("a whole client, fresh or long running, decides so by the three keys alone, for the document's 24 h", async () => {
  const subjects = fc.array(anySubject, { minLength: 2, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(anyPublished, subjects, someInstants, async (published, subjects, others) => {
      const { project, at } = published;
      const { document, version, enabled, enabledUntil } = publication(project, LIFETIMES, at);
      const names = redisKeys(project.id);
      let now = at;
      const keys = new Map<string, () => string | null>([
        [names.enabled, () => (now < enabledUntil ? `${enabled}` : null)],
        [names.policy, () => document],
        [names.version, () => `${version}`],
      ]);
      const redis = { mget: async (...names: string[]) => names.map((name) => keys.get(name)?.() ?? null) };
      const start = () =>
        createTracingToggle({ projectId: project.id, redis, api: null, logger: null, now: () => now });
      const running = start();
      for (const instant of instantsOf(published, others).filter((instant) => instant < at + 24 * HOUR)) {
        now = instant;
        const fresh = start();
        for (const subject of subjects) {
          const worker = explain(project, subject, instant);
          for (const client of [running, fresh]) {
            for (const sdk of [await client.decide(subject), client.peek(subject)]) {
              if (!agree(sdk, worker)) throw new Error(told(published, instant, subject, sdk, worker));
              expect(sdk.capture).toBe(project.capture);
              compared.byClient++;
            }
          }
        }
        await fresh.close();
      }
      await running.close();
    }),
    { numRuns: 250 },
  );
  expect(compared.byClient).toBeGreaterThan(10_000);
}, 60_000);
