import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { murmur3 } from "./murmur3.ts";

interface Vector {
  key: string;
  seed: number;
  hash: number;
}
const vectors = JSON.parse(
  readFileSync(new URL("../vectors/murmur3.json", import.meta.url), "utf8"),
) as readonly Vector[];

describe("the sampling hash", () => {
  test("agrees with the vectors that an independent implementation wrote", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(200);
    expect(vectors.filter(({ key, seed, hash }) => murmur3(key, seed) >>> 0 !== hash)).toEqual([]);
  });

  test("agrees with the vectors published for MurmurHash3 x86-32", () => {
    const published: [key: string, seed: number, hash: number][] = [
      ["", 0, 0],
      ["", 1, 0x514e28b7],
      ["", 0xffffffff, 0x81f16f39],
      ["test", 0, 0xba6bd213],
      ["test", 0x9747b28c, 0x704b81dc],
      ["Hello, world!", 0, 0xc0363e43],
      ["Hello, world!", 0x9747b28c, 0x24884cba],
      ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
      ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
      ["a", 0x9747b28c, 0x7fa09ea6],
      ["aa", 0x9747b28c, 0x5d211726],
      ["aaa", 0x9747b28c, 0x283e0130],
      ["aaaa", 0x9747b28c, 0x5a97808a],
      ["ab", 0x9747b28c, 0x74875592],
      ["abc", 0x9747b28c, 0xc84a62dd],
      ["abcd", 0x9747b28c, 0xf0478627],
      ["ππππππππ", 0x9747b28c, 0xd58063c1],
    ];
    expect(published.map(([key, seed]) => [key, seed, murmur3(key, seed) >>> 0])).toEqual(published);
  });

  test("takes any string and seed to a 32-bit integer, a lone surrogate as U+FFFD", () => {
    const anyString = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
    fc.assert(
      fc.property(anyString, fc.integer({ min: 0, max: 0xffffffff }), (key, seed) => {
        const hash = murmur3(key, seed) >>> 0;
        expect(Number.isInteger(hash) && hash >= 0 && hash <= 0xffffffff).toBe(true);
        const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(key));
        expect(hash).toBe(murmur3(wellFormed, seed) >>> 0);
      }),
      { numRuns: 500 },
    );
  });
});
