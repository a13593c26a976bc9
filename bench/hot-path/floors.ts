/** MurmurHash3 x86-32 of an ASCII key: what hashing an id costs at least. */
export function murmur3(key: string, seed: number): number {
  let hash = seed;
  let i = 0;
  const whole = key.length & ~3;
  const scramble = (block: number): number => {
    const k = Math.imul(block, 0xcc9e2d51);
    return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  };
  for (; i < whole; i += 4) {
    hash ^= scramble(
      (key.charCodeAt(i) & 0xff) |
        ((key.charCodeAt(i + 1) & 0xff) << 8) |
        ((key.charCodeAt(i + 2) & 0xff) << 16) |
        ((key.charCodeAt(i + 3) & 0xff) << 24),
    );
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = key.length - 1; at >= i; at--) tail = (tail << 8) | (key.charCodeAt(at) & 0xff);
  if (tail) hash ^= scramble(tail);
  hash ^= key.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A hundred projects with what a decision needs, computed before. */
export const projects = () =>
  new Map(
    Array.from({ length: 100 }, (_, i) => [
      `project-${i}`,
      { enabled: true, seed: murmur3(`project-${i}`, 0), threshold: 0.3 * 2 ** 32 },
    ]),
  );
