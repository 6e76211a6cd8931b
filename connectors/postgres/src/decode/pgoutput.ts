import { readInt32, readInt64, readUint16, readUint32 } from './bytes.ts';

/** Messages of the pgoutput plugin, protocol version 1. No I/O. */

/** Microseconds between 1970 and 2000, PostgreSQL's epoch. */
export const POSTGRES_EPOCH_MICROS = 946_684_800_000_000;

export const MESSAGE = {
  begin: 0x42,
  commit: 0x43,
  origin: 0x4f,
  relation: 0x52,
  type: 0x59,
  insert: 0x49,
  update: 0x55,
  delete: 0x44,
  truncate: 0x54,
  logical: 0x4d,
} as const;

/** Raised for bytes that are no message of this protocol; the connection is useless then. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

export interface Begin {
  /** Start of the commit record. */
  readonly finalLsn: number;
  readonly commitMicros: number;
  readonly xid: number;
}

export function decodeBegin(buffer: Buffer, start: number, end: number): Begin {
  needBytes('begin', start + 21, end);
  return {
    finalLsn: readInt64(buffer, start + 1),
    commitMicros: readInt64(buffer, start + 9) + POSTGRES_EPOCH_MICROS,
    xid: readUint32(buffer, start + 17),
  };
}

export interface Commit {
  /** Start of the commit record. */
  readonly lsn: number;
  /** First byte after it: what may be confirmed once the transaction is durable. */
  readonly endLsn: number;
  readonly commitMicros: number;
}

export function decodeCommit(buffer: Buffer, start: number, end: number): Commit {
  needBytes('commit', start + 26, end);
  return {
    lsn: readInt64(buffer, start + 2),
    endLsn: readInt64(buffer, start + 10),
    commitMicros: readInt64(buffer, start + 18) + POSTGRES_EPOCH_MICROS,
  };
}

export interface Origin {
  readonly lsn: number;
  readonly name: string;
}

export function decodeOrigin(buffer: Buffer, start: number, end: number): Origin {
  needBytes('origin', start + 10, end);
  return { lsn: readInt64(buffer, start + 1), name: text(buffer, start + 9, end).value };
}

export interface RelationColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  /** Part of the replica identity. */
  readonly isIdentity: boolean;
}

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** `d` default, `f` full, `i` index, `n` nothing */
  readonly replicaIdentity: string;
  readonly columns: readonly RelationColumn[];
}

export function decodeRelation(buffer: Buffer, start: number, end: number): Relation {
  needBytes('relation', start + 9, end);
  const oid = readUint32(buffer, start + 1);
  const schema = text(buffer, start + 5, end);
  const table = text(buffer, schema.next, end);
  needBytes('relation', table.next + 3, end);
  const replicaIdentity = String.fromCharCode(buffer[table.next] ?? 0);
  const count = readUint16(buffer, table.next + 1);
  const columns: RelationColumn[] = [];
  let position = table.next + 3;
  for (let index = 0; index < count; index++) {
    needBytes('relation', position + 1, end);
    const isIdentity = ((buffer[position] ?? 0) & 1) !== 0;
    const name = text(buffer, position + 1, end);
    needBytes('relation', name.next + 8, end);
    columns.push({
      name: name.value,
      isIdentity,
      typeOid: readUint32(buffer, name.next),
      typeModifier: readInt32(buffer, name.next + 4),
    });
    position = name.next + 8;
  }
  // An empty schema name stands for pg_catalog.
  return {
    oid,
    schema: schema.value === '' ? 'pg_catalog' : schema.value,
    table: table.value,
    replicaIdentity,
    columns,
  };
}

export interface Truncate {
  readonly relationOids: readonly number[];
}

export function decodeTruncate(buffer: Buffer, start: number, end: number): Truncate {
  needBytes('truncate', start + 6, end);
  const count = readInt32(buffer, start + 1);
  if (count < 0) throw new MalformedMessage(`a truncate of ${count} tables`);
  needBytes('truncate', start + 6 + count * 4, end);
  return {
    relationOids: Array.from({ length: count }, (_, index) =>
      readUint32(buffer, start + 6 + index * 4),
    ),
  };
}

export interface LogicalMessage {
  readonly isTransactional: boolean;
  readonly lsn: number;
  readonly prefix: string;
  readonly content: Buffer;
}

export function decodeLogicalMessage(buffer: Buffer, start: number, end: number): LogicalMessage {
  needBytes('message', start + 10, end);
  const prefix = text(buffer, start + 10, end);
  needBytes('message', prefix.next + 4, end);
  const length = readInt32(buffer, prefix.next);
  if (length < 0) throw new MalformedMessage(`a message of ${length} bytes`);
  needBytes('message', prefix.next + 4 + length, end);
  return {
    isTransactional: ((buffer[start + 1] ?? 0) & 1) !== 0,
    lsn: readInt64(buffer, start + 2),
    prefix: prefix.value,
    content: buffer.subarray(prefix.next + 4, prefix.next + 4 + length),
  };
}

function text(buffer: Buffer, start: number, end: number): { value: string; next: number } {
  const stop = buffer.indexOf(0, start);
  if (stop < 0 || stop >= end) throw new MalformedMessage('a text that does not end');
  return { value: buffer.toString('utf8', start, stop), next: stop + 1 };
}

function needBytes(what: string, needed: number, end: number): void {
  if (needed > end) throw new MalformedMessage(`a ${what} message ends too early`);
}
