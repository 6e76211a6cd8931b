import { crc32c as nativeCrc32c } from '@node-rs/crc32';

/** Below this the call into native code costs more than the table walk. */
const NATIVE_BYTES_MIN = 96;
const POLYNOMIAL_REFLECTED = 0x82f63b78;

const TABLE: Int32Array = (() => {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder =
        (remainder & 1) === 1 ? (remainder >>> 1) ^ POLYNOMIAL_REFLECTED : remainder >>> 1;
    }
    table[byte] = remainder;
  }
  return table;
})();

/** CRC-32C (Castagnoli) as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  if (bytes.byteLength >= NATIVE_BYTES_MIN) return nativeCrc32c(bytes) >>> 0;
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
