import type { RawRecord } from '@millrace/record';
import { badBytes } from '../errors.ts';

/** The schema that a message names, by id or by guid, and where its data begin. */
export interface SchemaMark {
  readonly id: number | undefined;
  readonly guid: string | undefined;
  readonly dataAt: number;
}

const MAGIC_ID = 0;
const MAGIC_GUID = 1;
/** How many bytes stand before the data. */
export const ID_PREFIX_BYTES = 5;
const GUID_PREFIX_BYTES = 17;

/** Magic byte 0 and the id, big-endian. */
export function idPrefix(id: number): Uint8Array {
  const prefix = Buffer.alloc(ID_PREFIX_BYTES);
  prefix.writeInt32BE(id, 1);
  return prefix;
}

/** The id of a message that begins with one; -1 for all others. */
export function prefixedId(bytes: Uint8Array): number {
  if (bytes[0] !== MAGIC_ID || bytes.length < ID_PREFIX_BYTES) return -1;
  const [, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes;
  return (b1 << 24) | (b2 << 16) | (b3 << 8) | b4;
}

/**
 * Looks for a guid in the header first, as Confluent's readers do, then for an id or a guid before the data.
 * @throws MillraceError `converter.bad_bytes`
 */
export function markOf(
  bytes: Uint8Array,
  isKey: boolean,
  headers: RawRecord['headers'] | undefined,
): SchemaMark {
  const name = isKey ? '__key_schema_id' : '__value_schema_id';
  const header = headers?.findLast(({ key }) => key === name)?.value;
  if (header !== undefined && header !== null) return { ...prefixOf(header), dataAt: 0 };
  return prefixOf(bytes);
}

function prefixOf(bytes: Uint8Array): SchemaMark {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === MAGIC_ID && bytes.length >= ID_PREFIX_BYTES)
    return { id: view.readInt32BE(1), guid: undefined, dataAt: ID_PREFIX_BYTES };
  if (bytes[0] === MAGIC_GUID && bytes.length >= GUID_PREFIX_BYTES) {
    const hex = view.toString('hex', 1, GUID_PREFIX_BYTES);
    const guid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { id: undefined, guid, dataAt: GUID_PREFIX_BYTES };
  }
  throw badBytes(
    bytes[0] === MAGIC_ID || bytes[0] === MAGIC_GUID
      ? `Error deserializing schema ID: the message has only ${bytes.length} bytes`
      : `Unknown magic byte! ${bytes.length === 0 ? 'The message is empty' : `The message begins with ${bytes[0] ?? 0}, not with 0 and the id of a schema`}`,
  );
}
