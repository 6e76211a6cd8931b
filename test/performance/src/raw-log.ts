import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { parseBootstrap, TcpTransport, type Connection } from '@millrace/kafka-client';
import { apis, RecordBatchBuilder, ZERO_UUID } from '@millrace/kafka-protocol';

const RECORD_BYTES = 100;
const IN_FLIGHT = 8;

export interface Batch {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

/** A batch of 100-byte values of about the given size, as a producer would build it. */
export function batchOf(batchBytes: number): Batch {
  const builder = new RecordBatchBuilder(batchBytes + 1_024);
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  while (builder.byteLength < batchBytes) builder.append(null, value, systemClock.nowMs());
  const { recordCount } = builder;
  return { bytes: builder.buildSync(), recordCount };
}

/** One connection without a client around it, so that the broker is what is measured. */
export async function openConnection(address: string): Promise<Connection> {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const [broker] = parseBootstrap(address);
  if (broker === undefined) throw new Error(`no address in "${address}"`);
  return new TcpTransport({ ...ports, clientId: 'bench' }).connect(
    broker,
    new AbortController().signal,
  );
}

/** Sends the batch again and again with a few requests in flight; throws on the first refusal. */
export async function produceBatches(
  connection: Connection,
  topic: string,
  batch: Batch,
  batchCount: number,
  acks: number,
): Promise<void> {
  let left = batchCount;
  const sendNext = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await connection.send(apis.produce, 9, {
        transactionalId: null,
        acks,
        timeoutMs: 30_000,
        // The log may stamp offsets into what it is given, but over TCP it gets a copy.
        topicData: [
          {
            name: topic,
            topicId: ZERO_UUID,
            partitionData: [{ index: 0, records: batch.bytes }],
          },
        ],
      });
      const errorCode = response.responses[0]?.partitionResponses[0]?.errorCode;
      if (errorCode !== 0) throw new Error(`produce was refused with error ${String(errorCode)}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendNext));
}
