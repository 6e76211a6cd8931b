/** Record batches the slow obvious way: the oracle for the builder and the cursor. */

export interface PlainRecord {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

export interface PlainFields {
  readonly baseOffset: number;
  readonly partitionLeaderEpoch: number;
  readonly attributes: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export function plainVarint(value: number): number[] {
  const exact = BigInt(value);
  let zigZag = exact >= 0n ? exact * 2n : -exact * 2n - 1n;
  const bytes: number[] = [];
  while (zigZag >= 128n) {
    bytes.push(Number(zigZag % 128n) + 128);
    zigZag /= 128n;
  }
  return [...bytes, Number(zigZag)];
}

function plainField(field: Uint8Array | null): number[] {
  return field === null ? plainVarint(-1) : [...plainVarint(field.byteLength), ...field];
}

export function plainRecords(records: readonly PlainRecord[]): Uint8Array {
  const base = records[0]?.timestampMs ?? 0;
  const all = records.flatMap((record, index) => {
    const body = [
      0,
      ...plainVarint(record.timestampMs - base),
      ...plainVarint(index),
      ...plainField(record.key),
      ...plainField(record.value),
      ...plainVarint(record.headers.length),
      ...record.headers.flatMap((header) => [
        ...plainField(Buffer.from(header.key)),
        ...plainField(header.value),
      ]),
    ];
    return [...plainVarint(body.length), ...body];
  });
  return Uint8Array.from(all);
}

/** CRC-32C bit by bit. */
export function plainCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (crc ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit += 1)
      crc = ((crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1) >>> 0;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** `body` are the records as they lie in the batch, compressed or not. */
export function plainBatch(
  records: readonly PlainRecord[],
  fields: PlainFields,
  body = plainRecords(records),
): Uint8Array {
  const batch = Buffer.alloc(61 + body.byteLength);
  const times = records.map((record) => record.timestampMs);
  batch.writeBigInt64BE(BigInt(fields.baseOffset), 0);
  batch.writeInt32BE(batch.byteLength - 12, 8);
  batch.writeInt32BE(fields.partitionLeaderEpoch, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(fields.attributes, 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(times[0] ?? -1), 27);
  batch.writeBigInt64BE(BigInt(Math.max(-1, ...times)), 35);
  batch.writeBigInt64BE(BigInt(fields.producerId), 43);
  batch.writeInt16BE(fields.producerEpoch, 51);
  batch.writeInt32BE(fields.baseSequence, 53);
  batch.writeInt32BE(records.length, 57);
  batch.set(body, 61);
  batch.writeUInt32BE(plainCrc32c(batch.subarray(21)), 17);
  return batch;
}
