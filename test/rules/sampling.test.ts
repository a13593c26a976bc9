// The quality of the sample: a million ids of each kind that people use. The ids are the same in every run.
import { describe, expect, test } from "vitest";
import { evaluate, type Rules, rulesAt, sampleSeed } from "../../sdk/src/decide.ts";
import { murmur3 } from "../../sdk/src/murmur3.ts";
import { parsePolicy } from "../../sdk/src/wire.ts";

const COUNT = 1_000_000;
const RATES = [0.001, 0.01, 0.3, 0.5, 0.99];
const PROJECTS = [
  "8c1f6f0e-52a2-4a0d-9d0b-3f6f6f5b1c11",
  "8c1f6f0e-52a2-4a0d-9d0b-3f6f6f5b1c12",
  "00000000-0000-4000-8000-000000000000",
  "ffffffff-ffff-4fff-bfff-ffffffffffff",
];

/** 32 bits that depend on `n` and on nothing else (the finalizer of SplitMix). */
function scrambled(n: number): number {
  let bits = Math.imul(n ^ (n >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
const hex = (n: number) => n.toString(16).padStart(8, "0");
const uuid = (n: number) => `${hex(scrambled(n))}-7a31-4c0e-9d5b-0e2f${hex(scrambled(n + 0x1000_0000))}`;
const DOMAINS = ["example.com", "gmail.com", "company.co.uk", "uni-zürich.ch"];
const NAMES = ["ana", "bob.smith", "chris", "d.o'neill", "eve+test", "yuki", "john"];
const SCRIPTS = ["ユーザー", "пользователь-", "usuário ", "χρήστης", "用户", "👩‍👩‍👧"];

const KINDS: Record<string, (n: number) => string | number> = {
  "sequential numbers": (n) => n,
  "names that count up": (n) => `user-${n}`,
  UUIDs: uuid,
  "e-mail addresses": (n) => `${NAMES[n % 7]}${Math.floor(n / 7)}@${DOMAINS[n % 4]}`,
  "ids beyond ASCII": (n) => `${SCRIPTS[n % 6]}${Math.floor(n / 6)}`,
};

const rulesOf = (sample_rate: number): Rules => {
  const policy = parsePolicy({ version: 1, enabled: true, sample_rate });
  if (!policy) throw new Error(`not a rate: ${sample_rate}`);
  return rulesAt(policy, 0);
};

/** The rate above which a user is traced. */
const shareOf = (id: string | number, seed: number) => (murmur3(`${id}`, seed) >>> 0) / 2 ** 32;

describe.each(Object.entries(KINDS))("of users with %s", (_, idOf) => {
  const seed = sampleSeed(PROJECTS[0] as string);

  test("as many of a million are traced as the rate says, within 4 standard deviations, at 0.1, 1, 30, 50 and 99 %", () => {
    const traced = RATES.map(() => 0);
    for (let n = 0; n < COUNT; n++) {
      const share = shareOf(idOf(n), seed);
      for (let i = 0; i < RATES.length; i++) {
        if (share < (RATES[i] as number)) traced[i] = (traced[i] as number) + 1;
      }
    }
    const deviations = RATES.map(
      (rate, i) => ((traced[i] as number) - COUNT * rate) / Math.sqrt(COUNT * rate * (1 - rate)),
    );
    expect(deviations.filter((sigma) => Math.abs(sigma) > 4).length, `${traced}`).toBe(0);
  });

  test("each is traced at every rate above their own and at none below: raising the rate never drops anyone", () => {
    const rules = RATES.map(rulesOf);
    for (let n = 0; n < 5_000; n++) {
      const userId = idOf(n);
      const share = shareOf(userId, seed);
      const isTraced = (rules: Rules) => evaluate(rules, seed, { userId }, 0) % 2 > 0;
      if (RATES.some((rate, i) => isTraced(rules[i] as Rules) !== share < rate)) expect.fail(`${userId}`);
      const [none, all] = [[0, share / 2, share].map(rulesOf), [share + 2 ** -53, (share + 1) / 2, 1].map(rulesOf)];
      if (none.some(isTraced) || !all.every(isTraced)) expect.fail(`${userId}`);
    }
  });
});

/** How far a table of counts is from independence, in standard deviations of the chi-squared distribution. */
function dependence(counts: number[][]): number {
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const rows = counts.map(sum);
  const columns = (counts[0] as number[]).map((_, j) => sum(counts.map((row) => row[j] as number)));
  const total = sum(rows);
  const chiSquared = sum(
    counts.flatMap((row, i) =>
      row.map((count, j) => {
        const expected = ((rows[i] as number) * (columns[j] as number)) / total;
        return (count - expected) ** 2 / expected;
      }),
    ),
  );
  const freedom = (rows.length - 1) * (columns.length - 1);
  // Wilson and Hilferty: the cube root of chi-squared by its degrees of freedom is all but normal
  const variance = 2 / (9 * freedom);
  return (Math.cbrt(chiSquared / freedom) - (1 - variance)) / Math.sqrt(variance);
}

test("the measure of dependence knows a dependence", () => {
  const even = [
    [2_500, 2_510],
    [2_490, 2_500],
  ];
  const slight = [
    [2_600, 2_400],
    [2_400, 2_600],
  ];
  expect(dependence(even)).toBeLessThan(1);
  expect(dependence(slight)).toBeGreaterThan(3);
});

function count(table: number[][], i: number, j: number): void {
  const row = table[i] as number[];
  row[j] = (row[j] as number) + 1;
}

const PAIRS = PROJECTS.flatMap((a, i) => PROJECTS.slice(i + 1).map((b) => [a, b] as const));

test.each(PAIRS)("who is traced in %s says nothing of who is in %s", (a, b) => {
  const BUCKETS = 16;
  for (const idOf of [KINDS["sequential numbers"], KINDS.UUIDs] as ((n: number) => string | number)[]) {
    const counts = Array.from({ length: BUCKETS }, () => Array(BUCKETS).fill(0));
    const traced = Array.from({ length: 2 }, () => Array(2).fill(0));
    const [seedA, seedB] = [sampleSeed(a), sampleSeed(b)];
    for (let n = 0; n < 60_000; n++) {
      const id = idOf(n);
      const [inA, inB] = [shareOf(id, seedA), shareOf(id, seedB)];
      count(counts, Math.floor(inA * BUCKETS), Math.floor(inB * BUCKETS));
      count(traced, Number(inA < 0.3), Number(inB < 0.3));
    }
    expect(Math.abs(dependence(counts)), "by sixteenths of the hash").toBeLessThan(4);
    expect(dependence(traced), "at 30 %").toBeLessThan(4);
  }
});
