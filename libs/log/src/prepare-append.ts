import {
  attributesOf,
  BATCH_OVERHEAD,
  codecOf,
  compress,
  hasLogAppendTime,
  isControl,
  isTransactional,
  openBatch,
  writeBatchHeader,
  type BatchHeader,
  type Codec,
} from '@millrace/kafka-protocol';
import { describeError } from '@millrace/foundation';
import { refused, type AppendRefused } from './append-types.ts';
import type { AppendOrigin, CheckedAppend, CheckedBatch } from './check-append.ts';
import { batchTooLarge, invalidRecords } from './errors.ts';
import type { LogConfig } from './log-config.ts';
import type { LogPorts } from './log-types.ts';
import { checkRecords } from './record-rules.ts';

const CODEC_IDS: Readonly<Record<Codec, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };
/** A batch that grows beyond this many times `max.message.bytes` is a bomb, or as good as one. */
const GROWTH_MAX = 64;

/** Whether the records must be looked at that are compressed, or packed in another way. */
export function needsUnpacking(
  { batches }: CheckedAppend,
  origin: AppendOrigin,
  config: LogConfig,
): boolean {
  if (origin !== 'client') return false;
  const target = targetCodec(config);
  for (const { header } of batches) {
    const codec = codecOf(header.attributes);
    if (codec !== 0 || (target !== undefined && CODEC_IDS[target] !== codec)) return true;
  }
  return false;
}

export interface PreparedAppend {
  readonly kind: 'prepared';
  readonly bytes: Uint8Array;
  readonly checked: CheckedAppend;
}

/**
 * Checks the records of compressed batches as Kafka does (they can be read, are as many as the header says, have a
 * key where the topic needs one), and packs them as `compression.type` says. Runs in the thread pool as far as the
 * codec can; few at a time over all logs (INV-6).
 */
export async function prepareAppend(
  bytes: Uint8Array,
  checked: CheckedAppend,
  origin: AppendOrigin,
  config: LogConfig,
  ports: LogPorts,
): Promise<PreparedAppend | AppendRefused> {
  if (!needsUnpacking(checked, origin, config)) return { kind: 'prepared', bytes, checked };
  return ports.unpacking.run(async () => {
    const parts: Uint8Array[] = [];
    let isChanged = false;
    for (const batch of checked.batches) {
      const whole = bytes.subarray(batch.at, batch.at + batch.size);
      const prepared = await prepareBatch(whole, batch.header, config, ports.clock.nowMs());
      if ('kind' in prepared) return prepared;
      isChanged ||= prepared !== whole;
      parts.push(prepared);
    }
    if (!isChanged) return { kind: 'prepared', bytes, checked };
    return join(parts, checked);
  });
}

function targetCodec(config: LogConfig): Codec | undefined {
  const type = config['compression.type'];
  if (type === 'producer') return undefined;
  return type === 'uncompressed' ? 'none' : type;
}

async function prepareBatch(
  bytes: Uint8Array,
  header: BatchHeader,
  config: LogConfig,
  nowMs: number,
): Promise<Uint8Array | AppendRefused> {
  let records: Uint8Array;
  try {
    const decompressedBytesMax = Math.max(config['max.message.bytes'], 1024 * 1024) * GROWTH_MAX;
    ({ records } = await openBatch(bytes, 0, { decompressedBytesMax }));
  } catch (error) {
    return refused('invalid-record', invalidRecords(describeError(error)));
  }
  const problem = checkRecords(records, 0, records.byteLength, header, config, nowMs);
  if (problem !== undefined) return problem;
  const target = targetCodec(config);
  if (target === undefined || CODEC_IDS[target] === codecOf(header.attributes)) return bytes;
  const packed = await compress(target, records, levelOf(target, config));
  const size = BATCH_OVERHEAD + packed.byteLength;
  if (size > config['max.message.bytes']) {
    return refused('too-large', batchTooLarge(size, config['max.message.bytes']));
  }
  const repacked = new Uint8Array(size);
  repacked.set(packed, BATCH_OVERHEAD);
  const attributes = attributesOf({
    codec: CODEC_IDS[target],
    hasLogAppendTime: hasLogAppendTime(header.attributes),
    isTransactional: isTransactional(header.attributes),
    isControl: isControl(header.attributes),
  });
  writeBatchHeader(repacked, 0, size, { ...header, attributes });
  return repacked;
}

function join(parts: readonly Uint8Array[], checked: CheckedAppend): PreparedAppend {
  const [only] = parts;
  const bytes = only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
  const batches: CheckedBatch[] = [];
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const header = checked.batches[index]?.header;
    if (header !== undefined) {
      const attributes = ((part[21] ?? 0) << 8) | (part[22] ?? 0);
      const batchLength = part.byteLength - 12;
      const repacked = { ...header, attributes, batchLength };
      batches.push({ at, size: part.byteLength, header: repacked });
    }
    at += part.byteLength;
  }
  return { kind: 'prepared', bytes, checked: { ...checked, batches } };
}

/** lz4 and snappy have none. */
function levelOf(target: Codec, config: LogConfig): { readonly level?: number } {
  switch (target) {
    case 'gzip':
      return { level: config['compression.gzip.level'] };
    case 'zstd':
      return { level: config['compression.zstd.level'] };
    default:
      return {};
  }
}
