import { uuidText } from '../gtid/encode-gtid-set.ts';
import { ByteReader } from './byte-reader.ts';

export interface Gtid {
  readonly gtid: string | null;
  readonly isStandalone: boolean;
  readonly beginsTransaction: boolean;
  readonly commitMicros: number | null;
}

/** MySQL's, also the anonymous one. */
export function decodeMysqlGtid(
  bytes: Buffer,
  start: number,
  end: number,
  isAnonymous: boolean,
): Gtid {
  const reader = new ByteReader(bytes, start, end);
  reader.skip(1);
  const uuid = uuidText(reader.bytes(16));
  const number = reader.bigint();
  const gtid = isAnonymous ? null : `${uuid}:${number}`;
  const base = { gtid, isStandalone: false, beginsTransaction: false };
  // Logical timestamps since 5.7, commit times since 8.0.1.
  if (reader.left < 1 + 16 + 7) return { ...base, commitMicros: null };
  reader.skip(17);
  return { ...base, commitMicros: commitTime(reader) };
}

/** 55 bits here, and when the highest bit is set, those of the server where it was first executed behind them. */
function commitTime(reader: ByteReader): number {
  const immediate = microsOf(reader);
  return immediate.hasMore ? microsOf(reader).micros : immediate.micros;
}

function microsOf(reader: ByteReader): { readonly micros: number; readonly hasMore: boolean } {
  const low = reader.uint(4);
  const high = reader.uint(3);
  return { micros: (high & 0x7f_ffff) * 2 ** 32 + low, hasMore: (high & 0x80_0000) !== 0 };
}

const TAGGED_FIELD = { uuid: 1, number: 2, tag: 3, immediateCommit: 6, originalCommit: 7 } as const;
const TAGGED_FIELDS_MAX = 64;

/** Since MySQL 8.3, of its serialisation library: numbered fields, all numbers of variable length. */
export function decodeTaggedGtid(bytes: Buffer, start: number, end: number): Gtid {
  const reader = new ByteReader(bytes, start, end);
  variable(reader); // version
  const size = variable(reader);
  variable(reader); // the last field that must not be ignored
  const stop = Math.min(start + Number(size), end);
  let uuid = '';
  let number = 0n;
  let tag = '';
  let immediate = 0n;
  let original: bigint | null = null;
  for (let count = 0; count < TAGGED_FIELDS_MAX && reader.at < stop; count++) {
    const field = Number(variable(reader));
    switch (field) {
      case TAGGED_FIELD.uuid:
        uuid = uuidText(Buffer.from(Array.from({ length: 16 }, () => Number(variable(reader)))));
        break;
      case TAGGED_FIELD.number:
        number = variable(reader) >> 1n; // signed, its sign in the lowest bit
        break;
      case TAGGED_FIELD.tag:
        tag = reader.text(Number(variable(reader)));
        break;
      case TAGGED_FIELD.immediateCommit:
        immediate = variable(reader);
        break;
      case TAGGED_FIELD.originalCommit:
        original = variable(reader);
        break;
      default:
        variable(reader); // all others are numbers
    }
  }
  if (uuid === '') throw new RangeError('a tagged GTID has no UUID');
  return {
    gtid: tag === '' ? `${uuid}:${number}` : `${uuid}:${tag}:${number}`,
    isStandalone: false,
    beginsTransaction: false,
    commitMicros: Number(original ?? immediate),
  };
}

/** As many ones at the low end of the first byte as bytes follow it. */
function variable(reader: ByteReader): bigint {
  const first = reader.uint8();
  let following = 0;
  while (following < 8 && ((first >> following) & 1) === 1) following++;
  let value = BigInt(first);
  for (let index = 1; index <= following; index++)
    value |= BigInt(reader.uint8()) << BigInt(index * 8);
  return value >> BigInt(following === 8 ? 8 : following + 1);
}

const MARIADB_STANDALONE = 1;

export function decodeMariadbGtid(
  bytes: Buffer,
  start: number,
  end: number,
  serverId: number,
): Gtid {
  const reader = new ByteReader(bytes, start, end);
  const sequence = reader.unsignedBigint();
  const domain = reader.uint(4);
  const isStandalone = (reader.uint8() & MARIADB_STANDALONE) !== 0;
  return {
    gtid: `${domain}-${serverId}-${sequence}`,
    isStandalone,
    beginsTransaction: !isStandalone,
    commitMicros: null,
  };
}

/** The domains' last transactions before a file. */
export function decodeGtidList(bytes: Buffer, start: number, end: number): string {
  const reader = new ByteReader(bytes, start, end);
  const places: string[] = [];
  for (let left = reader.uint(4) & 0x0fff_ffff; left > 0; left--) {
    const domain = reader.uint(4);
    const server = reader.uint(4);
    places.push(`${domain}-${server}-${reader.unsignedBigint()}`);
  }
  return places.join(',');
}
