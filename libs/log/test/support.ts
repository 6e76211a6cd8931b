import { RecordBatchBuilder, decodeRecords, batchSize, type Codec } from '@millrace/kafka-protocol';
import type { Clock, Random } from '@millrace/foundation';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes with its scope. */
export async function openTempFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-log-'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export interface BatchSpec {
  readonly values: readonly (string | null)[];
  readonly keys?: readonly (string | null)[];
  readonly timestampMs?: number;
  readonly timestampsMs?: readonly number[];
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly baseOffset?: number;
  readonly partitionLeaderEpoch?: number;
  readonly isTransactional?: boolean;
  readonly codec?: Codec;
}

export function batch(spec: BatchSpec): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const [index, value] of spec.values.entries()) {
    const key = spec.keys?.[index];
    builder.append(
      key === undefined || key === null ? null : Buffer.from(key),
      value === null ? null : Buffer.from(value),
      spec.timestampsMs?.[index] ?? spec.timestampMs ?? 1000,
    );
  }
  return builder.buildSync(spec);
}

export function recordsOf(
  bytes: Uint8Array,
): { offset: number; key: string | null; value: string | null }[] {
  const records = [];
  for (let at = 0; at < bytes.byteLength;) {
    const size = batchSize(bytes, at);
    for (const record of decodeRecords(bytes.subarray(at, at + size))) {
      records.push({
        offset: record.offset,
        key: record.key && Buffer.from(record.key).toString(),
        value: record.value && Buffer.from(record.value).toString(),
      });
    }
    at += size;
  }
  return records;
}

/** Time moves only by `advance`. */
export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: { dueMs: number; wake: () => void }[] = [];

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(new Error('stopped'));
      };
      if (signal?.aborted === true) {
        onAbort();
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#sleepers.push({ dueMs: this.#nowMs + durationMs, wake });
    });
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    const due = this.#sleepers.filter((sleeper) => sleeper.dueMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.dueMs > this.#nowMs);
    for (const sleeper of due) sleeper.wake();
  }
}

/** A small reproducible generator (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    nextInt: (exclusiveMax) => Math.floor(next() * exclusiveMax),
    nextBytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)),
  };
}
