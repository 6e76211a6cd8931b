import { join } from 'node:path';
import { ZERO_UUID } from '@millrace/kafka-protocol';
import type { Disk } from '@millrace/log';
import { damagedMetadata } from '../errors.ts';
import { ResourceType } from '../resource-type.ts';
import { recordsOfTopic } from './image-records.ts';
import type { ConfigOverrides } from './metadata-image.ts';
import { configRecord, type MetadataRecord } from './metadata-records.ts';

/** What releases before the metadata log kept in one JSON file, replaced whole for each change. */
const FILE = 'cluster-metadata.json';
const TAKEN_OVER = '.migrated';
const FORMAT = 'millrace-cluster-metadata';
const VERSION = 1;

type LegacyRecord =
  | { readonly kind: 'leader-epoch-bumped'; readonly leaderEpoch: number }
  | { readonly kind: 'producer-ids-reserved'; readonly nextProducerId: number }
  | { readonly kind: 'broker-configured'; readonly configs: ConfigOverrides }
  | {
      readonly kind: 'topic-created';
      readonly name: string;
      readonly topicId: string;
      readonly partitionCount: number;
      readonly configs: ConfigOverrides;
    };

/** The records that lead to what the file says; none without a file. Throws `broker.metadata_damaged`. */
export async function readLegacyMetadata(
  disk: Disk,
  logDir: string,
  nodeId: number,
): Promise<readonly MetadataRecord[]> {
  const path = join(logDir, FILE);
  const bytes = await disk.readWhole(path);
  if (bytes === undefined) return [];
  return toRecords(parse(bytes, path), nodeId);
}

/** Keeps the file under another name, so that it is taken over once. */
export async function retireLegacyMetadata(disk: Disk, logDir: string): Promise<void> {
  const path = join(logDir, FILE);
  if ((await disk.readWhole(path)) === undefined) return;
  await disk.rename(path, path + TAKEN_OVER);
  await disk.syncFolder(logDir);
}

function toRecords(legacy: readonly LegacyRecord[], nodeId: number): readonly MetadataRecord[] {
  const records: MetadataRecord[] = [];
  let leaderEpoch = 0;
  for (const record of legacy) {
    switch (record.kind) {
      case 'leader-epoch-bumped':
        leaderEpoch = record.leaderEpoch;
        break;
      case 'producer-ids-reserved': {
        const { nextProducerId } = record;
        records.push({ kind: 'producer-ids', brokerId: nodeId, brokerEpoch: -1, nextProducerId });
        break;
      }
      case 'broker-configured':
        for (const [name, value] of Object.entries(record.configs))
          records.push(configRecord(ResourceType.BROKER, '', name, value));
        break;
      case 'topic-created': {
        const { name, topicId, partitionCount, configs } = record;
        const partitions = Array.from({ length: partitionCount }, () => ({
          replicas: [nodeId],
          isr: [nodeId],
          addingReplicas: [],
          removingReplicas: [],
          eligibleLeaderReplicas: [],
          lastKnownElr: [],
          leader: nodeId,
          leaderRecoveryState: 0,
          leaderEpoch,
          partitionEpoch: leaderEpoch,
          directories: [ZERO_UUID],
        }));
        records.push(...recordsOfTopic({ name, topicId, partitionCount, partitions, configs }));
        break;
      }
    }
  }
  return records;
}

function parse(bytes: Uint8Array, path: string): readonly LegacyRecord[] {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (!isDocument(document)) throw new Error(`expected ${FORMAT} version ${VERSION}`);
    return document.records;
  } catch (error) {
    throw damagedMetadata(path, error);
  }
}

/** The file was only ever replaced whole by ourselves, so the records themselves are believed. */
function isDocument(value: unknown): value is { readonly records: readonly LegacyRecord[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === FORMAT &&
    'version' in value &&
    value.version === VERSION &&
    'records' in value &&
    Array.isArray(value.records)
  );
}
