import { MysqlGtidSet } from './mysql-gtid-set.ts';
import type { Interval } from './intervals.ts';
import { ByteReader } from '../events/byte-reader.ts';

/**
 * MySQL's binary form, of COM_BINLOG_DUMP_GTID and PREVIOUS_GTIDS. Without tags the first eight bytes are the number of
 * UUIDs; with them, the first and the last byte are 1 and the number stands in the six bytes between.
 */
export function encodeGtidSet(set: MysqlGtidSet): Buffer {
  const members = [...set.members].sort(([left], [right]) => (left < right ? -1 : 1));
  const isTagged = members.some(([member]) => member.length > 36);
  const parts: Buffer[] = [header(members.length, isTagged)];
  for (const [member, intervals] of members) {
    parts.push(Buffer.from(member.slice(0, 36).replaceAll('-', ''), 'hex'));
    if (isTagged) {
      const tag = Buffer.from(member.slice(37));
      // A length below 64 is one byte, shifted by one: the low bits tell how many bytes follow.
      parts.push(Buffer.from([tag.length << 1]), tag);
    }
    parts.push(encodeIntervals(intervals));
  }
  return Buffer.concat(parts);
}

function header(count: number, isTagged: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUIntLE(count, isTagged ? 1 : 0, 6);
  if (isTagged) {
    bytes[0] = 1;
    bytes[7] = 1;
  }
  return bytes;
}

function encodeIntervals(intervals: readonly Interval[]): Buffer {
  const bytes = Buffer.alloc(8 + intervals.length * 16);
  bytes.writeBigUInt64LE(BigInt(intervals.length), 0);
  intervals.forEach(({ first, last }, index) => {
    bytes.writeBigInt64LE(first, 8 + index * 16);
    bytes.writeBigInt64LE(last + 1n, 16 + index * 16); // the end does not belong to it
  });
  return bytes;
}

/** @throws RangeError when it is not whole */
export function decodeGtidSet(bytes: Buffer, start: number, end: number): MysqlGtidSet {
  const reader = new ByteReader(bytes, start, end);
  const format = bytes[start + 7] === 1 ? 1 : 0;
  let count: number;
  if (format === 1) {
    reader.skip(1);
    count = reader.uint(6);
    reader.skip(1);
  } else count = reader.uint64();
  const members: (readonly [string, readonly Interval[]])[] = [];
  for (let index = 0; index < count; index++) {
    const uuid = uuidText(reader.bytes(16));
    const tag = format === 1 ? reader.text(reader.uint8() >> 1) : '';
    const intervals: Interval[] = [];
    for (let left = reader.uint64(); left > 0; left--)
      intervals.push({ first: reader.bigint(), last: reader.bigint() - 1n });
    members.push([tag === '' ? uuid : `${uuid}:${tag}`, intervals]);
  }
  return MysqlGtidSet.of(members);
}

export function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
