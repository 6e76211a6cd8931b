import { connect, type Socket } from 'node:net';
import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import { parseBootstrap } from '@millrace/kafka-client';

const VERSION = 11;

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
export async function fetchAndDiscard(address: string, plan: FetchPlan): Promise<number> {
  const [broker] = parseBootstrap(address);
  if (broker === undefined) throw new Error(`no address in "${address}"`);
  const socket = connect(broker.port, broker.host);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let bytes = 0;
  for (let offset = 0; offset < plan.recordCount;) {
    const frameBytes = await ask(socket, fetchFrame(plan, offset));
    const batches = Math.floor(frameBytes / plan.batchBytes);
    if (batches === 0) throw new Error(`only ${frameBytes} bytes came for offset ${offset}`);
    bytes += batches * plan.batchBytes;
    offset += batches * plan.batchRecords;
  }
  socket.destroy();
  return bytes;
}

/** Sends a request and resolves with the size of its answer, once all of it has come. */
function ask(socket: Socket, frame: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    let size = -1;
    let received = 0;
    const onData = (chunk: Buffer): void => {
      if (size < 0) size = chunk.readInt32BE(0) + 4;
      received += chunk.length;
      if (received < size) return;
      socket.off('data', onData);
      socket.off('error', reject);
      resolve(size);
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.write(frame);
  });
}

function fetchFrame({ topic, sliceBytes }: FetchPlan, fetchOffset: number): Uint8Array {
  return encodeRequestFrame(apis.fetch, VERSION, 1, 'bench', {
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: sliceBytes,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: sliceBytes }] }],
  });
}
