import { quotedBytes, writeQuoted } from '@millrace/cdc';
import { schemas, type Schema } from '@millrace/record';
import { inflateColumn } from '../binlog/events/mariadb-compression.ts';
import type { WireColumn } from '../binlog/events/table-map.ts';
import { WIRE } from '../binlog/events/wire-types.ts';
import { valueUnreadable } from '../binlog/errors.ts';
import { charsetOf, charsetOfCollation, type Charset } from './charset/charsets.ts';
import type { ColumnCodec, JsonWriter, ValueReader } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import { jsonDocumentText, JSON_AS_TEXT } from './json/binary-json.ts';
import type { ValueSettings } from './value-settings.ts';
import { mustBe } from './wire-check.ts';

const QUOTE = 0x22;

export const TEXT_WIRES = [
  WIRE.string,
  WIRE.varString,
  WIRE.varchar,
  WIRE.varcharCompressed,
  WIRE.blob,
  WIRE.blobCompressed,
  WIRE.tinyBlob,
  WIRE.mediumBlob,
  WIRE.longBlob,
] as const;

export function textCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  return textCodecOf(column, settings, schemas.string());
}

function textCodecOf(
  column: ColumnDefinition,
  settings: ValueSettings,
  schema: Schema,
): ColumnCodec {
  return {
    schema,
    zero: '',
    placeholder: settings.placeholderText,
    text: UTF8_TEXT,
    onWire: (wire) => {
      mustBe(column, wire, ...TEXT_WIRES);
      const reader = textReader(wireCharset(column, wire));
      return isCompressed(wire) ? inflating(reader) : reader;
    },
  };
}

/** What the binlog tells of the character set is of the moment of the change: it goes before the catalogue. */
function wireCharset(column: ColumnDefinition, wire: WireColumn): Charset {
  const told = wire.collation === null ? null : charsetOfCollation(wire.collation);
  return charsetOf(told === null || told === 'binary' ? column.charset : told);
}

/** The session has UTF-8. */
const UTF8_TEXT: ValueReader = {
  read: (bytes, start, end) => bytes.toString('utf8', start, end),
  json: writeQuoted,
  room: quotedBytes,
};

function textReader(charset: Charset): ValueReader {
  if (charset.isUtf8) return UTF8_TEXT;
  return {
    read: charset.decode,
    ...(charset.table === null
      ? { json: null }
      : { json: writeByTable(charset.table), room: roomByTable(charset.table) }),
  };
}

function roomByTable(table: readonly Buffer[]): NonNullable<ValueReader['room']> {
  const lengths = Uint8Array.from({ length: 256 }, (_, byte) => table[byte]?.length ?? 0);
  return (bytes, start, end) => {
    let count = 2;
    for (let index = start; index < end; index++) count += lengths[bytes[index] ?? 0] ?? 0;
    return count;
  };
}

function writeByTable(table: readonly Buffer[]): JsonWriter {
  return (from, start, end, to, position) => {
    let cursor = position;
    to[cursor++] = QUOTE;
    for (let index = start; index < end; index++) {
      const character = table[from[index] ?? 0];
      if (character === undefined) return -1;
      for (let part = 0; part < character.length; part++) to[cursor++] = character[part] ?? 0;
    }
    to[cursor++] = QUOTE;
    return cursor;
  };
}

export function isCompressed(wire: WireColumn): boolean {
  return wire.type === WIRE.varcharCompressed || wire.type === WIRE.blobCompressed;
}

/** MariaDB's compressed columns come compressed. */
export function inflating(reader: ValueReader): ValueReader {
  return {
    read: (bytes, start, end) => {
      const plain = inflateColumn(bytes, start, end);
      return reader.read(plain, 0, plain.length);
    },
    json: null,
  };
}

/** MySQL's in binary form; MariaDB's is a text. */
export function jsonCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const codec = textCodecOf(
    column,
    settings,
    schemas.string({ name: 'io.debezium.data.Json', version: 1 }),
  );
  return {
    ...codec,
    zero: '{}',
    onWire: (wire) => (wire.type === WIRE.json ? BINARY_JSON : codec.onWire(wire)),
  };
}

const BINARY_JSON: ValueReader = {
  read: jsonDocumentText,
  json: (from, start, end, to, position) =>
    from[start] === JSON_AS_TEXT ? writeQuoted(from, start + 1, end, to, position) : -1,
  room: (bytes, start, end) =>
    bytes[start] === JSON_AS_TEXT ? quotedBytes(bytes, start + 1, end) : 0,
};

export function enumCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const { labels } = column;
  const quoted = ['', ...labels].map((label) => Buffer.from(JSON.stringify(label)));
  return {
    schema: labelled('io.debezium.data.Enum', labels),
    zero: '',
    placeholder: settings.placeholderText,
    text: UTF8_TEXT,
    onWire: (wire) => {
      mustBe(column, wire, WIRE.enum);
      const indexAt = (bytes: Buffer, start: number): number =>
        wire.width === 1 ? (bytes[start] ?? 0) : bytes.readUInt16LE(start);
      return {
        read: (bytes, start) => {
          const index = indexAt(bytes, start);
          // What was no label when it was written has index 0.
          const label = index === 0 ? '' : labels[index - 1];
          if (label === undefined)
            throw valueUnreadable('enum', `column "${column.name}" has no label ${index}`);
          return label;
        },
        json: (from, start, _end, to, position) => {
          const text = quoted[indexAt(from, start)];
          if (text === undefined || text.length > 64) return -1;
          for (let part = 0; part < text.length; part++) to[position + part] = text[part] ?? 0;
          return position + text.length;
        },
      };
    },
  };
}

export function setCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const { labels } = column;
  return {
    schema: labelled('io.debezium.data.EnumSet', labels),
    zero: '',
    placeholder: settings.placeholderText,
    text: UTF8_TEXT,
    onWire: (wire) => {
      mustBe(column, wire, WIRE.set);
      return {
        read: (bytes, start, end) => {
          const chosen: string[] = [];
          for (let bit = 0; bit < (end - start) * 8; bit++) {
            if (((bytes[start + (bit >> 3)] ?? 0) & (1 << (bit & 7))) === 0) continue;
            const label = labels[bit];
            if (label === undefined)
              throw valueUnreadable('set', `column "${column.name}" has no label ${bit + 1}`);
            chosen.push(label);
          }
          return chosen.join(',');
        },
        json: null,
      };
    },
  };
}

function labelled(name: string, labels: readonly string[]): Schema {
  const allowed = labels
    .map((label) => label.replaceAll('\\', '\\\\').replaceAll(',', '\\,'))
    .join(',');
  return schemas.string({ name, version: 1, parameters: { allowed } });
}
