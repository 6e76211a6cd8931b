import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { apis, encodeRequestFrame, ErrorCode } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext } from './broker-context.ts';
import { Answers } from './raw-socket.ts';

function apiVersionsFrame(correlationId: number, version = 3): Uint8Array {
  return encodeRequestFrame(apis.apiVersions, version, correlationId, 'raw', {
    clientSoftwareName: 'raw',
    clientSoftwareVersion: '1',
  });
}

test.each([99, -1])(
  'version %d of ApiVersions is answered in version 0 with its versions',
  async (version) => {
    await using context = await BrokerContext.open();
    const socket = await context.socket();
    const answers = new Answers(socket);
    const frame = Buffer.from(apiVersionsFrame(7));
    frame.writeInt16BE(version, 6);
    socket.write(frame);
    const { correlationId, response } = await answers.nextResponse(apis.apiVersions, 0);
    expect(correlationId).toBe(7);
    expect(response.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
    // As Kafka (KIP-511): the client asks again, in a version that both know.
    expect(response.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    // The connection stays good.
    socket.write(apiVersionsFrame(8));
    expect((await answers.nextResponse(apis.apiVersions, 3)).response.errorCode).toBe(0);
  },
);

test('a frame of a bad size, an unknown request or rubbish closes that connection and no other', async () => {
  await using context = await BrokerContext.open({
    config: { 'socket.request.max.bytes': '100000' },
  });
  const good = await context.socket();
  const goodAnswers = new Answers(good);
  const size = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const unknownApi = Buffer.from(apiVersionsFrame(1));
  unknownApi.writeInt16BE(999, 4);
  const tooNew = Buffer.from(encodeRequestFrame(apis.metadata, 12, 1, 'raw', { topics: null }));
  tooNew.writeInt16BE(99, 6);
  const endless = Buffer.from(encodeRequestFrame(apis.metadata, 1, 1, 'raw', { topics: [] }));
  endless.writeInt32BE(0x7fff_ffff, endless.length - 4);
  const bad: readonly Uint8Array[] = [
    size(-1),
    size(0),
    size(7),
    size(100_001),
    size(0x7fff_ffff),
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    unknownApi,
    tooNew,
    endless,
  ];
  for (const [index, bytes] of bad.entries()) {
    const socket = await context.socket();
    const closed = once(socket, 'close');
    socket.resume();
    socket.write(bytes);
    await closed;
    good.write(apiVersionsFrame(index));
    expect((await goodAnswers.nextResponse(apis.apiVersions, 3)).correlationId).toBe(index);
  }
});

test('every request that is cut short inside its frame closes its connection or is answered', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('in-process');
  await client.createTopic('t');
  const whole = Buffer.from(
    encodeRequestFrame(apis.produce, 9, 1, 'raw', {
      acks: -1,
      topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf(['v']) }] }],
    }),
  );
  for (let length = 8; length < whole.length - 4; length += 1) {
    const frame = Buffer.from(whole.subarray(0, 4 + length));
    frame.writeInt32BE(length, 0);
    const socket = await context.socket();
    const answers = new Answers(socket);
    socket.end(frame);
    await answers.next();
  }
  const { highWatermark } = await client.fetch('t', 0);
  expect(highWatermark).toBe(0);
  expect(await client.produce('t', batchOf(['v']))).toMatchObject({ errorCode: 0, baseOffset: 0 });
});

test('a request that comes byte by byte is answered as one that comes at once', async () => {
  await using context = await BrokerContext.open();
  const socket = await context.socket();
  const answers = new Answers(socket);
  socket.setNoDelay(true);
  for (const byte of apiVersionsFrame(5)) {
    await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
  }
  expect((await answers.nextResponse(apis.apiVersions, 3)).correlationId).toBe(5);
});

test('many requests in one packet are answered in their order, and then the half-closed socket ends', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('in-process');
  await client.createTopic('t');
  const socket = await context.socket();
  const answers = new Answers(socket);
  const frames: Uint8Array[] = [];
  for (let id = 0; id < 300; id += 1) {
    frames.push(
      id % 3 === 0
        ? apiVersionsFrame(id)
        : encodeRequestFrame(apis.produce, 9, id, 'raw', {
            acks: id % 3 === 1 ? -1 : 1,
            topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf([`${id}`]) }] }],
          }),
    );
  }
  socket.end(Buffer.concat(frames));
  let lastOffset = -1;
  for (let id = 0; id < 300; id += 1) {
    if (id % 3 === 0) {
      expect((await answers.nextResponse(apis.apiVersions, 3)).correlationId).toBe(id);
      continue;
    }
    const { correlationId, response } = await answers.nextResponse(apis.produce, 9);
    expect(correlationId).toBe(id);
    const [answer] = response.responses[0]?.partitionResponses ?? [];
    expect(answer).toMatchObject({ errorCode: 0, baseOffset: lastOffset + 1 });
    lastOffset += 1;
  }
  expect(await answers.next()).toBeUndefined();
});

test('a reader that does not read stops its own requests and holds no memory', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('in-process');
  await client.createTopic('big', 1, { 'max.message.bytes': '2000000' });
  for (let index = 0; index < 4; index += 1)
    await client.produce('big', batchOf(['x'.repeat(1_000_000)]));
  const socket = await context.socket();
  socket.pause();
  const frame = encodeRequestFrame(apis.fetch, 11, 1, 'slow', {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 4_000_000,
    topics: [
      {
        topic: 'big',
        partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 4_000_000 }],
      },
    ],
  });
  socket.write(Buffer.concat(Array.from({ length: 40 }, () => frame)));
  const held = (): number =>
    context.broker.metrics().find(({ name }) => name === 'kafka_network_responses_queued_bytes')
      ?.samples[0]?.value ?? 0;
  // Others are served meanwhile; each answer gives the slow one time to take more than it may.
  for (let index = 0; index < 200; index += 1) await client.fetch('big', 0);
  const other = await context.client('tcp');
  for (let index = 0; index < 50; index += 1) await other.ask(apis.metadata, { topics: null });
  expect(held()).toBeLessThan(10_000_000);
  // It gets everything once it reads.
  const answers = new Answers(socket);
  socket.resume();
  for (let index = 0; index < 40; index += 1) {
    const { response } = await answers.nextResponse(apis.fetch, 11);
    expect(response.responses[0]?.partitions[0]?.errorCode).toBe(0);
  }
  socket.destroy();
});

test('requests beyond the memory for them wait, and all are answered', async () => {
  await using context = await BrokerContext.open({
    config: { 'queued.max.request.bytes': '50000', 'connection.max.request.bytes': '20000' },
  });
  const client = await context.client('in-process');
  await client.createTopic('t');
  const sockets = await Promise.all(Array.from({ length: 8 }, () => context.socket()));
  const answers = sockets.map((socket) => new Answers(socket));
  const frame = encodeRequestFrame(apis.produce, 9, 1, 'raw', {
    acks: -1,
    topicData: [
      { name: 't', partitionData: [{ index: 0, records: batchOf(['x'.repeat(30_000)]) }] },
    ],
  });
  for (const socket of sockets)
    socket.write(Buffer.concat(Array.from({ length: 10 }, () => frame)));
  for (const each of answers) {
    for (let index = 0; index < 10; index += 1) {
      const { response } = await each.nextResponse(apis.produce, 9);
      expect(response.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
    }
  }
  const queued = context.broker
    .metrics()
    .find(({ name }) => name === 'kafka_network_requestchannel_queued_bytes');
  expect(queued?.samples[0]?.value).toBe(0);
});

test('a produce that asks for no answer and fails ends its connection, so that its client asks for metadata', async () => {
  await using context = await BrokerContext.open();
  const socket = await context.socket();
  const closed = once(socket, 'close');
  socket.write(
    encodeRequestFrame(apis.produce, 9, 1, 'raw', {
      acks: 0,
      topicData: [{ name: 'nowhere', partitionData: [{ index: 0, records: batchOf(['v']) }] }],
    }),
  );
  socket.resume();
  await closed;
});

test('connections beyond the limit are closed, idle ones too', async () => {
  await using context = await BrokerContext.open({
    config: { 'max.connections': '2', 'connections.max.idle.ms': '100' },
  });
  const one = await context.socket();
  const two = await context.socket();
  const closed = [once(one, 'close'), once(two, 'close')];
  const three = await context.socket();
  three.resume();
  await once(three, 'close');
  one.resume();
  two.resume();
  await Promise.all(closed);
});

test('a listener that is taken is an error that says so, and leaves the folder free', async () => {
  await using context = await BrokerContext.open();
  const failing = BrokerContext.open({
    config: { listeners: `PLAINTEXT://127.0.0.1:${context.port}` },
  });
  await expect(failing).rejects.toMatchObject({ code: 'broker.listen_failed' });
});

test('settings that can not be are refused with all their problems', async () => {
  const failing = BrokerContext.open({
    config: { 'num.partitions': '0', 'message.max.bytes': 'much' },
  });
  await expect(failing).rejects.toMatchObject({ code: 'config.invalid' });
  await expect(failing).rejects.toThrow(/num\.partitions.*message\.max\.bytes/);
  const listener = BrokerContext.open({ config: { listeners: 'PLAINTEXT:/x:1' } });
  await expect(listener).rejects.toMatchObject({ code: 'broker.invalid_listener' });
});
