import { startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import { startUpstashEndpoint, type UpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { inProcess, progress, type Run } from "../measure.ts";
import { loadSdk, PROJECT, policy, publish, TOKEN } from "../sdk.ts";
import { figure, type Row, type Table } from "../table.ts";

const HIT_RATE = 0.95;

/** Traffic of one kind, and what it made Redis do. */
interface Outcome {
  decisions: number;
  /** Answered from memory. */
  hits: number;
  commands: number;
}

/** How many Redis commands decisions cost, and how many of them are answered from memory, in several kinds of traffic. */
export async function measure({ quick }: Run): Promise<Table[]> {
  const redis = await startEmbeddedRedis();
  const upstash = await startUpstashEndpoint({ redisUrl: redis.url, token: TOKEN, readOnlyToken: "read-only" });
  try {
    await publish(upstash.url, PROJECT, policy({ sample_rate: 0.3 }));
    const scale = quick ? 0.05 : 1;
    const row = async (name: string, held: boolean, traffic: () => Promise<Omit<Outcome, "commands">>) => {
      progress(`commands: ${name}`);
      const before = upstash.commands();
      const { decisions, hits } = await traffic();
      return rowOf(name, { decisions, hits, commands: upstash.commands() - before }, held);
    };
    const steady = (rate: number, seconds: number) => () =>
      simulate(upstash, { processes: 1, rate, decisions: rate * seconds * scale });
    const rows = [
      await row("the seed: one GET for each decision", false, () => oneGetEach(upstash, 1_000 * scale)),
      await row("1 process, 1,000 requests/s", true, steady(1_000, 300)),
      await row("1 process, 100 requests/s", true, steady(100, 1_000)),
      await row("1 process, 10 requests/s", true, steady(10, 1_000)),
      await row("1 process, 1 request/s", false, steady(1, 1_000)),
      await row("100 processes that live 10 s, 10 requests/s each", false, () =>
        simulate(upstash, { processes: 100 * scale, rate: 10, decisions: 100 }),
      ),
      await row("100 processes that check once", false, () => checkOnce(upstash, 100 * scale)),
    ];
    return [
      {
        title: "Redis commands, and hit rate",
        columns: ["", "commands per million", "decisions", "commands", "from memory"],
        rows,
        notes: [
          "Commands as the local stack's Upstash endpoint counts them. Requests arrive at random (Poisson) by a simulated clock, in which the network takes no time; processes that check once are real ones.",
          "A policy that changes costs one command more for each change and process.",
        ],
      },
    ];
  } finally {
    await upstash.close();
    await redis.close();
  }
}

function rowOf(name: string, { decisions, hits, commands }: Outcome, held: boolean): Row {
  const share = hits / decisions;
  const perMillion = figure((commands / decisions) * 1e6);
  const cells = [name, perMillion, figure(decisions), figure(commands), `${(share * 100).toFixed(1)} %`];
  if (name.startsWith("the seed")) return { cells };
  return { cells, targets: held ? [{ text: `> ${HIT_RATE * 100} %`, met: share > HIT_RATE }] : [] };
}

/** Processes, one after the other, each with its own client and so many decisions at this rate (1/s). */
async function simulate(
  { url }: UpstashEndpoint,
  { processes, rate, decisions }: { processes: number; rate: number; decisions: number },
): Promise<{ decisions: number; hits: number }> {
  const { createTracingToggle } = await loadSdk();
  let hits = 0;
  for (let i = 0; i < processes; i++) {
    let now = Date.now();
    let background: Promise<unknown> | undefined;
    const tracing = createTracingToggle({
      projectId: PROJECT,
      redis: { url, token: TOKEN },
      api: null,
      now: () => now,
      logger: null,
      waitUntil: (work) => {
        background = work;
      },
    });
    for (let decision = 0; decision < decisions; decision++) {
      now += (-Math.log(1 - Math.random()) / rate) * 1_000;
      const { source } = await tracing.decide({ userId: `user-${decision}` });
      if (source === "snapshot") hits++;
      await background;
      background = undefined;
    }
    await tracing.close();
  }
  return { decisions: processes * decisions, hits };
}

/** Real processes, of which each checks once. */
async function checkOnce({ url }: UpstashEndpoint, processes: number): Promise<{ decisions: number; hits: number }> {
  let answered = 0;
  for (let i = 0; i < processes; i++) {
    const source = await inProcess<string>(new URL("one-check.ts", import.meta.url), [url]);
    if (source === "redis") answered++;
  }
  // A busy machine may now and then let a time bound pass.
  if (answered < processes * 0.8) throw new Error(`${answered} of ${processes} processes were answered by Redis`);
  return { decisions: processes, hits: 0 };
}

async function oneGetEach({ url }: UpstashEndpoint, decisions: number): Promise<{ decisions: number; hits: number }> {
  const { Redis } = await import("@upstash/redis");
  const redis = new Redis({ url, token: TOKEN });
  for (let i = 0; i < decisions; i++) await redis.get(`tracing:${PROJECT}:enabled`);
  return { decisions, hits: 0 };
}
