const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function mix(hash: number, block: number): number {
  const k = Math.imul(block, C1);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), C2);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/**
 * MurmurHash3 x86-32 of the UTF-8 bytes of `key` (a lone surrogate counts as U+FFFD), without allocating.
 *
 * Source: Austin Appleby's public-domain reference, `MurmurHash3_x86_32`.
 *
 * @param key any string
 * @param seed unsigned 32-bit integer
 * @returns unsigned 32-bit integer
 */
export function murmur3(key: string, seed: number): number {
  const end = key.length;
  let hash = seed | 0;
  let block = 0; // bytes not yet mixed in, lowest first
  let bytes = 0;
  let i = 0;
  while (i < end) {
    if ((bytes & 3) === 0 && i + 4 <= end) {
      const a = key.charCodeAt(i);
      const b = key.charCodeAt(i + 1);
      const c = key.charCodeAt(i + 2);
      const d = key.charCodeAt(i + 3);
      if ((a | b | c | d) < 0x80) {
        hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24));
        bytes += 4;
        i += 4;
        continue;
      }
    }
    let point = key.codePointAt(i) as number;
    i += point > 0xffff ? 2 : 1;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    const lead = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3; // continuation bytes
    for (let left = lead; left >= 0; left--) {
      const six = point >>> (6 * left);
      const byte = lead === 0 ? six : left === lead ? ((0xff00 >> (lead + 1)) & 0xff) | six : 0x80 | (six & 0x3f);
      block |= byte << ((bytes & 3) * 8);
      if ((++bytes & 3) === 0) {
        hash = mix(hash, block);
        block = 0;
      }
    }
  }
  if (bytes & 3) {
    const k = Math.imul(block, C1);
    hash ^= Math.imul((k << 15) | (k >>> 17), C2);
  }
  hash ^= bytes;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
