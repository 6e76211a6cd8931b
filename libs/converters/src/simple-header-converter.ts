import type { ConverterPlugin, SchemaAndValue } from '@millrace/connector-api';
import { parseValues, schemas, valuesText } from '@millrace/record';
import { isUtf8 } from 'node:buffer';

/** Headers mostly say the same of each record. What they were read as is kept of so many, of so many bytes at most (INV-6). */
const KNOWN_MAX = 256;
const KNOWN_BYTES_MAX = 256;

interface KnownHeader {
  readonly bytes: Buffer;
  readonly read: SchemaAndValue;
}

/** The default for headers: text out, types inferred from the text in. */
export const simpleHeaderConverter: ConverterPlugin = {
  kind: 'converter',
  name: 'simple-header',
  javaClasses: ['org.apache.kafka.connect.storage.SimpleHeaderConverter'],
  version: '4.1.0',
  fields: {},
  create: () => {
    const known = new Array<KnownHeader | undefined>(KNOWN_MAX).fill(undefined);
    return {
      fromConnect: (_topic, schema, value) =>
        value === null || value === undefined ? null : Buffer.from(valuesText(schema, value)),
      toConnect: (_topic, bytes) => {
        if (bytes === null) return { schema: null, value: null };
        const place = placeOf(bytes);
        const before = known[place];
        if (before !== undefined && before.bytes.equals(bytes)) return before.read;
        const read = readHeader(bytes);
        // Only what nobody can change may be handed out again.
        if (bytes.byteLength <= KNOWN_BYTES_MAX && !isChangeable(read.value))
          known[place] = { bytes: Buffer.from(bytes), read };
        return read;
      },
    };
  },
};

function placeOf(bytes: Uint8Array): number {
  const { byteLength } = bytes;
  const last = bytes[byteLength - 1] ?? 0;
  const middle = bytes[byteLength >> 1] ?? 0;
  return (byteLength * 31 + (bytes[0] ?? 0) * 7 + middle * 3 + last) % KNOWN_MAX;
}

function isChangeable(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function readHeader(bytes: Uint8Array): SchemaAndValue {
  if (!isUtf8(bytes)) return { schema: schemas.bytes(), value: bytes };
  return parseValues(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
  );
}
