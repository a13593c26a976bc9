// Writes sdk/vectors/murmur3.json with an implementation that is not ours, so that an SDK in another language can check
// its sampling bit for bit:
//   npm install --no-save murmurhash3js-revisited@3.0.0 && node scripts/murmur-vectors.ts

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

interface Independent {
  x86: { hash32(bytes: Uint8Array, seed: number): number };
}
const { x86 } = createRequire(import.meta.url)("murmurhash3js-revisited") as Independent;
const hash = (key: string, seed: number) => x86.hash32(new TextEncoder().encode(key), seed);

const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_.:@";
const everyLength = Array.from({ length: 41 }, (_, length) => letters.slice(0, length));
// Each character length of UTF-8, at every offset to the hash's blocks of four bytes.
const everyOffset = ["\u0080", "é", "\u07ff", "\u0800", "€", "\ufffd", "\uffff", "😀", "\u{10ffff}"].flatMap(
  (character) => ["", "a", "ab", "abc", "abcd"].map((before) => `${before}${character}${before}`),
);
const loneSurrogates = ["\ud800", "\udbff", "\udc00", "\udfff"].flatMap((half) =>
  ["", "a", "ab", "abc", "abcd"].map((before) => `${before}${half}z`),
);
const ids = [
  "user-1",
  "00000000-0000-4000-8000-000000000000",
  "8c1f6f0e-52a2-4a0d-9d0b-3f6f6f5b1c11",
  "someone@example.com",
  "1234567890",
  "-1",
  "0.5",
  "__proto__",
  "constructor",
  "\u0000",
  "a\u0000b",
  "\u007f",
  "日本語のユーザー",
  "Ἀριστοτέλης",
  "пользователь",
  "👩‍👩‍👧‍👦",
  "\ude00\ud83d",
  "\ud83d\ud83d\ude00",
  "x".repeat(1_000),
  "é".repeat(333),
];

const projectSeed = hash(ids[2] as string, 0);
const vectors = [
  ...everyLength.flatMap((key) => [0, projectSeed].map((seed) => ({ key, seed }))),
  ...everyOffset.map((key) => ({ key, seed: 0 })),
  ...loneSurrogates.map((key) => ({ key, seed: projectSeed })),
  ...ids.flatMap((key) => [0, 1, 0x7fffffff, 0x80000000, 0xffffffff].map((seed) => ({ key, seed }))),
].map(({ key, seed }) => `  { "key": ${JSON.stringify(key)}, "seed": ${seed}, "hash": ${hash(key, seed)} }`);

const file = new URL("../sdk/vectors/murmur3.json", import.meta.url);
writeFileSync(file, `[\n${vectors.join(",\n")}\n]\n`);
console.log(`${vectors.length} vectors in ${file.pathname}`);
