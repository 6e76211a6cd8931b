import type { AlteredSinkOffset } from '@millrace/connector-api';
import { MillraceError } from '@millrace/foundation';
import type { OffsetToCommit } from '@millrace/kafka-client';
import type { OffsetValue, SourceOffset } from '@millrace/record';
import { consumerGroupOf } from '../config/client-overrides.ts';
import { badRequest } from '../errors.ts';
import type { ConnectorConfig, ConnectorOffsets } from '../herder.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { OffsetChange, SourceOffsets } from '../stores/offset-store.ts';

/** A group without offsets, or whose last member has gone, may be there or not. */
const NO_GROUP = 'kafka.group_id_not_found';

type Entry = ConnectorOffsets['offsets'][number];

/** The stored positions of a source. */
export function sourceOffsets(name: string, offsets: SourceOffsets): ConnectorOffsets {
  return { offsets: offsets.list(name).map(({ partition, offset }) => ({ partition, offset })) };
}

/** The committed offsets of a sink's group, in Connect's shape. */
export async function sinkOffsets(
  name: string,
  config: ConnectorConfig,
  client: LogClient,
): Promise<ConnectorOffsets> {
  const committed = await client.admin.listGroupOffsets(consumerGroupOf(name, config));
  return {
    offsets: committed.map(({ topic, partition, offset }) => ({
      partition: { kafka_topic: topic, kafka_partition: partition },
      offset: { kafka_offset: offset },
    })),
  };
}

/** @throws MillraceError `connect.bad_request` for what can't be stored */
export function sourceChanges(wanted: ConnectorOffsets): readonly OffsetChange[] {
  return wanted.offsets.map(({ partition, offset }) => ({
    partition: offsetValues(partition),
    offset: offset === null ? null : offsetValues(offset),
  }));
}

/**
 * @throws MillraceError `connect.bad_request` for what can't be committed: partitions that don't exist, or offsets that
 * are none
 */
export async function sinkChanges(
  name: string,
  wanted: ConnectorOffsets,
  client: LogClient,
): Promise<readonly AlteredSinkOffset[]> {
  const entries = wanted.offsets.map(sinkEntry);
  await refuseUnknownPartitions(name, entries, client);
  return entries;
}

/** A null offset forgets that partition. Two requests when there are both: who calls sees to it that both happen. */
export async function alterGroup(
  group: string,
  changes: readonly AlteredSinkOffset[],
  { admin, operations }: LogClient,
): Promise<void> {
  const set = changes.flatMap(({ topic, partition, offset }): OffsetToCommit[] =>
    offset === null ? [] : [{ topic, partition, offset }],
  );
  const forgotten = changes.filter(({ offset }) => offset === null);
  if (set.length > 0) await admin.alterGroupOffsets(group, set);
  if (forgotten.length === 0) return;
  const outcomes = await operations.deleteGroupOffsets(group, forgotten).catch((error: unknown) => {
    if (error instanceof MillraceError && error.code === NO_GROUP) return [];
    throw error;
  });
  for (const { error } of outcomes) if (error !== undefined) throw error;
}

/** A group that does not exist has no offsets: that is what was asked for. */
export async function forgetGroup(group: string, client: LogClient): Promise<void> {
  const [outcome] = await client.admin.deleteGroups([group]);
  const error = outcome?.error;
  if (error !== undefined && error.code !== NO_GROUP) throw error;
}

/** Kafka's clients try such a commit again for a minute, since a topic may be on its way; here it is a mistake. */
async function refuseUnknownPartitions(
  name: string,
  entries: readonly AlteredSinkOffset[],
  client: LogClient,
): Promise<void> {
  const topics = [...new Set(entries.map(({ topic }) => topic))];
  const known = await client.admin.describeTopics(topics);
  for (const { topic, partition } of entries) {
    const count = known.find((each) => each.name === topic)?.partitions.length;
    if (count === undefined || partition >= count)
      throw badRequest(
        `Failed to alter consumer group offsets for connector ${name}: ${count === undefined ? `there is no topic "${topic}"` : `topic "${topic}" has no partition ${partition}, only ${count}`}`,
      );
  }
}

/** Refusals in Connect's words. */
function sinkEntry({ partition, offset }: Entry): AlteredSinkOffset {
  if (!('kafka_topic' in partition) || !('kafka_partition' in partition))
    throw badRequest(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    );
  const { kafka_topic: topic, kafka_partition: givenPartition } = partition;
  if (typeof topic !== 'string')
    throw badRequest('Kafka topic names must be valid strings and may not be null');
  if (givenPartition === null)
    throw badRequest('Kafka partitions must be valid numbers and may not be null');
  const index = integerOf(givenPartition);
  if (index === undefined)
    throw badRequest(
      `Failed to parse the following Kafka partition value in the provided offsets: '${shown(givenPartition)}'. Partition values for sink connectors need to be integers.`,
    );
  if (offset === null) return { topic, partition: index, offset: null };
  if (!('kafka_offset' in offset))
    throw badRequest(
      "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    );
  const next = integerOf(offset['kafka_offset']);
  if (next === undefined)
    throw badRequest(
      `Failed to parse the following Kafka offset value in the provided offsets: '${shown(offset['kafka_offset'])}'. Offset values for sink connectors need to be integers.`,
    );
  return { topic, partition: index, offset: next };
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'bigint'
    ? String(value)
    : JSON.stringify(value);
}

function integerOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.trim() !== '';
  const number = isText || typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
    ? number
    : undefined;
}

function offsetValues(members: Readonly<Record<string, unknown>>): SourceOffset {
  return Object.fromEntries(
    Object.entries(members).map(([key, value]): [string, OffsetValue] => {
      if (
        value === null ||
        typeof value === 'string' ||
        typeof value === 'number' ||
        typeof value === 'bigint' ||
        typeof value === 'boolean'
      )
        return [key, value];
      throw badRequest(
        `Partitions and offsets may hold only null, text, numbers and booleans; "${key}" is something else`,
      );
    }),
  );
}
