import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { RecycledMemory } from '@millrace/foundation';
import {
  apis,
  decodeRecords,
  encodeRequestFrame,
  findBatchProblem,
  openBatch,
  RecordBatchBuilder,
  type Codec,
} from '@millrace/kafka-protocol';
import { BrokerContext, type TransportKind } from './broker-context.ts';
import { Answers } from './raw-socket.ts';

const RUNS = 8;
const SPOILED = 0xdb;

interface Produced {
  readonly bytes: number;
  readonly codec: Codec;
  readonly acks: number;
}

const produced: fc.Arbitrary<Produced> = fc.record({
  // Shared blocks, pieces of one request, requests of several reads, and one larger than any piece.
  bytes: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
    { weight: 4, arbitrary: fc.integer({ min: 2_000, max: 70_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 70_000, max: 700_000 }) },
  ),
  codec: fc.constantFrom('none', 'none', 'none', 'gzip', 'lz4', 'zstd'),
  acks: fc.constantFrom(-1, 1, 1, 0),
});

/** A value that says who it is and whether any of it has changed. */
function valueOf(name: string, bytes: number): Buffer {
  const body = Buffer.alloc(bytes, name);
  return Buffer.concat([Buffer.from(`${name}:${digestOf(body)}:`), body]);
}

function nameIn(value: Uint8Array): string {
  const text = Buffer.from(value).toString('latin1');
  const [name = '', digest = ''] = text.split(':', 2);
  const body = Buffer.from(value.subarray(name.length + digest.length + 2));
  return digestOf(body) === digest ? name : `damaged ${name}`;
}

function digestOf(body: Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}

function recycledAndSpoiled(): { memory: RecycledMemory; given: () => number } {
  let given = 0;
  const onGiven = (piece: Uint8Array): void => {
    given += 1;
    piece.fill(SPOILED);
  };
  return { memory: new RecycledMemory({ freeBytesMax: 1 << 23, onGiven }), given: () => given };
}

/** Sends all requests at once, as a pipelining client does; answers to acks=0 do not come. */
async function produceAll(
  context: BrokerContext,
  topic: string,
  name: string,
  plan: readonly Produced[],
): Promise<void> {
  const socket = await context.socket();
  const answers = new Answers(socket);
  for (const [index, { bytes, codec, acks }] of plan.entries()) {
    const builder = new RecordBatchBuilder(1024);
    builder.append(null, valueOf(`${name}.${index}`, bytes), Date.now());
    const records = await builder.build({ codec });
    const request = {
      acks,
      transactionalId: null,
      timeoutMs: 30_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    };
    socket.write(encodeRequestFrame(apis.produce, 9, index, 'raw', request));
  }
  for (const [index, { acks }] of plan.entries()) {
    if (acks === 0) continue;
    const { correlationId, response } = await answers.nextResponse(apis.produce, 9);
    expect(correlationId).toBe(index);
    expect(response.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  }
}

/** Follows the log and keeps all the bytes it was given; looks into them only at the end. */
async function follow(
  context: BrokerContext,
  kind: TransportKind,
  topic: string,
  count: number,
  partitionMaxBytes: number,
): Promise<readonly Uint8Array[]> {
  const client = await context.client(kind);
  const kept: Uint8Array[] = [];
  for (let offset = 0; offset < count;) {
    const { records } = await client.fetch(topic, offset, {
      maxWaitMs: 500,
      minBytes: 1,
      partitionMaxBytes,
    });
    if (records === null || records.byteLength === 0) continue;
    kept.push(records);
    offset += await countIn(records);
  }
  await client.connection.close();
  return kept;
}

async function countIn(bytes: Uint8Array): Promise<number> {
  return (await namesIn(bytes)).length;
}

async function namesIn(bytes: Uint8Array): Promise<readonly string[]> {
  const names: string[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const problem = findBatchProblem(bytes, at);
    if (problem !== undefined) return [...names, problem];
    const batch = await openBatch(bytes, at);
    for (const { value } of decodeRecords(batch)) names.push(nameIn(value ?? new Uint8Array(0)));
    at += 12 + new DataView(bytes.buffer, bytes.byteOffset + at).getInt32(8);
  }
  return names;
}

test('memory that is used again is seen by nobody who had it before: what is spoiled on its way back never shows', async () => {
  const { memory, given } = recycledAndSpoiled();
  await using context = await BrokerContext.open({
    memory,
    config: { 'max.message.bytes': '4000000' },
  });
  const admin = await context.client('tcp');
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(produced, { minLength: 5, maxLength: 40 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(20_000, 100_000, 1_000_000),
      async (plans, fetchBytes) => {
        const topic = `t${run++}`;
        await admin.createTopic(topic);
        const count = plans.reduce((sum, plan) => sum + plan.length, 0);
        const readers = [
          follow(context, 'tcp', topic, count, fetchBytes),
          follow(context, 'tcp', topic, count, 3_000_000),
          follow(context, 'in-process', topic, count, fetchBytes),
        ];
        await Promise.all(
          plans.map((plan, index) => produceAll(context, topic, String(index), plan)),
        );
        const expected = plans.flatMap((plan, index) => plan.map((_, at) => `${index}.${at}`));
        const all = await Promise.all(readers);
        // Its tail cache goes back, and must not be what the readers were given.
        await admin.ask(apis.deleteTopics, { topics: [{ name: topic }] });
        for (const kept of all) {
          const names: string[] = [];
          for (const bytes of kept) names.push(...(await namesIn(bytes)));
          // One reader of several batches may get the last one twice: a fetch begins at a batch.
          expect([...new Set(names)].sort()).toEqual([...expected].sort());
        }
      },
    ),
    { numRuns: RUNS },
  );
  expect(given()).toBeGreaterThan(0);
}, 120_000);

test('a client that leaves in the middle of its requests takes the memory of no other with it', async () => {
  const { memory } = recycledAndSpoiled();
  await using context = await BrokerContext.open({ memory });
  const admin = await context.client('tcp');
  await admin.createTopic('t');
  const builder = new RecordBatchBuilder(1024);
  builder.append(null, valueOf('lost', 30_000), Date.now());
  const frame = encodeRequestFrame(apis.produce, 9, 1, 'raw', {
    acks: -1,
    transactionalId: null,
    timeoutMs: 30_000,
    topicData: [{ name: 't', partitionData: [{ index: 0, records: await builder.build({}) }] }],
  });
  const plan = Array.from({ length: 60 }, (_, index) => ({
    bytes: (index * 911) % 40_000,
    codec: 'none' as const,
    acks: 1,
  }));
  const good = produceAll(context, 't', 'good', plan);
  for (let round = 0; round < 20; round += 1) {
    const socket = await context.socket();
    for (let count = 0; count < 5; count += 1) socket.write(frame);
    socket.write(frame.subarray(0, 100 + round * 1_500), () => socket.resetAndDestroy());
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await good;
  const client = await context.client('tcp');
  const names: string[] = [];
  // Some of the others wait for their flush, and hide what is behind them as long.
  for (let offset = 0; names.filter((name) => name !== 'lost').length < plan.length;) {
    const wait = { maxWaitMs: 500, minBytes: 1, partitionMaxBytes: 1_000_000 };
    const { records } = await client.fetch('t', offset, wait);
    const found = await namesIn(records ?? new Uint8Array(0));
    names.push(...found);
    offset += found.length;
  }
  expect(names.filter((name) => name !== 'lost')).toEqual(plan.map((_, at) => `good.${at}`));
}, 60_000);
