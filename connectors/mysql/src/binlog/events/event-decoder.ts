import { crc32 } from '@node-rs/crc32';
import { decodeGtidSet } from '../gtid/encode-gtid-set.ts';
import { ByteReader } from './byte-reader.ts';
import type { BinlogEvent, EventBase, QueryEvent, RowsEvent } from './event.ts';
import { CHECKSUM_BYTES, EVENT, FLAG_IGNORABLE, HEADER_BYTES } from './event-types.ts';
import {
  decodeGtidList,
  decodeMariadbGtid,
  decodeMysqlGtid,
  decodeTaggedGtid,
} from './gtid-event.ts';
import { inflateEvent } from './mariadb-compression.ts';
import { applyPartialUpdates } from './partial-update.ts';
import { decodeRows, NO_TABLE, ROWS_FORMS } from './rows-event.ts';
import { decodeTableMap, type TableMap } from './table-map.ts';

/** Tables whose descriptions are kept; more are described again when they come. */
const TABLES_MAX = 16_384;

interface KnownTable {
  readonly bytes: Buffer;
  readonly table: TableMap;
}

/** From bytes to events. Keeps the format and the tables of the current file. Pure of I/O and time. */
export class EventDecoder {
  readonly #flavour: 'mysql' | 'mariadb';
  #checksumBytes = 0;
  /** The table numbers of the current file. */
  readonly #numbers = new Map<number, TableMap>();
  readonly #known = new Map<string, KnownTable>();

  constructor(flavour: 'mysql' | 'mariadb') {
    this.#flavour = flavour;
  }

  /** Bytes at the end of each event that are its checksum. */
  get checksumBytes(): number {
    return this.#checksumBytes;
  }

  /** Whether its checksum is that of its bytes. The event that begins a file tells itself whether it has one. */
  isWhole(bytes: Buffer, start: number, end: number): boolean {
    const type = bytes[start + 4];
    if (type === EVENT.rotate) return true; // see `decode`
    const checksumBytes =
      type === EVENT.format ? formatChecksum(bytes, start, end) : this.#checksumBytes;
    return checksumBytes === 0 || hasChecksum(bytes, start, end);
  }

  /**
   * @param end behind the checksum, when there is one
   * @throws RangeError when it is not whole, or not of a known form
   */
  decode(bytes: Buffer, start: number, end: number, base: EventBase): BinlogEvent {
    if (base.type === EVENT.format) return this.#format(bytes, start, end, base);
    // One that is made for the connection comes before the format is known: it has a checksum if it looks so.
    const checksumBytes =
      base.type === EVENT.rotate
        ? hasChecksum(bytes, start, end)
          ? CHECKSUM_BYTES
          : 0
        : this.#checksumBytes;
    const stop = end - checksumBytes;
    if (stop < start + HEADER_BYTES) throw new RangeError('an event without content');
    return this.decodeBody(bytes, start + HEADER_BYTES, stop, base);
  }

  /** From behind the header to before the checksum. */
  decodeBody(bytes: Buffer, start: number, end: number, base: EventBase): BinlogEvent {
    const rowsForm = ROWS_FORMS.get(base.type);
    if (rowsForm !== undefined) {
      const rows = decodeRows(rowsForm, bytes, start, end);
      if (rows.tableId === NO_TABLE && rows.columnCount === 0) return { ...base, kind: 'other' };
      const table = this.#numbers.get(rows.tableId);
      if (table === undefined)
        throw new RangeError(`rows of table ${rows.tableId}, which was not described`);
      if (table.columns.length !== rows.columnCount)
        throw new RangeError(
          `rows of ${rows.columnCount} columns of a table that has ${table.columns.length}`,
        );
      // Member by member: the commonest event, and spreading makes it several times as slow.
      const event: RowsEvent = {
        type: base.type,
        timestamp: base.timestamp,
        serverId: base.serverId,
        flags: base.flags,
        isArtificial: base.isArtificial,
        file: base.file,
        position: base.position,
        nextPosition: base.nextPosition,
        kind: 'rows',
        operation: rows.operation,
        table,
        buffer: rows.buffer,
        start: rows.start,
        end: rows.end,
        columns: rows.columns,
        columnsAfter: rows.columnsAfter,
        isLastOfStatement: rows.isLastOfStatement,
      };
      return base.type === EVENT.partialUpdateRows ? applyPartialUpdates(event) : event;
    }
    switch (base.type) {
      case EVENT.tableMap:
        return { ...base, kind: 'table-map', table: this.#describe(bytes, start, end) };
      case EVENT.query:
        return { ...base, kind: 'query', ...decodeQuery(bytes, start, end, false) };
      case EVENT.mariadbQueryCompressed:
        return { ...base, kind: 'query', ...decodeQuery(bytes, start, end, true) };
      case EVENT.xid:
        return { ...base, kind: 'xid', xid: new ByteReader(bytes, start, end).unsignedBigint() };
      case EVENT.gtid:
      case EVENT.anonymousGtid:
        return {
          ...base,
          kind: 'gtid',
          ...decodeMysqlGtid(bytes, start, end, base.type === EVENT.anonymousGtid),
        };
      case EVENT.gtidTagged:
        return { ...base, kind: 'gtid', ...decodeTaggedGtid(bytes, start, end) };
      case EVENT.mariadbGtid:
        return { ...base, kind: 'gtid', ...decodeMariadbGtid(bytes, start, end, base.serverId) };
      case EVENT.previousGtids:
        return {
          ...base,
          kind: 'previous-gtids',
          gtids: decodeGtidSet(bytes, start, end).toString(),
        };
      case EVENT.mariadbGtidList:
        return { ...base, kind: 'previous-gtids', gtids: decodeGtidList(bytes, start, end) };
      case EVENT.rotate:
        return { ...base, kind: 'rotate', ...decodeRotate(bytes, start, end) };
      case EVENT.rowsQuery: {
        // The byte of its length holds for short ones only.
        const query = bytes.toString('utf8', start + 1, end);
        return { ...base, kind: 'rows-query', query };
      }
      case EVENT.mariadbAnnotateRows:
        return { ...base, kind: 'rows-query', query: bytes.toString('utf8', start, end) };
      case EVENT.xaPrepare:
        return { ...base, kind: 'xa-prepare', isOnePhase: bytes[start] === 1 };
      case EVENT.heartbeat:
      case EVENT.heartbeatV2:
        return { ...base, kind: 'heartbeat' };
      case EVENT.incident: {
        const reader = new ByteReader(bytes, start, end);
        reader.skip(2);
        return { ...base, kind: 'incident', message: reader.text(reader.uint8()) };
      }
      case EVENT.mariadbStartEncryption:
        throw new RangeError('the binlog is encrypted, and the server sent it so');
      default:
        if (base.type > EVENT.gtidTagged && base.type < EVENT.mariadbAnnotateRows)
          return unknown(base);
        return { ...base, kind: 'other' };
    }
  }

  #format(bytes: Buffer, start: number, end: number, base: EventBase): BinlogEvent {
    this.#checksumBytes = formatChecksum(bytes, start, end);
    this.#numbers.clear();
    const reader = new ByteReader(bytes, start + HEADER_BYTES, end);
    const version = reader.uint(2);
    if (version !== 4) throw new RangeError(`binlog version ${version} is unknown`);
    const serverVersion = reader.text(50).replace(/\0.*$/s, '');
    return { ...base, kind: 'format', serverVersion, hasChecksums: this.#checksumBytes > 0 };
  }

  #describe(bytes: Buffer, start: number, end: number): TableMap {
    const reader = new ByteReader(bytes, start, end);
    const number = reader.uint(6);
    reader.skip(2);
    const at = reader.at;
    const table = this.#tableOf(bytes, at, end);
    if (this.#numbers.size >= TABLES_MAX) this.#numbers.clear();
    this.#numbers.set(number, table);
    return table;
  }

  /** The same object for the same bytes, so that what was made of it is found again. */
  #tableOf(bytes: Buffer, start: number, end: number): TableMap {
    const name = namesOf(bytes, start, end);
    const known = this.#known.get(name);
    if (known !== undefined && bytes.compare(known.bytes, 0, known.bytes.length, start, end) === 0)
      return known.table;
    const table = decodeTableMap(bytes, start, end, this.#flavour);
    if (this.#known.size >= TABLES_MAX) this.#known.clear();
    this.#known.set(name, { bytes: Buffer.from(bytes.subarray(start, end)), table });
    return table;
  }
}

function hasChecksum(bytes: Buffer, start: number, end: number): boolean {
  const stop = end - CHECKSUM_BYTES;
  return stop > start && crc32(bytes.subarray(start, stop)) === bytes.readUInt32LE(stop);
}

/** Database and table with their lengths, as they stand at the begin. */
function namesOf(bytes: Buffer, start: number, end: number): string {
  const reader = new ByteReader(bytes, start, end);
  reader.skip(reader.uint8() + 1);
  reader.skip(reader.packed() + 1);
  return bytes.toString('latin1', start, reader.at);
}

/** A type above all that we know, which the server does not allow to be left out, would be lost changes. */
function unknown(base: EventBase): BinlogEvent {
  if ((base.flags & FLAG_IGNORABLE) === 0)
    throw new RangeError(`event type ${base.type} is unknown`);
  return { ...base, kind: 'other' };
}

/** The last byte before the checksum's place is the algorithm: 0 none, 1 CRC32. Servers before 5.6 have none. */
function formatChecksum(bytes: Buffer, start: number, end: number): number {
  const algorithm = bytes[end - CHECKSUM_BYTES - 1];
  if (end - start < HEADER_BYTES + 57 + 40 || algorithm === 0 || algorithm === 255) return 0;
  if (algorithm === 1) return CHECKSUM_BYTES;
  throw new RangeError(`checksum algorithm ${algorithm} is unknown`);
}

function decodeQuery(
  bytes: Buffer,
  start: number,
  end: number,
  isCompressed: boolean,
): Pick<QueryEvent, 'database' | 'query' | 'threadId' | 'errorCode'> {
  const reader = new ByteReader(bytes, start, end);
  const threadId = reader.uint(4);
  reader.skip(4);
  const databaseLength = reader.uint8();
  const errorCode = reader.uint(2);
  reader.skip(reader.uint(2));
  const database = reader.text(databaseLength);
  reader.skip(1);
  const query = isCompressed
    ? inflateEvent(bytes, reader.at, end).toString()
    : reader.text(reader.left);
  return { database, query, threadId, errorCode };
}

function decodeRotate(
  bytes: Buffer,
  start: number,
  end: number,
): { readonly nextFile: string; readonly firstPosition: number } {
  const reader = new ByteReader(bytes, start, end);
  const firstPosition = reader.uint64();
  return { nextFile: reader.text(reader.left), firstPosition };
}
