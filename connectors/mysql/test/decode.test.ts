import { readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { decompress } from '@mongodb-js/zstd';
import { describe, expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import { EventDecoder } from '../src/binlog/events/event-decoder.ts';
import { EVENT, HEADER_BYTES } from '../src/binlog/events/event-types.ts';
import type { BinlogEvent, EventBase, RowsEvent } from '../src/binlog/events/event.ts';
import { PayloadEvents, unpackedPieces } from '../src/binlog/events/payload-events.ts';
import { decodePayload } from '../src/binlog/events/payload.ts';
import { readRow, RowCursor } from '../src/binlog/events/row-cursor.ts';
import type { TableMap } from '../src/binlog/events/table-map.ts';
import { codecOf } from '../src/types/codec-of.ts';
import type { ValueReader } from '../src/types/codec.ts';
import { jsonDocumentText } from '../src/types/json/binary-json.ts';
import { columnsOf } from '../src/types/metadata-columns.ts';
import { emptyFields } from '../src/types/row.ts';
import { readTextRow } from '../src/types/text-row.ts';
import { VALUE_SETTINGS } from './binlog-lab.ts';

/** Whole binlog files, recorded: each begins with four bytes that are no event. */
const FILES = { mysql: 'mysql-9.7.binlog', mariadb: 'mariadb-10.11.binlog' } as const;

describe.each(['mysql', 'mariadb'] as const)('%s', (flavour) => {
  const file = readFileSync(new URL(`./golden/${FILES[flavour]}`, import.meta.url));
  const events = eventsIn(file);

  test('each event of a recorded file is decoded', async () => {
    const decoder = new EventDecoder(flavour);
    const kinds: string[] = [];
    for (const event of events) {
      expect(decoder.isWhole(event, 0, event.length)).toBe(true);
      for (const decoded of await decodeAll(decoder, event)) {
        kinds.push(decoded.kind);
        if (decoded.kind === 'rows') expect(readAll(decoded)).toBeGreaterThan(0);
      }
    }
    expect(new Set(kinds)).toEqual(
      new Set(
        ['format', 'previous-gtids', 'gtid', 'table-map', 'rows', 'xid', 'query', 'rotate'].concat(
          flavour === 'mariadb' ? ['rows-query', 'other'] : [],
        ),
      ),
    );
    expect(kinds.filter((kind) => kind === 'other').length).toBeLessThan(3);
  });

  test('an event that ends early is an error or an event, at each byte', async () => {
    const decoder = new EventDecoder(flavour);
    for (const event of events) {
      for (let length = HEADER_BYTES; length < event.length; length += stepOf(event))
        await expectNoAccident(decoder, event.subarray(0, length));
      await decodeAll(decoder, event); // tables for those behind
    }
  });

  test('an event with a flipped bit is an error or an event, and is seen by its checksum', async () => {
    const decoder = new EventDecoder(flavour);
    for (const event of events) {
      for (let byte = HEADER_BYTES; byte < event.length; byte += stepOf(event)) {
        const broken = Buffer.from(event);
        broken[byte] = (broken[byte] ?? 0) ^ (1 << ((byte * 5) & 7));
        const isRotate = event[4] === EVENT.rotate;
        if (event[4] !== EVENT.format && !isRotate)
          expect(decoder.isWhole(broken, 0, broken.length)).toBe(false);
        await expectNoAccident(decoder, broken);
      }
      await decodeAll(decoder, event);
    }
  });

  test('an event with a length at its bounds is an error or an event', async () => {
    const decoder = new EventDecoder(flavour);
    for (const event of events) {
      for (let byte = HEADER_BYTES; byte < event.length; byte += stepOf(event))
        for (const value of [0, 0xff]) {
          const broken = Buffer.from(event);
          broken[byte] = value;
          await expectNoAccident(decoder, broken);
        }
      await decodeAll(decoder, event);
    }
  });
});

describe('a compressed transaction', () => {
  const file = readFileSync(new URL('./golden/mysql-9.7.binlog', import.meta.url));

  async function* piecesOf(plain: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; at < plain.length; at += size)
      yield await Promise.resolve(Buffer.from(plain.subarray(at, at + size)));
  }

  /** Of each payload in the file its bytes, and the events as they are when unpacked as a whole. */
  async function payloads(): Promise<
    { readonly base: EventBase; readonly data: Buffer; readonly plain: Buffer }[]
  > {
    const decoder = new EventDecoder('mysql');
    const found = [];
    for (const event of eventsIn(file)) {
      const base = baseOf(event);
      if (base.type !== EVENT.transactionPayload) {
        decoder.decode(event, 0, event.length, base);
        continue;
      }
      const { data } = decodePayload(event, HEADER_BYTES, event.length - decoder.checksumBytes);
      found.push({ base, data, plain: await decompress(data) });
    }
    return found;
  }

  test('gives the same events whatever the pieces in which it is unpacked, no more at a time than asked for', async () => {
    const found = await payloads();
    expect(found.length).toBeGreaterThan(0);
    for (const { base, plain } of found) {
      const kinds = (await allOf(base, piecesOf(plain, plain.length), Infinity)).map(tellKind);
      expect(kinds.length).toBeGreaterThan(2);
      for (const size of [1, 7, 19, 20, 1000]) {
        const events = await allOf(base, piecesOf(plain, size), 1);
        expect(events.map(tellKind)).toEqual(kinds);
      }
      for (const cut of [1, 18, plain.length - 1])
        await expect(allOf(base, piecesOf(plain.subarray(0, cut), 7), Infinity)).rejects.toThrow(
          RangeError,
        );
    }
  });

  test('is unpacked in pieces, or as a whole up to a bound and refused beyond', async () => {
    const [first] = await payloads();
    if (first === undefined) throw new Error('the file has one');
    const { base, data, plain } = first;
    const payload = { data, isCompressed: true, unpackedBytes: plain.length };
    const whole = await allOf(base, unpackedPieces(payload, plain.length), Infinity);
    expect(whole.length).toBeGreaterThan(2);
    const refused = allOf(base, unpackedPieces(payload, plain.length - 1), Infinity);
    if ('createZstdDecompress' in zlib) expect(await refused).toHaveLength(whole.length);
    else await expect(refused).rejects.toMatchObject({ code: 'mysql.transaction_too_large' });
  });

  async function allOf(
    base: EventBase,
    pieces: AsyncIterator<Buffer, void, undefined>,
    bytesMax: number,
  ): Promise<readonly BinlogEvent[]> {
    const events: BinlogEvent[] = [];
    const payload = new PayloadEvents(pieces, new EventDecoder('mysql'), base);
    while (!payload.isDone) {
      const before = events.length;
      await payload.read(events, bytesMax);
      if (bytesMax === 1) expect(events.length - before).toBeLessThan(2);
    }
    return events;
  }

  function tellKind(event: BinlogEvent): string {
    return event.kind === 'rows'
      ? `${event.operation} ${event.buffer.toString('hex', event.start, event.end)}`
      : event.kind;
  }
});

test('a JSON value that contains itself is an error, not a loop', () => {
  // An array of many entries that all lead back to it.
  const count = 200;
  const bytes = Buffer.alloc(5 + count * 3);
  bytes[0] = 2;
  bytes.writeUInt16LE(count, 1);
  for (let index = 0; index < count; index++) bytes[5 + index * 3] = 2;
  expect(() => jsonDocumentText(bytes, 0, bytes.length)).toThrow(RangeError);
});

test('a row of the text protocol that is not whole is an error', () => {
  const row = Buffer.from([1, 0x31, 0xfb, 0xfc, 3, 0, 0x61, 0x62, 0x63, 0]);
  const fields = readTextRow(row, 0, row.length, emptyFields());
  expect([...fields.at.slice(0, 8)]).toEqual([1, 2, -1, 0, 6, 9, 10, 10]);
  expect(fields.count).toBe(4);
  for (const cut of [1, 4, 5, 6, 7, 8])
    expect(() => readTextRow(row, 0, cut, emptyFields())).toThrow(RangeError);
});

/** The rows of all types are long: a part of their bytes is enough. */
function stepOf(event: Buffer): number {
  return event.length > 800 ? 7 : 1;
}

function eventsIn(file: Buffer): readonly Buffer[] {
  const events: Buffer[] = [];
  for (let at = 4; at < file.length;) {
    const size = file.readUInt32LE(at + 9);
    events.push(file.subarray(at, at + size));
    at += size;
  }
  return events;
}

function baseOf(event: Buffer): EventBase {
  return {
    type: event.readUInt8(4),
    timestamp: event.readUInt32LE(0),
    serverId: event.readUInt32LE(5),
    flags: event.readUInt16LE(17),
    isArtificial: false,
    file: 'f',
    position: 4,
    nextPosition: 4 + event.length,
  };
}

async function decodeAll(decoder: EventDecoder, event: Buffer): Promise<readonly BinlogEvent[]> {
  const base = baseOf(event);
  if (base.type !== EVENT.transactionPayload) return [decoder.decode(event, 0, event.length, base)];
  const payload = decodePayload(event, HEADER_BYTES, event.length - decoder.checksumBytes);
  const plain = await decompress(payload.data);
  return eventsIn(Buffer.concat([Buffer.alloc(4), plain])).map((inner) =>
    decoder.decodeBody(inner, HEADER_BYTES, inner.length, baseOf(inner)),
  );
}

/** Decoded to the last value, or refused in one of the two ways that are expected. */
async function expectNoAccident(decoder: EventDecoder, event: Buffer): Promise<void> {
  try {
    const base = baseOf(event);
    // What a damaged payload does to the decompressor is no business of ours.
    if (base.type === EVENT.transactionPayload) {
      decodePayload(event, HEADER_BYTES, event.length);
      return;
    }
    const decoded = await decodeAll(decoder, event);
    for (const item of decoded) if (item.kind === 'rows') readAll(item);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof MillraceError)) throw error;
  }
}

const known = new WeakMap<TableMap, readonly (ValueReader | undefined)[]>();

function readersOf(table: TableMap): readonly (ValueReader | undefined)[] {
  let readers = known.get(table);
  if (readers === undefined) {
    readers = columnsOf(table)?.map((column, index) => {
      const wire = table.columns[index];
      return wire === undefined ? undefined : codecOf(column, VALUE_SETTINGS, 't')?.onWire(wire);
    });
    known.set(table, readers ?? []);
  }
  return readers ?? [];
}

const to = Buffer.alloc(1 << 16);

function readAll(event: RowsEvent): number {
  const readers = readersOf(event.table);
  let count = 0;
  for (const cursor = new RowCursor(event); cursor.next();) {
    for (const [at, isAfter] of [
      [cursor.beforeAt, false],
      [cursor.afterAt, event.operation === 'update'],
    ] as const) {
      if (at < 0) continue;
      const fields = readRow(event, at, isAfter, emptyFields());
      readers.forEach((reader, index) => {
        const start = fields.at[index * 2] ?? -1;
        const end = fields.at[index * 2 + 1] ?? -1;
        if (start < 0 || reader === undefined) return;
        reader.json?.(fields.buffer, start, end, to, 0);
        reader.read(fields.buffer, start, end);
        count++;
      });
    }
  }
  return count;
}
