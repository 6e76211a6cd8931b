import { uuidFromBytes } from '@millrace/kafka-protocol';
import type { Random } from '@millrace/foundation';
import { features } from './features.ts';
import type { MetadataLog } from './metadata/metadata-log.ts';
import type { PartitionEntry } from './metadata/metadata-image.ts';
import { partitionChange, type MetadataRecord } from './metadata/metadata-records.ts';
import type { Listener, ListenerSettings } from './network/listeners.ts';

export interface Registration {
  readonly nodeId: number;
  readonly rack: string | null;
  readonly listeners: readonly ListenerSettings[];
  /** Where each of them is open. */
  readonly bound: readonly Listener[];
  readonly logDirs: readonly string[];
}

const UNFENCED = -1;
/** Kafka's numbers. */
const PROTOCOLS = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const;

/** Says that this process is the broker from now on: with an incarnation and a broker epoch of its own. */
export async function registerBroker(
  metadata: MetadataLog,
  { nodeId, rack, listeners, bound, logDirs }: Registration,
  random: Random,
): Promise<void> {
  await metadata.change(() => {
    // As Kafka's controller: the offset that this very record gets.
    const brokerEpoch = metadata.appliedOffset + 1;
    return [
      {
        kind: 'register-broker',
        brokerId: nodeId,
        isMigratingZkBroker: false,
        incarnationId: uuidFromBytes(random.nextBytes(16)),
        brokerEpoch,
        endPoints: listeners.map(({ name, host, port, protocol, advertised }, index) => ({
          name,
          host: advertised?.host ?? host,
          port: portOf(advertised?.port, bound[index]?.port ?? port),
          securityProtocol: PROTOCOLS[protocol],
        })),
        features: features.map(({ name, minLevel, maxLevel }) => ({
          name,
          minSupportedVersion: minLevel,
          maxSupportedVersion: maxLevel,
        })),
        rack,
        fenced: true,
        inControlledShutdown: false,
        logDirs,
      },
      {
        kind: 'broker-registration-change',
        brokerId: nodeId,
        brokerEpoch,
        fenced: UNFENCED,
        inControlledShutdown: 0,
        logDirs: [],
      },
    ];
  });
}

/**
 * Leads what has its replica here: partitions that nobody leads, as Kafka leaves them when it stops,
 * and after a stop that was not clean all of them again, in a new epoch, so that what is written from
 * now on is told from what was before (INV-7).
 */
export async function electSelf(
  metadata: MetadataLog,
  nodeId: number,
  isUnclean: boolean,
): Promise<void> {
  await metadata.change(({ topicsById }) => {
    const records: MetadataRecord[] = [];
    for (const { topicId, partitions } of topicsById.values()) {
      for (const [partitionId, partition] of partitions.entries()) {
        if (!mayLead(partition, nodeId) || (partition.leader === nodeId && !isUnclean)) continue;
        const isr = partition.isr.includes(nodeId)
          ? {}
          : { isr: [nodeId], eligibleLeaderReplicas: [], lastKnownElr: [] };
        records.push(partitionChange(topicId, partitionId, { leader: nodeId, ...isr }));
      }
    }
    return records;
  });
}

/** Only a replica that has everything that was committed (KIP-966), or the only one there is. */
function mayLead(partition: PartitionEntry, nodeId: number): boolean {
  const { isr, eligibleLeaderReplicas, replicas } = partition;
  return (
    isr.includes(nodeId) ||
    eligibleLeaderReplicas.includes(nodeId) ||
    (replicas.length === 1 && replicas[0] === nodeId)
  );
}

/** Port 0 is the one that was free. */
function portOf(advertised: number | undefined, bound: number): number {
  return advertised === undefined || advertised === 0 ? bound : advertised;
}
