import { readdir } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, type RawClient } from './broker-context.ts';

const COUNT = 300;

async function produceToAll(client: RawClient, topic: string): Promise<readonly number[]> {
  const partitionData = Array.from({ length: COUNT }, (_, index) => ({
    index,
    records: batchOf(['v']),
  }));
  const topicData = [{ name: topic, partitionData }];
  const { responses } = await client.ask(apis.produce, { acks: -1, topicData }, 12);
  return (responses[0]?.partitionResponses ?? []).map(({ errorCode }) => errorCode);
}

const folders = async (context: BrokerContext): Promise<readonly string[]> =>
  (await readdir(context.folder)).filter((name) => /^many-\d+$/.test(name));

test('a topic of many partitions takes records at once, while its logs are being made', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  await client.createTopic('many', COUNT);
  const codes = await produceToAll(client, 'many');
  expect(codes).toHaveLength(COUNT);
  expect(new Set(codes)).toEqual(new Set([ErrorCode.NONE]));
  expect(await folders(context)).toHaveLength(COUNT);
});

test('deleted while its logs are being made it leaves no folder, and its name is free', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  const first = await client.createTopic('many', COUNT);
  await client.ask(apis.deleteTopics, { topics: [{ topicId: first, name: null }] });
  expect(await folders(context)).toEqual([]);
  await client.createTopic('many', 1);
  expect(await folders(context)).toEqual(['many-0']);
});

test('a stop, clean or not, in the middle of it loses no partition', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  await client.createTopic('many', COUNT);
  const killed = await context.openAfterKill();
  expect(new Set(await produceToAll(await killed.client('tcp'), 'many'))).toEqual(new Set([0]));
  await context.restart();
  expect(new Set(await produceToAll(await context.client('tcp'), 'many'))).toEqual(new Set([0]));
});
