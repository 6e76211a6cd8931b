import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { codecById, type Codec } from '../src/codec.ts';
import { decompress } from '../src/compression.ts';
import { decodeRequestHeader, encodeRequestFrame, encodeResponseFrame } from '../src/frame.ts';
import { apis, messages } from '../src/generated/registry.ts';
import { Reader } from '../src/reader.ts';
import { codecOf, findProducedBatchProblem, readBatchHeader } from '../src/record-batch.ts';
import { decodeRecords, openBatch } from '../src/record-reader.ts';
import { encodeVersioned } from '../src/versioned.ts';

/** Recorded from other programs: librdkafka 2.0.2 through kcat, the zstd and lz4 command-line tools. */
function golden(name: string): Buffer {
  return Buffer.from(
    readFileSync(new URL(`golden/${name}.hex`, import.meta.url), 'utf8').trim(),
    'hex',
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

test('librdkafka opens with an ApiVersions 3 that we read and write alike', () => {
  const frame = golden('librdkafka-api-versions-v3');
  const reader = new Reader(frame, 4);
  expect(decodeRequestHeader(reader)).toEqual({
    apiKey: 18,
    apiVersion: 3,
    correlationId: 1,
    clientId: 'rdkafka',
  });
  const request = apis.apiVersions.decodeRequest(reader, 3);
  expect(request).toEqual({ clientSoftwareName: 'librdkafka', clientSoftwareVersion: '2.0.2' });
  expect(reader.remaining).toBe(0);
  expect(hex(encodeRequestFrame(apis.apiVersions, 3, 1, 'rdkafka', request))).toBe(hex(frame));
});

test('librdkafka asks for metadata with bytes that we read and write alike', () => {
  const frame = golden('librdkafka-metadata-v4');
  const reader = new Reader(frame, 4);
  expect(decodeRequestHeader(reader)).toMatchObject({ apiKey: 3, apiVersion: 4, correlationId: 2 });
  const request = apis.metadata.decodeRequest(reader, 4);
  expect(request).toMatchObject({ topics: [{ name: 't' }], allowAutoTopicCreation: true });
  expect(hex(encodeRequestFrame(apis.metadata, 4, 2, 'rdkafka', request))).toBe(hex(frame));
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
  'a batch that librdkafka produced with %s is whole and readable',
  async (codec) => {
    const frame = golden(`librdkafka-produce-v7-${codec}`);
    const reader = new Reader(frame, 4);
    const { correlationId, clientId } = decodeRequestHeader(reader);
    const request = apis.produce.decodeRequest(reader, 7);
    expect(reader.remaining).toBe(0);
    const records = request.topicData[0]?.partitionData[0]?.records ?? new Uint8Array();
    expect(findProducedBatchProblem(records, 0)).toBeUndefined();
    expect(codecById(codecOf(readBatchHeader(records, 0).attributes))).toBe(codec);
    const decoded = decodeRecords(await openBatch(records));
    expect(decoded.map((record) => String(record.key))).toEqual(['key1', 'key2']);
    expect(String(decoded[0]?.value)).toBe(`${'hello '.repeat(20)}${codec}`);
    expect(decoded[0]?.headers.map(({ key, value }) => [key, String(value)])).toEqual([
      ['trace', 'abc'],
    ]);
    expect(hex(encodeRequestFrame(apis.produce, 7, correlationId, clientId, request))).toBe(
      hex(frame),
    );
  },
);

test.each<{ codec: Codec; name: string; how: string }>([
  { codec: 'zstd', name: 'zstd-cli-stream', how: 'without the size of its content' },
  { codec: 'lz4', name: 'lz4-cli-linked', how: 'with blocks that refer to those before' },
  { codec: 'lz4', name: 'lz4-cli-checksums', how: 'with checksums and the size of its content' },
])('$codec of a command-line tool is read, $how', async ({ codec, name }) => {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `line ${index} of the same old story, told again\n`,
  ).join('');
  const compressed = golden(name);
  expect(Buffer.from(await decompress(codec, compressed)).toString()).toBe(lines);
  const twice = Buffer.concat([compressed, compressed]);
  expect(Buffer.from(await decompress(codec, twice)).toString()).toBe(lines + lines);
});

// Written down by hand from the published field lists.

test('ApiVersions 0: a bare header and no body; the response is a list without anything flexible', () => {
  expect(hex(encodeRequestFrame(apis.apiVersions, 0, 1, 'a', {}))).toBe(
    '0000000b' + '0012' + '0000' + '00000001' + '000161',
  );
  const response = { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] };
  expect(hex(encodeResponseFrame(apis.apiVersions, 0, 1, response))).toBe(
    '00000010' + '00000001' + '0023' + '00000001' + '001200000004',
  );
});

test('ApiVersions 3: a flexible body behind a header that never is; features are tagged', () => {
  const response = {
    errorCode: 0,
    apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
    finalizedFeaturesEpoch: 7,
    finalizedFeatures: [{ name: 'f', maxVersionLevel: 2, minVersionLevel: 1 }],
  };
  expect(hex(encodeResponseFrame(apis.apiVersions, 3, 1, response))).toBe(
    '00000027' +
      '00000001' + // no tag buffer in the header
      '0000' +
      '02' +
      '001200000004' +
      '00' +
      '00000000' +
      '02' +
      '01' +
      '08' +
      '0000000000000007' +
      '02' +
      '08' +
      '02' +
      '0266' +
      '00020001' +
      '00',
  );
});

test('Fetch 13 names topics by uuid', () => {
  const request = {
    maxWaitMs: 500,
    minBytes: 1,
    topics: [
      {
        topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
        partitions: [{ partition: 3, fetchOffset: 8, partitionMaxBytes: 16 }],
      },
    ],
  };
  expect(hex(encodeRequestFrame(apis.fetch, 13, 2, null, request))).toBe(
    '0000005b' +
      '0001' +
      '000d' +
      '00000002' +
      'ffff' +
      '00' +
      'ffffffff' +
      '000001f4' +
      '00000001' +
      '7fffffff' +
      '00' +
      '00000000' +
      'ffffffff' +
      '02' +
      '00000000000000000000000000000001' +
      '02' +
      '00000003' +
      'ffffffff' +
      '0000000000000008' +
      'ffffffff' +
      'ffffffffffffffff' +
      '00000010' +
      '00' +
      '00' +
      '01' +
      '01' +
      '00',
  );
});

test('an offset of a group is stored as Kafka stores it', () => {
  expect(
    hex(encodeVersioned(messages.offsetCommitKey, 1, { group: 'g', topic: 't', partition: 2 })),
  ).toBe('0001' + '000167' + '000174' + '00000002');
  expect(
    hex(
      encodeVersioned(messages.offsetCommitValue, 3, {
        offset: 5,
        leaderEpoch: 1,
        metadata: '',
        commitTimestamp: 255,
      }),
    ),
  ).toBe('0003' + '0000000000000005' + '00000001' + '0000' + '00000000000000ff');
});
