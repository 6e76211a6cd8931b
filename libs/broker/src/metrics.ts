import type { MetricFamily, MetricSample } from '@millrace/foundation';
import { controllerMetrics } from './controller-metrics.ts';
import { logMetrics } from './log-metrics.ts';
import { requestTimes } from './request-metrics.ts';
import { securityMetrics } from './security-metrics.ts';
import type { BrokerCore } from './core.ts';
import { phaseOfGroup } from './groups/group-entry.ts';

export interface NetworkFigures {
  readonly connections: number;
  readonly queuedRequestBytes: number;
}

const PHASES: readonly string[] = [
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Assigning',
  'Reconciling',
  'Stable',
];

/** Names follow Kafka's MBeans as their usual Prometheus exporter writes them. Per partition only what Kafka's logs have. */
export function brokerMetrics(core: BrokerCore, network: NetworkFigures): readonly MetricFamily[] {
  const { counters, topics, responseBudget } = core;
  let logBytes = 0;
  let queuedBytes = 0;
  let offline = 0;
  for (const log of topics.openLogs()) {
    logBytes += log.bytes;
    queuedBytes += log.queuedBytes;
    if (log.isOffline) offline += 1;
  }
  return [
    ...counters.topics.families(),
    counter(
      'kafka_server_brokertopicmetrics_batchesin_total',
      'Record batches taken.',
      counters.producedBatches,
    ),
    {
      name: 'kafka_network_requestmetrics_requests_total',
      help: 'Requests by api.',
      type: 'counter',
      samples: [...counters.requestsByApi].map(([request, value]) => sample(value, { request })),
    },
    ...requestTimes(counters.timesByApi),
    gauge('kafka_network_socketserver_connections', 'Connections now.', network.connections),
    counter(
      'kafka_network_socketserver_connections_refused_total',
      'Connections beyond max.connections.',
      counters.connectionsRefused,
    ),
    gauge(
      'kafka_network_requestchannel_queued_bytes',
      'Bytes of requests not yet answered.',
      network.queuedRequestBytes,
    ),
    gauge(
      'kafka_network_responses_queued_bytes',
      'Bytes of records on their way to readers.',
      responseBudget.taken,
    ),
    gauge('kafka_server_replicamanager_partitioncount', 'Partitions.', topics.image.partitionCount),
    gauge(
      'kafka_server_replicamanager_offlinepartitions',
      'Partitions whose disk failed.',
      offline,
    ),
    gauge('kafka_log_logmanager_size_bytes', 'Bytes of all open logs.', logBytes),
    gauge(
      'kafka_log_logmanager_append_queue_bytes',
      'Bytes that wait to be appended.',
      queuedBytes,
    ),
    ...logMetrics(core.logs),
    ...controllerMetrics(core, offline),
    ...securityMetrics(core),
    {
      name: 'kafka_coordinator_group_groups',
      help: 'Groups by state.',
      type: 'gauge',
      samples: PHASES.map((state) => sample(countGroups(core, state), { state })),
    },
  ];
}

function countGroups(core: BrokerCore, phase: string): number {
  let count = 0;
  for (const { group } of core.groups.groups()) if (phaseOfGroup(group) === phase) count += 1;
  return count;
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'counter', samples: [sample(value)] };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [sample(value)] };
}

function sample(value: number, labels: Readonly<Record<string, string>> = {}): MetricSample {
  return { labels, value };
}
