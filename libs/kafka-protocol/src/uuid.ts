/** Uuids travel as Kafka shows them: 22 characters of base64 url, which are also good map keys. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

export const UUID_BYTES = 16;

/** The uuid of 16 bytes, for example from a random source. */
export function uuidFromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
