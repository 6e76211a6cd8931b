import { ByteReader } from './byte-reader.ts';

const FIELD = { end: 0, size: 1, compression: 2, unpackedSize: 3 } as const;
const ZSTD = 0;
const NONE = 255;

export interface TransactionPayload {
  readonly isCompressed: boolean;
  readonly unpackedBytes: number;
  readonly data: Buffer;
}

/** `binlog_transaction_compression`: a whole transaction in one event. @throws RangeError when it is not whole */
export function decodePayload(bytes: Buffer, start: number, end: number): TransactionPayload {
  const reader = new ByteReader(bytes, start, end);
  let size = -1;
  let compression = NONE;
  let unpackedBytes = 0;
  for (;;) {
    const kind = reader.packed();
    if (kind === FIELD.end) break;
    const field = new ByteReader(reader.bytes(reader.packed()), 0, Number.MAX_SAFE_INTEGER);
    if (kind === FIELD.size) size = field.packed();
    else if (kind === FIELD.compression) compression = field.packed();
    else if (kind === FIELD.unpackedSize) unpackedBytes = field.packed();
  }
  if (compression !== ZSTD && compression !== NONE)
    throw new RangeError(`compression ${compression} is unknown`);
  return {
    isCompressed: compression === ZSTD,
    unpackedBytes,
    data: size < 0 ? reader.rest() : reader.bytes(size),
  };
}
