import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext } from './broker-context.ts';
import { Answers } from './raw-socket.ts';

function gauge(context: BrokerContext, name: string): number {
  const family = context.broker.metrics().find((metric) => metric.name === name);
  return family?.samples[0]?.value ?? -1;
}

function sized(bytes: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes);
  return size;
}

test('half a request that goes on one byte at a time is cut off, and one that makes progress is not', async () => {
  await using context = await BrokerContext.open({
    config: { 'request.receive.timeout.ms': '1000' },
  });
  const client = await context.client('in-process');
  await client.createTopic('t');
  const dripping = await context.socket();
  dripping.resume();
  dripping.on('error', () => undefined); // a byte that comes after the end is answered by a reset
  const closed = new Promise((resolve) => dripping.once('close', resolve));
  dripping.write(sized(1000));
  const timer = setInterval(() => dripping.write(Buffer.from([0])), 20);

  const frame = Buffer.from(
    encodeRequestFrame(apis.produce, 9, 1, 'slow', {
      acks: -1,
      topicData: [
        { name: 't', partitionData: [{ index: 0, records: batchOf(['x'.repeat(900_000)]) }] },
      ],
    }),
  );
  const steady = await context.socket();
  const answers = new Answers(steady);
  const step = Math.ceil(frame.length / 8);
  for (let at = 0; at < frame.length; at += step) {
    steady.write(frame.subarray(at, at + step));
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  const { response } = await answers.nextResponse(apis.produce, 9);
  expect(response.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  await closed;
  clearInterval(timer);
  expect(gauge(context, 'kafka_network_requestchannel_queued_bytes')).toBe(0);
});

test('who asks for records and never reads them is cut off, and gives back what waited for him', async () => {
  await using context = await BrokerContext.open({
    config: { 'response.send.timeout.ms': '300', 'queued.max.response.bytes': '8388608' },
  });
  const client = await context.client('in-process');
  await client.createTopic('big');
  for (let index = 0; index < 12; index += 1)
    await client.produce('big', batchOf(['x'.repeat(1_000_000)]));
  const socket = await context.socket();
  socket.pause();
  const closed = once(socket, 'close');
  for (let index = 0; index < 20; index += 1) {
    socket.write(
      encodeRequestFrame(apis.fetch, 11, index, 'deaf', {
        maxWaitMs: 0,
        minBytes: 1,
        topics: [
          {
            topic: 'big',
            partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 25 }],
          },
        ],
      }),
    );
  }
  socket.on('error', () => undefined); // it is cut off in the middle of a write
  const handle = setInterval(() => socket.write(Buffer.alloc(0)), 50);
  await waitUntil(() => gauge(context, 'kafka_network_socketserver_connections') === 0);
  clearInterval(handle);
  expect(gauge(context, 'kafka_network_responses_queued_bytes')).toBe(0);
  socket.resume();
  await closed;
});

test('many who ask at once for much and read nothing hold no more than is allowed for all, and a stop does not wait for them', async () => {
  const [boundBytes, batchBytes, partitionCount, readers] = [200_000, 41_000, 16, 20];
  const context = await BrokerContext.open({
    config: {
      'queued.max.response.bytes': String(boundBytes),
      'shutdown.drain.timeout.ms': '100',
    },
  });
  const client = await context.client('in-process');
  await client.createTopic('wide', partitionCount);
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  for (const partition of partitions)
    await client.produce('wide', batchOf(['x'.repeat(40_000)]), { partition });
  const sockets = await Promise.all(Array.from({ length: readers }, () => context.socket()));
  const frame = encodeRequestFrame(apis.fetch, 11, 1, 'deaf', {
    ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 26 },
    topics: [
      {
        topic: 'wide',
        partitions: partitions.map((partition) => ({
          ...{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 },
        })),
      },
    ],
  });
  for (const socket of sockets) {
    socket.pause();
    for (let count = 0; count < 30; count += 1) socket.write(frame);
  }
  const queued = (): number => gauge(context, 'kafka_network_responses_queued_bytes');
  let most = 0;
  await waitUntil(() => {
    most = Math.max(most, queued());
    return most >= boundBytes;
  });
  for (let look = 0; look < 50; look += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, queued());
  }
  // Beyond the bound each is given one batch.
  expect(most).toBeLessThanOrEqual(boundBytes + readers * batchBytes);
  await context[Symbol.asyncDispose]();
  expect(queued()).toBe(0);
});

test('500 connections at a time are held, answered and let go', async () => {
  await using context = await BrokerContext.open();
  const sockets: Socket[] = [];
  for (let round = 0; round < 10; round += 1) {
    const some = Array.from({ length: 50 }, () => context.socket());
    sockets.push(...(await Promise.all(some)));
  }
  const readers = sockets.map((socket) => new Answers(socket));
  for (const [index, socket] of sockets.entries())
    socket.write(encodeRequestFrame(apis.metadata, 4, index, 'one', { topics: [] }));
  for (const [index, reader] of readers.entries()) {
    const { correlationId } = await reader.nextResponse(apis.metadata, 4);
    expect(correlationId).toBe(index);
  }
  expect(gauge(context, 'kafka_network_socketserver_connections')).toBe(500);
  for (const socket of sockets) socket.destroy();
  await waitUntil(() => gauge(context, 'kafka_network_socketserver_connections') === 0);
});

async function waitUntil(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 10));
}
