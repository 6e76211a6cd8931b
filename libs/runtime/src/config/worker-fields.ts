import {
  atLeast,
  defineFields,
  nonEmpty,
  oneOfIgnoringCase,
  resolveConfig,
} from '@millrace/config';
import type { RawConfig, Resolved } from '@millrace/config';
import type { WindowSettings } from '../metrics/sample-window.ts';
import { workerIsolationFields } from './isolation-fields.ts';
import { OVERRIDE_POLICIES, validPolicy } from './override-policy.ts';

/**
 * The worker's keys that the runtime reads; Kafka Connect's names and, unless the doc says otherwise, its defaults.
 * REST, broker and client keys belong to the app that composes the process.
 */
export const workerFields = defineFields({
  'group.id': {
    type: 'STRING',
    default: 'connect-cluster',
    importance: 'HIGH',
    doc: 'The name of the Connect cluster. Required in Kafka Connect; one worker needs no other name.',
    validate: nonEmpty,
  },
  'exactly.once.source.support': {
    type: 'STRING',
    default: 'disabled',
    importance: 'HIGH',
    recommended: ['disabled', 'preparing', 'enabled'],
    doc: "Whether sources deliver in transactions, their offsets with the records. 'preparing' is for rolling upgrades of Kafka Connect and means disabled here.",
    validate: oneOfIgnoringCase('disabled', 'preparing', 'enabled'),
  },
  'task.scratch.dir': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'Folder for what tasks may lose at any time, such as transactions in progress; by default "scratch" in data.dir.',
  },
  'config.storage.topic': {
    type: 'STRING',
    default: 'connect-configs',
    importance: 'HIGH',
    doc: 'The topic of connector and task configurations: one partition, compacted.',
    validate: nonEmpty,
  },
  'offset.storage.topic': {
    type: 'STRING',
    default: 'connect-offsets',
    importance: 'HIGH',
    doc: "The topic of the source connectors' offsets: compacted.",
    validate: nonEmpty,
  },
  'status.storage.topic': {
    type: 'STRING',
    default: 'connect-status',
    importance: 'HIGH',
    doc: 'The topic of connector and task states: compacted.',
    validate: nonEmpty,
  },
  'config.storage.replication.factor': replicationFactor('configurations'),
  'offset.storage.replication.factor': replicationFactor('offsets'),
  'status.storage.replication.factor': replicationFactor('states'),
  'offset.storage.partitions': {
    type: 'INT',
    default: null,
    importance: 'LOW',
    doc: 'Partitions of the offsets topic when it is created. Default: 25 as in Kafka Connect, 1 with the embedded log.',
  },
  'status.storage.partitions': {
    type: 'INT',
    default: null,
    importance: 'LOW',
    doc: 'Partitions of the status topic when it is created. Default: 5 as in Kafka Connect, 1 with the embedded log.',
  },
  'key.converter': {
    type: 'CLASS',
    default: 'org.apache.kafka.connect.json.JsonConverter',
    importance: 'HIGH',
    doc: 'Converter of record keys unless a connector names its own. Required in Kafka Connect; here JSON with schemas.',
  },
  'value.converter': {
    type: 'CLASS',
    default: 'org.apache.kafka.connect.json.JsonConverter',
    importance: 'HIGH',
    doc: 'Converter of record values unless a connector names its own. Required in Kafka Connect; here JSON with schemas.',
  },
  'header.converter': {
    type: 'CLASS',
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: 'LOW',
    doc: 'Converter of header values unless a connector names its own.',
  },
  'offset.flush.interval.ms': {
    type: 'LONG',
    default: 5000,
    importance: 'LOW',
    doc: 'How often offsets are committed. Kafka Connect: 60000. After a crash everything since the last commit is repeated, and a source holds its history so long; a commit costs one small record, so it is done more often here.',
    validate: atLeast(1),
  },
  'offset.flush.timeout.ms': {
    type: 'LONG',
    default: 5000,
    importance: 'LOW',
    doc: 'How long one write of offsets may take before it is tried again with the next flush.',
    validate: atLeast(1),
  },
  'task.shutdown.graceful.timeout.ms': {
    type: 'LONG',
    default: 5000,
    importance: 'LOW',
    doc: 'How long a task may take to stop before it is left behind; nothing that it does later is used.',
    validate: atLeast(0),
  },
  'task.call.timeout.ms': {
    type: 'LONG',
    default: 300_000,
    importance: 'LOW',
    doc: "How long one call of a task's method may take before the task is FAILED. Not in Kafka Connect, where such a task hangs unseen.",
    validate: atLeast(1),
  },
  'connector.call.timeout.ms': {
    type: 'LONG',
    default: 60_000,
    importance: 'LOW',
    doc: 'How long validate and taskConfigs of a connector may take. Not in Kafka Connect, where such a connector blocks the worker.',
    validate: atLeast(1),
  },
  'connector.client.config.override.policy': {
    type: 'STRING',
    default: 'All',
    importance: 'LOW',
    recommended: [...OVERRIDE_POLICIES],
    doc: 'Which client settings connectors may set by producer.override.*, consumer.override.* and admin.override.*: All, None, Principal (the three of a login) or Allowlist. Names of the Java classes are accepted.',
    validate: validPolicy,
  },
  'connector.client.config.override.allowlist': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    doc: 'The client settings that connectors may set with the policy Allowlist.',
  },
  'metrics.sample.window.ms': {
    type: 'LONG',
    default: 30_000,
    importance: 'LOW',
    doc: 'How long one window of the averages, maxima and rates among the metrics is.',
    validate: atLeast(1),
  },
  'metrics.num.samples': {
    type: 'INT',
    default: 2,
    importance: 'LOW',
    doc: 'How many windows they are computed from.',
    validate: atLeast(1),
  },
  'source.inflight.bytes.max': {
    type: 'LONG',
    default: 33_554_432,
    importance: 'LOW',
    doc: 'How many bytes of records of one source task may wait for their acknowledgement before the task is polled again.',
    validate: atLeast(1),
  },
  'source.inflight.batches.max': {
    type: 'INT',
    default: 64,
    importance: 'LOW',
    doc: 'How many batches of one source task may wait for their acknowledgement before the task is polled again.',
    validate: atLeast(1),
  },
  'topic.creation.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: "Whether source connectors' topic.creation.* groups are used.",
  },
  'topic.tracking.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Whether the topics that a connector uses are recorded.',
  },
  'topic.tracking.allow.reset': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Whether the record of used topics may be reset by request.',
  },
  ...workerIsolationFields,
});

function replicationFactor(what: string): {
  readonly type: 'INT';
  readonly default: null;
  readonly importance: 'LOW';
  readonly doc: string;
} {
  return {
    type: 'INT',
    default: null,
    importance: 'LOW',
    doc: `Replicas of the topic of ${what} when it is created. Default: 3 as in Kafka Connect, 1 with the embedded log; never more than there are brokers.`,
  };
}

/** Of the metrics of tasks. */
export function windowSettings({ fields }: WorkerSettings): WindowSettings {
  return {
    windowMs: fields['metrics.sample.window.ms'],
    windowCount: fields['metrics.num.samples'],
  };
}

export interface WorkerSettings {
  readonly fields: Resolved<typeof workerFields>;
  /** As given, for the keys that pass by prefix: `key.converter.*`, `producer.*`, `consumer.*`. */
  readonly raw: Readonly<Record<string, string>>;
  readonly isLogEmbedded: boolean;
}

/** @throws ConfigError with all problems */
export function resolveWorkerSettings(raw: RawConfig, isLogEmbedded: boolean): WorkerSettings {
  const given: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw))
    if (value !== null && value !== undefined) given[key] = value;
  return {
    fields: resolveConfig(workerFields, raw, 'worker configuration'),
    raw: given,
    isLogEmbedded,
  };
}
