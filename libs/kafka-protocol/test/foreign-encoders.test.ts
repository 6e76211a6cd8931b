import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { expect, test } from '@jest/globals';

import { apiByKey } from '../src/frame.ts';
import { apis } from '../src/generated/registry.ts';
import { Reader } from '../src/reader.ts';
import { codecOf, findProducedBatchProblem, readBatchHeader } from '../src/record-batch.ts';
import { codecById } from '../src/codec.ts';
import { decodeRecords } from '../src/record-reader.ts';

/* Requests that kafkajs writes, read by us: another hand on the classic versions. */

interface KafkajsRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly encode: () => Promise<{ readonly buffer: Uint8Array }>;
}

const requireHere = createRequire(import.meta.url);
const requests = join(dirname(requireHere.resolve('kafkajs')), 'src/protocol/requests');

async function foreignRequest(
  path: string,
  fields: object,
): Promise<{ value: unknown; left: number }> {
  const build = requireHere(join(requests, path, 'request.js')) as (
    fields: object,
  ) => KafkajsRequest;
  const request = build(fields);
  const { buffer } = await request.encode();
  const reader = new Reader(buffer);
  const api = apiByKey(request.apiKey);
  if (api === undefined) throw new Error(`api ${request.apiKey} is not registered`);
  return { value: api.decodeRequest(reader, request.apiVersion), left: reader.remaining };
}

const bytes = Buffer.from('bytes');

test.each<[string, object, object]>([
  ['apiVersions/v2', {}, {}],
  [
    'metadata/v6',
    { topics: ['a', 'b'], allowAutoTopicCreation: false },
    { topics: [{ name: 'a' }, { name: 'b' }], allowAutoTopicCreation: false },
  ],
  [
    'fetch/v4',
    {
      replicaId: -1,
      maxWaitTime: 5,
      minBytes: 1,
      maxBytes: 9,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition: 2, fetchOffset: '8', maxBytes: 7 }] }],
    },
    {
      maxWaitMs: 5,
      maxBytes: 9,
      isolationLevel: 1,
      topics: [
        { topic: 't', partitions: [{ partition: 2, fetchOffset: 8, partitionMaxBytes: 7 }] },
      ],
    },
  ],
  [
    'fetch/v11',
    {
      replicaId: -1,
      maxWaitTime: 5,
      minBytes: 1,
      maxBytes: 9,
      isolationLevel: 0,
      sessionId: 3,
      sessionEpoch: 4,
      topics: [
        {
          topic: 't',
          partitions: [
            {
              partition: 2,
              currentLeaderEpoch: 6,
              fetchOffset: '8',
              logStartOffset: '1',
              maxBytes: 7,
            },
          ],
        },
      ],
      rackId: 'r',
    },
    {
      sessionId: 3,
      sessionEpoch: 4,
      topics: [
        {
          partitions: [
            {
              partition: 2,
              currentLeaderEpoch: 6,
              fetchOffset: 8,
              logStartOffset: 1,
              partitionMaxBytes: 7,
            },
          ],
        },
      ],
      rackId: 'r',
    },
  ],
  [
    'listOffsets/v3',
    {
      replicaId: -1,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition: 1, timestamp: '-2' }] }],
    },
    {
      isolationLevel: 1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 1, timestamp: -2 }] }],
    },
  ],
  [
    'joinGroup/v5',
    {
      groupId: 'g',
      sessionTimeout: 10,
      rebalanceTimeout: 20,
      memberId: 'm',
      groupInstanceId: 'i',
      protocolType: 'consumer',
      groupProtocols: [{ name: 'p', metadata: bytes }],
    },
    {
      groupId: 'g',
      sessionTimeoutMs: 10,
      rebalanceTimeoutMs: 20,
      memberId: 'm',
      groupInstanceId: 'i',
      protocols: [{ name: 'p', metadata: bytes }],
    },
  ],
  [
    'syncGroup/v3',
    {
      groupId: 'g',
      generationId: 3,
      memberId: 'm',
      groupAssignment: [{ memberId: 'm', memberAssignment: bytes }],
    },
    { generationId: 3, groupInstanceId: null, assignments: [{ memberId: 'm', assignment: bytes }] },
  ],
  [
    'heartbeat/v3',
    { groupId: 'g', groupGenerationId: 3, memberId: 'm' },
    { groupId: 'g', generationId: 3, memberId: 'm' },
  ],
  [
    'leaveGroup/v3',
    { groupId: 'g', members: [{ memberId: 'm' }] },
    { members: [{ memberId: 'm', groupInstanceId: null }] },
  ],
  [
    'offsetCommit/v2',
    {
      groupId: 'g',
      groupGenerationId: 3,
      memberId: 'm',
      retentionTime: '-1',
      topics: [{ topic: 't', partitions: [{ partition: 1, offset: '9' }] }],
    },
    {
      generationIdOrMemberEpoch: 3,
      topics: [
        {
          name: 't',
          partitions: [{ partitionIndex: 1, committedOffset: 9, committedMetadata: null }],
        },
      ],
    },
  ],
  [
    'offsetCommit/v5',
    {
      groupId: 'g',
      groupGenerationId: 3,
      memberId: 'm',
      topics: [{ topic: 't', partitions: [{ partition: 1, offset: '9', metadata: 'x' }] }],
    },
    {
      topics: [{ partitions: [{ partitionIndex: 1, committedOffset: 9, committedMetadata: 'x' }] }],
    },
  ],
  [
    'offsetFetch/v4',
    { groupId: 'g', topics: [{ topic: 't', partitions: [{ partition: 1 }] }] },
    { groupId: 'g', topics: [{ name: 't', partitionIndexes: [1] }] },
  ],
  ['findCoordinator/v2', { coordinatorKey: 'g', coordinatorType: 1 }, { key: 'g', keyType: 1 }],
  ['describeGroups/v2', { groupIds: ['g'] }, { groups: ['g'] }],
  ['listGroups/v2', {}, {}],
  ['deleteGroups/v1', ['g'], { groupsNames: ['g'] }],
  [
    'createTopics/v3',
    {
      topics: [
        {
          topic: 't',
          numPartitions: 2,
          replicationFactor: 1,
          configEntries: [{ name: 'a', value: 'b' }],
        },
      ],
      timeout: 7,
      validateOnly: true,
    },
    {
      topics: [
        { name: 't', numPartitions: 2, replicationFactor: 1, configs: [{ name: 'a', value: 'b' }] },
      ],
      timeoutMs: 7,
      validateOnly: true,
    },
  ],
  ['deleteTopics/v1', { topics: ['t'], timeout: 7 }, { topicNames: ['t'], timeoutMs: 7 }],
  [
    'createPartitions/v1',
    { topicPartitions: [{ topic: 't', count: 3, assignments: [[1]] }], timeout: 7 },
    { topics: [{ name: 't', count: 3, assignments: [{ brokerIds: [1] }] }], timeoutMs: 7 },
  ],
  [
    'describeConfigs/v2',
    { resources: [{ type: 2, name: 't', configNames: ['a'] }], includeSynonyms: true },
    {
      resources: [{ resourceType: 2, resourceName: 't', configurationKeys: ['a'] }],
      includeSynonyms: true,
    },
  ],
  [
    'alterConfigs/v1',
    {
      resources: [{ type: 2, name: 't', configEntries: [{ name: 'a', value: 'b' }] }],
      validateOnly: true,
    },
    {
      resources: [{ resourceType: 2, resourceName: 't', configs: [{ name: 'a', value: 'b' }] }],
      validateOnly: true,
    },
  ],
  [
    'deleteRecords/v1',
    { topics: [{ topic: 't', partitions: [{ partition: 1, offset: '5' }] }], timeout: 7 },
    { topics: [{ name: 't', partitions: [{ partitionIndex: 1, offset: 5 }] }], timeoutMs: 7 },
  ],
  [
    'initProducerId/v1',
    { transactionalId: 'x', transactionTimeout: 7 },
    { transactionalId: 'x', transactionTimeoutMs: 7 },
  ],
  [
    'addPartitionsToTxn/v1',
    {
      transactionalId: 'x',
      producerId: '5',
      producerEpoch: 1,
      topics: [{ topic: 't', partitions: [0, 1] }],
    },
    {
      v3AndBelowTransactionalId: 'x',
      v3AndBelowProducerId: 5,
      v3AndBelowTopics: [{ name: 't', partitions: [0, 1] }],
    },
  ],
  [
    'endTxn/v1',
    { transactionalId: 'x', producerId: '5', producerEpoch: 1, transactionResult: true },
    { transactionalId: 'x', producerId: 5, producerEpoch: 1, committed: true },
  ],
  ['saslHandshake/v1', { mechanism: 'PLAIN' }, { mechanism: 'PLAIN' }],
])('we read %s of kafkajs', async (path, fields, expected) => {
  const { value, left } = await foreignRequest(path, fields);
  expect(value).toMatchObject(expected);
  expect(left).toBe(0);
});

test.each([
  ['produce/v3', 0, 'none'],
  ['produce/v7', 0, 'none'],
  ['produce/v7', 1, 'gzip'],
])(
  'we read %s of kafkajs with its record batch, codec %d (%s)',
  async (path, compression, codec) => {
    const messages = [
      { key: 'k', value: 'first', timestamp: 1_700_000_000_000, headers: { h: 'x' } },
      { key: null, value: null, timestamp: 1_700_000_000_005 },
    ];
    const { value, left } = await foreignRequest(path, {
      acks: -1,
      timeout: 30,
      compression,
      topicData: [{ topic: 't', partitions: [{ partition: 4, messages }] }],
    });
    expect(left).toBe(0);
    const request = apis.produce.completeRequest(
      value as Parameters<typeof apis.produce.completeRequest>[0],
    );
    const partition = request.topicData[0]?.partitionData[0];
    expect(partition?.index).toBe(4);
    const batch = partition?.records ?? new Uint8Array();
    expect(findProducedBatchProblem(batch, 0)).toBeUndefined();
    expect(codecById(codecOf(readBatchHeader(batch, 0).attributes))).toBe(codec);
    const records = decodeRecords(batch);
    expect(
      records.map((record) => [
        record.key?.toString(),
        record.value?.toString(),
        record.timestampMs,
      ]),
    ).toEqual([
      ['k', 'first', 1_700_000_000_000],
      [undefined, undefined, 1_700_000_000_005],
    ]);
    expect(records[0]?.headers[0]).toEqual({ key: 'h', value: Buffer.from('x') });
  },
);
