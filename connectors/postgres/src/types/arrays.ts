import { createHash } from 'node:crypto';
import { schemas } from '@millrace/record';
import { notRepresentable } from '../errors.ts';
import type { ValueSettings } from '../settings.ts';
import { codec, type ColumnCodec } from './codec.ts';
import { parseArray } from './text-forms.ts';
import type { PostgresType } from './type-catalog.ts';

/** Arrays of one dimension. Elements may be null. */
export function arrayCodec(
  elementType: PostgresType,
  element: ColumnCodec,
  settings: ValueSettings,
): ColumnCodec {
  const { delimiter, name } = elementType;
  return codec(
    schemas.array({ ...element.schema, optional: true }),
    (text) => {
      const elements = parseArray(text, delimiter);
      if (elements === undefined) {
        if (settings.onUnrepresentable === 'null') return null;
        throw notRepresentable(
          `${name}[]`,
          text,
          'arrays of several dimensions have no schema: leave the column out with column.exclude.list, or set event.converting.failure.handling.mode=warn for null instead',
        );
      }
      return elements.map((item) => (item === null ? null : element.decode(item)));
    },
    [],
    { placeholder: arrayPlaceholder(name, element, settings) },
  );
}

/** As Debezium: one element for texts, bytes and UUIDs, the placeholder's bytes, signed, for integers and dates. */
function arrayPlaceholder(name: string, element: ColumnCodec, settings: ValueSettings): unknown {
  if (['int4', 'int8', 'date'].includes(name)) return [...new Int8Array(settings.placeholderBytes)];
  if (name === 'uuid') return [nameUuid(settings.placeholderBytes)];
  return element.placeholder === undefined ? undefined : [element.placeholder];
}

/** The UUID of version 3 that stands for bytes. */
function nameUuid(bytes: Uint8Array): string {
  const hash = createHash('md5').update(bytes).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x30, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
