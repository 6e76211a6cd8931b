const M = 0x5bd1e995;
const R = 24;
const SEED = 0x9747b28c;

/** As Java's client: `toPositive(murmur2(key)) % partitionCount`, so that both put a key alike. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return partitionCount === 1 ? 0 : (murmur2(key) & 0x7fffffff) % partitionCount;
}

export function murmur2(bytes: Uint8Array): number {
  const length = bytes.byteLength;
  let h = SEED ^ length;
  const blocksEnd = length & ~3;
  for (let at = 0; at < blocksEnd; at += 4) {
    let k =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  const rest = length & 3;
  if (rest > 2) h ^= (bytes[blocksEnd + 2] ?? 0) << 16;
  if (rest > 1) h ^= (bytes[blocksEnd + 1] ?? 0) << 8;
  if (rest > 0) h = Math.imul(h ^ (bytes[blocksEnd] ?? 0), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h;
}
