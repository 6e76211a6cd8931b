import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes the same time whether and wherever the two differ, and whatever their lengths are. */
export function isSameSecret(one: Uint8Array | string, other: Uint8Array | string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(secret: Uint8Array | string): Buffer {
  return createHash('sha256').update(secret).digest();
}
