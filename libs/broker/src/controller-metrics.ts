import type { MetricFamily } from '@millrace/foundation';
import type { BrokerCore } from './core.ts';

/** KafkaController, ReplicaManager and FetchSessionCache by Kafka's names: what the usual dashboards ask for. */
export function controllerMetrics(core: BrokerCore, offline: number): readonly MetricFamily[] {
  const { metadata, fetchSessions } = core;
  const { image, quorum } = metadata;
  const { led, underReplicated, underMinIsr, leaderless } = countPartitions(core);
  const fenced = [...image.brokers.values()].filter(({ isFenced }) => isFenced).length;
  return [
    gauge('kafka_server_kafkaserver_brokerstate', 'State of the broker: 3 is running.', 3),
    gauge('kafka_server_replicamanager_leadercount', 'Partitions led here.', led),
    gauge(
      'kafka_server_replicamanager_underreplicatedpartitions',
      'Partitions with replicas that are not in sync.',
      underReplicated,
    ),
    gauge(
      'kafka_server_replicamanager_underminisrpartitioncount',
      'Partitions with fewer replicas in sync than min.insync.replicas.',
      underMinIsr,
    ),
    gauge(
      'kafka_server_replicamanager_offlinereplicacount',
      'Replicas whose disk failed.',
      offline,
    ),
    gauge('kafka_controller_kafkacontroller_activecontrollercount', 'Whether it decides.', 1),
    gauge(
      'kafka_controller_kafkacontroller_activebrokercount',
      'Brokers that may lead.',
      image.brokers.size - fenced,
    ),
    gauge('kafka_controller_kafkacontroller_fencedbrokercount', 'Brokers that may not.', fenced),
    gauge('kafka_controller_kafkacontroller_globaltopiccount', 'Topics.', image.topicsById.size),
    gauge(
      'kafka_controller_kafkacontroller_globalpartitioncount',
      'Partitions of all topics.',
      image.partitionCount,
    ),
    gauge(
      'kafka_controller_kafkacontroller_offlinepartitionscount',
      'Partitions that nobody leads, or whose disk failed.',
      leaderless + offline,
    ),
    gauge(
      'kafka_controller_kafkacontroller_preferredreplicaimbalancecount',
      'Partitions not led by their first replica.',
      0,
    ),
    gauge(
      'kafka_controller_kafkacontroller_lastcommittedrecordoffset',
      'Offset of the last record of the metadata log.',
      metadata.appliedOffset,
    ),
    gauge('kafka_server_raft_metrics_current_epoch', 'Epoch of the quorum.', quorum.leaderEpoch),
    gauge('kafka_server_raft_metrics_current_leader', 'Who leads the quorum.', quorum.leaderId),
    gauge(
      'kafka_server_raft_metrics_high_watermark',
      'End of what the quorum has agreed on.',
      quorum.highWatermark,
    ),
    gauge(
      'kafka_server_fetchsessioncache_numincrementalfetchsessions',
      'Fetch sessions that are kept.',
      fetchSessions.size,
    ),
    gauge(
      'kafka_server_fetchsessioncache_numincrementalfetchpartitionscached',
      'Partitions of all fetch sessions.',
      fetchSessions.partitionCount,
    ),
    {
      name: 'kafka_server_fetchsessioncache_incrementalfetchsessionevictions_total',
      help: 'Fetch sessions that were given up for others.',
      type: 'counter',
      samples: [{ labels: {}, value: fetchSessions.evictions }],
    },
  ];
}

interface PartitionCounts {
  led: number;
  underReplicated: number;
  underMinIsr: number;
  leaderless: number;
}

function countPartitions({ topics, nodeId }: BrokerCore): PartitionCounts {
  const counts = { led: 0, underReplicated: 0, underMinIsr: 0, leaderless: 0 };
  for (const entry of topics.image.topicsById.values()) {
    const minInSync = topics.minInSyncReplicas(entry);
    for (const { leader, isr, replicas } of entry.partitions) {
      if (leader === nodeId) counts.led += 1;
      if (leader < 0) counts.leaderless += 1;
      if (isr.length < replicas.length) counts.underReplicated += 1;
      if (isr.length < minInSync) counts.underMinIsr += 1;
    }
  }
  return counts;
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ labels: {}, value }] };
}
