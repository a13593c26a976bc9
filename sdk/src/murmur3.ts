const scramble = (block: number): number => {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
};

/**
 * MurmurHash3 x86-32 of the UTF-8 bytes of `key` (a lone surrogate counts as U+FFFD). Allocates nothing for an ASCII key.
 *
 * Source: Austin Appleby's public-domain reference, `MurmurHash3_x86_32`.
 *
 * @param key any string
 * @param seed 32-bit integer
 * @param bytes the characters of `key` are its bytes already
 * @returns signed 32-bit integer, which needs no memory of its own; `>>> 0` makes it the unsigned one
 */
export function murmur3(key: string, seed: number, bytes = false): number {
  const end = key.length;
  let hash = seed;
  let seen = 0; // every bit set in any character
  let i = 0;
  for (; i + 4 <= end; i += 4) {
    const a = key.charCodeAt(i);
    const b = key.charCodeAt(i + 1);
    const c = key.charCodeAt(i + 2);
    const d = key.charCodeAt(i + 3);
    seen |= a | b | c | d;
    hash ^= scramble(a | (b << 8) | (c << 16) | (d << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let shift = 0; i < end; shift += 8) {
    const code = key.charCodeAt(i++);
    seen |= code;
    tail |= code << shift;
  }
  // `unescape` is the shortest way from percent-encoded bytes to one character each; such keys are rare
  if (seen > 0x7f && !bytes) return murmur3(unescape(encodeURIComponent(key.toWellFormed())), seed, true);
  hash ^= scramble(tail) ^ end;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
