import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  apiByKey,
  encodeRequestChunks,
  encodeRequestFrame,
  encodeResponseChunks,
  encodeResponseFrame,
} from '../src/frame.ts';
import type { Api, Message } from '../src/api.ts';
import { apis, messages } from '../src/generated/registry.ts';
import { Reader } from '../src/reader.ts';
import { decodeVersioned, encodeVersioned } from '../src/versioned.ts';
import { Writer } from '../src/writer.ts';
import { apiDefinitions, messageDefinitions, messageOf, versionsOf } from './random-messages.ts';

const RUNS = { numRuns: 12 };

function known(key: number): Api<unknown, unknown> {
  const api = apiByKey(key);
  if (api === undefined) throw new Error(`api ${key} is not registered`);
  return api;
}

test.each(apiDefinitions.map((each) => [each.name, each] as const))(
  '%s requests come back as they were sent in every version, with defaults filled in',
  (_, definition) => {
    const api = known(definition.key);
    for (const version of versionsOf(definition)) {
      fc.assert(
        fc.property(messageOf(definition.request, version), (request) => {
          const writer = new Writer();
          api.encodeRequest(writer, request, version);
          const bytes = writer.finish();
          const reader = new Reader(bytes);
          const decoded = api.decodeRequest(reader, version);
          expect(reader.remaining).toBe(0);
          expect(decoded).toEqual(api.completeRequest(request));
          const again = new Writer();
          api.encodeRequest(again, decoded, version);
          expect(Buffer.compare(again.finish(), bytes)).toBe(0);
        }),
        RUNS,
      );
    }
  },
);

test.each(apiDefinitions.map((each) => [each.name, each] as const))(
  '%s responses come back as they were sent in every version, with defaults filled in',
  (_, definition) => {
    const api = known(definition.key);
    for (const version of versionsOf(definition)) {
      fc.assert(
        fc.property(messageOf(definition.response, version), (response) => {
          const writer = new Writer();
          api.encodeResponse(writer, response, version);
          const bytes = writer.finish();
          const reader = new Reader(bytes);
          const decoded = api.decodeResponse(reader, version);
          expect(reader.remaining).toBe(0);
          expect(decoded).toEqual(api.completeResponse(response));
          const again = new Writer();
          api.encodeResponse(again, decoded, version);
          expect(Buffer.compare(again.finish(), bytes)).toBe(0);
        }),
        RUNS,
      );
    }
  },
);

test.each(messageDefinitions.map((each) => [each.name, each] as const))(
  '%s comes back after its version prefix as it was written',
  (_, definition) => {
    const message: Message<unknown> | undefined = Object.values(messages).find(
      (each) => each.name === definition.name,
    );
    if (message === undefined) throw new Error(`${definition.name} is not registered`);
    for (const version of versionsOf(definition)) {
      fc.assert(
        fc.property(messageOf(definition.message, version, { isFull: true }), (value) => {
          const decoded = decodeVersioned(message, encodeVersioned(message, version, value));
          expect(decoded.version).toBe(version);
          expect(decoded.value).toMatchObject(value);
        }),
        RUNS,
      );
    }
  },
);

test('a frame in chunks is the same bytes as in one piece, and large records are not copied', () => {
  const records = new Uint8Array(10_000).fill(7);
  const produce = {
    acks: -1,
    topicData: [
      {
        name: 't',
        partitionData: [
          { index: 0, records },
          { index: 1, records },
        ],
      },
    ],
  };
  const chunks = encodeRequestChunks(apis.produce, 9, 1, 'c', produce);
  expect(Buffer.concat(chunks)).toEqual(encodeRequestFrame(apis.produce, 9, 1, 'c', produce));
  expect(chunks.filter((chunk) => chunk === records)).toHaveLength(2);

  const partition = { partitionIndex: 0, errorCode: 0, highWatermark: 9, records };
  const fetched = {
    responses: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: [partition, partition] }],
  };
  const response = encodeResponseChunks(apis.fetch, 16, 1, fetched);
  expect(Buffer.concat(response)).toEqual(encodeResponseFrame(apis.fetch, 16, 1, fetched));
  expect(response.filter((chunk) => chunk === records)).toHaveLength(2);
  expect(Buffer.concat(response).readInt32BE(0)).toBe(Buffer.concat(response).byteLength - 4);
});

test('decoded records are views of the received bytes', () => {
  const frame = encodeRequestFrame(apis.produce, 9, 1, 'c', {
    acks: 1,
    topicData: [{ name: 't', partitionData: [{ index: 0, records: Uint8Array.of(1, 2, 3) }] }],
  });
  const reader = new Reader(frame, 4 + 8 + 3 + 1);
  const records = apis.produce.decodeRequest(reader, 9).topicData[0]?.partitionData[0]?.records;
  expect(records?.buffer).toBe(frame.buffer);
});

test('a consumer protocol newer than ours is read as our newest', () => {
  const bytes = encodeVersioned(messages.consumerProtocolSubscription, 3, {
    topics: ['a'],
    rackId: 'r',
  });
  const newer = Buffer.concat([Buffer.from([0, 9]), bytes.subarray(2), Buffer.from('appended')]);
  const { version, value } = decodeVersioned(messages.consumerProtocolSubscription, newer);
  expect(version).toBe(9);
  expect(value).toMatchObject({ topics: ['a'], rackId: 'r' });
});

test('a field that changes the meaning is refused where the version lacks it, others are left out', () => {
  const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: 'static' };
  expect(() => apis.heartbeat.encodeRequest(new Writer(), heartbeat, 2)).toThrow(
    expect.objectContaining({ code: 'protocol.unrepresentable' }),
  );
  const join = {
    groupId: 'g',
    sessionTimeoutMs: 1,
    protocolType: 'consumer',
    protocols: [],
    reason: 'because',
  };
  expect(() => apis.joinGroup.encodeRequest(new Writer(), join, 5)).not.toThrow();
});

test.each([
  ['a number too large for its field', { acks: 0x8000, topicData: [] }],
  ['a fraction', { acks: 0.5, topicData: [] }],
  ['a string above 32767 bytes', { acks: 1, transactionalId: 'x'.repeat(0x8000), topicData: [] }],
])('%s is refused, not cut', (_, request) => {
  expect(() => encodeRequestFrame(apis.produce, 9, 1, null, request)).toThrow(
    expect.objectContaining({ code: 'protocol.unrepresentable' }),
  );
});

test('64-bit integers keep 2^53 exactly and hold Long.MAX_VALUE', () => {
  for (const value of [
    0,
    -1,
    2 ** 32,
    -(2 ** 32),
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    2 ** 63,
    -(2 ** 63),
  ]) {
    const writer = new Writer();
    writer.int64(value);
    const bytes = Buffer.from(writer.finish());
    expect(new Reader(bytes).int64()).toBe(value);
    expect(bytes.readBigInt64BE()).toBe(value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value));
  }
});

test('a version outside of the served range is an error that names the range', () => {
  expect(() => apis.produce.encodeRequest(new Writer(), { acks: 1, topicData: [] }, 2)).toThrow(
    /expected 3 to 13/,
  );
});
