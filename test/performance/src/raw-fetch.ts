import { connect } from 'node:net';
import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import { parseBootstrap } from '@millrace/kafka-client';

const VERSION = 11;
const SIZE_BYTES = 4;
/** One buffer for all reads of a connection: a fresh one for each costs the reader more than the copy itself. */
const READ_BYTES = 256 * 1_024;

export interface FetchPlan {
  readonly topic: string;
  readonly batchBytes: number;
  readonly batchRecords: number;
  readonly recordCount: number;
  readonly sliceBytes: number;
}

/**
 * Reads a partition of equal batches from its start and throws the bytes away, as the bare copy does; the next offset
 * follows from how many batches came. Returns the bytes of records.
 */
export function fetchAndDiscard(address: string, plan: FetchPlan): Promise<number> {
  const [broker] = parseBootstrap(address);
  if (broker === undefined) throw new Error(`no address in "${address}"`);
  const { port, host } = broker;
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let offset = 0;
    const answers = new AnswerSizes((frameBytes) => {
      const batches = Math.floor(frameBytes / plan.batchBytes);
      if (batches === 0) {
        socket.destroy(new Error(`only ${frameBytes} bytes came for offset ${offset}`));
        return;
      }
      bytes += batches * plan.batchBytes;
      offset += batches * plan.batchRecords;
      if (offset < plan.recordCount) socket.write(fetchFrame(plan, offset));
      else {
        resolve(bytes);
        socket.destroy();
      }
    });
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (count: number): boolean => {
      answers.push(buffer.subarray(0, count));
      return true;
    };
    const socket = connect({ port, host, onread: { buffer, callback } });
    socket.once('connect', () => socket.write(fetchFrame(plan, offset)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the broker closed the connection')));
  });
}

/** Tells the size of each answer once all of it has passed by. */
class AnswerSizes {
  readonly #onAnswer: (frameBytes: number) => void;
  readonly #size = Buffer.alloc(SIZE_BYTES);
  #sizeBytes = 0;
  #left = 0;

  constructor(onAnswer: (frameBytes: number) => void) {
    this.#onAnswer = onAnswer;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#sizeBytes < SIZE_BYTES) {
        const count = chunk.copy(this.#size, this.#sizeBytes, at);
        this.#sizeBytes += count;
        this.#left = this.#size.readInt32BE(0);
        at += count;
        continue;
      }
      const count = Math.min(this.#left, chunk.length - at);
      this.#left -= count;
      at += count;
      if (this.#left > 0) continue;
      this.#sizeBytes = 0;
      this.#onAnswer(this.#size.readInt32BE(0) + SIZE_BYTES);
    }
  }
}

function fetchFrame({ topic, sliceBytes }: FetchPlan, fetchOffset: number): Uint8Array {
  return encodeRequestFrame(apis.fetch, VERSION, 1, 'bench', {
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: sliceBytes,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: sliceBytes }] }],
  });
}
