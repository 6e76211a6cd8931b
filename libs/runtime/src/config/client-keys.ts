import { parseValue, type FieldType } from '@millrace/config';
import type {
  AssignorName,
  ConsumerOptions,
  FetchOptions,
  ProducerOptions,
  TransactionalProducerOptions,
} from '@millrace/kafka-client';
import { clientRangeProblem } from './client-ranges.ts';
import { listOf } from './prefixes.ts';

/** What a value of Kafka's becomes for our client, or why it can't. */
type Parsed =
  { readonly options: Readonly<Record<string, unknown>> } | { readonly problem: string };
type ClientKey = (text: string) => Parsed;

export const clientKinds = ['producer', 'consumer', 'admin'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** The name is checked by whose options it belongs to, below. */
function option(name: string, type: FieldType): ClientKey {
  return (text) => {
    const parsed = parseValue(type, text);
    return 'problem' in parsed ? parsed : { options: { [name]: parsed.value } };
  };
}

function oneOf(name: string, values: readonly string[]): ClientKey {
  return (text) => {
    const value = values.find((each) => each === text.trim().toLowerCase());
    return value === undefined
      ? { problem: `must be one of: ${values.join(', ')}` }
      : { options: { [name]: value } };
  };
}

type ProducerName = keyof TransactionalProducerOptions | keyof ProducerOptions;
const producer = (name: ProducerName, type: FieldType): ClientKey => option(name, type);
const fetch = (name: keyof FetchOptions, type: FieldType): ClientKey => option(name, type);
const consumer = (name: keyof ConsumerOptions, type: FieldType): ClientKey => option(name, type);

const PRODUCER_KEYS: Readonly<Record<string, ClientKey>> = {
  acks: acksOf,
  'batch.size': producer('batchBytes', 'INT'),
  'buffer.memory': producer('bufferBytes', 'LONG'),
  'compression.type': oneOf('compression', ['none', 'gzip', 'snappy', 'lz4', 'zstd']),
  'compression.gzip.level': (text) => compressionLevel(text),
  'compression.lz4.level': (text) => compressionLevel(text),
  'compression.zstd.level': (text) => compressionLevel(text),
  'delivery.timeout.ms': producer('deliveryTimeoutMs', 'LONG'),
  'enable.idempotence': producer('enableIdempotence', 'BOOLEAN'),
  'linger.ms': producer('lingerMs', 'LONG'),
  'max.block.ms': producer('maxBlockMs', 'LONG'),
  'max.in.flight.requests.per.connection': producer('maxInFlight', 'INT'),
  'max.request.size': producer('maxRequestBytes', 'INT'),
  'partitioner.ignore.keys': producer('partitionerIgnoreKeys', 'BOOLEAN'),
  'request.timeout.ms': producer('requestTimeoutMs', 'LONG'),
  'retry.backoff.ms': producer('retryBackoffMs', 'LONG'),
  'retry.backoff.max.ms': producer('retryBackoffMaxMs', 'LONG'),
  'transaction.timeout.ms': producer('transactionTimeoutMs', 'LONG'),
};

const CONSUMER_KEYS: Readonly<Record<string, ClientKey>> = {
  'auto.offset.reset': resetOf,
  'client.rack': fetch('rackId', 'STRING'),
  'fetch.max.bytes': fetch('fetchMaxBytes', 'INT'),
  'fetch.max.wait.ms': fetch('fetchMaxWaitMs', 'INT'),
  'fetch.min.bytes': fetch('fetchMinBytes', 'INT'),
  // Read by `consumerGroupOf`, since offsets are altered without a consumer.
  'group.id': () => ({ options: {} }),
  'group.instance.id': consumer('groupInstanceId', 'STRING'),
  'group.protocol': oneOf('groupProtocol', ['classic', 'consumer']),
  'group.remote.assignor': consumer('remoteAssignor', 'STRING'),
  'heartbeat.interval.ms': consumer('heartbeatIntervalMs', 'INT'),
  'isolation.level': oneOf('isolationLevel', ['read_uncommitted', 'read_committed']),
  'max.partition.fetch.bytes': fetch('maxPartitionFetchBytes', 'INT'),
  'max.poll.interval.ms': consumer('rebalanceTimeoutMs', 'INT'),
  'max.poll.records': fetch('maxPollRecords', 'INT'),
  'partition.assignment.strategy': assignorsOf,
  'request.timeout.ms': fetch('requestTimeoutMs', 'INT'),
  'retry.backoff.ms': fetch('retryBackoffMs', 'LONG'),
  'session.timeout.ms': consumer('sessionTimeoutMs', 'INT'),
};

const KEYS: Readonly<Record<ClientKind, Readonly<Record<string, ClientKey>>>> = {
  producer: PRODUCER_KEYS,
  consumer: CONSUMER_KEYS,
  // The worker's own connections do what administrators do.
  admin: {},
};

/** Which of Kafka's keys our clients have. */
export function clientKeys(kind: ClientKind): readonly string[] {
  return Object.keys(KEYS[kind]);
}

/** What is wrong with the value; undefined as well for keys that our clients lack. */
export function clientKeyProblem(kind: ClientKind, key: string, text: string): string | undefined {
  const parsed = KEYS[kind][key]?.(text);
  if (parsed === undefined) return undefined;
  if ('problem' in parsed) return parsed.problem;
  const number = Number(text);
  return Number.isInteger(number) ? clientRangeProblem(key, number) : undefined;
}

/** The options that Kafka's keys mean. Values that can't be read are left out: they were refused before. */
export function clientOptions(
  kind: ClientKind,
  raw: Readonly<Record<string, string>>,
): Readonly<Record<string, never>> {
  const options: Record<string, unknown> = {};
  for (const [key, parse] of Object.entries(KEYS[kind])) {
    const text = raw[key];
    const parsed = text === undefined ? undefined : parse(text);
    if (parsed !== undefined && 'options' in parsed) Object.assign(options, parsed.options);
  }
  // The tables above pair each option with its type.
  return { ...options, ...levelFor(options['compression'], raw) } as Record<string, never>;
}

/** A level is of no meaning to another codec. */
function levelFor(codec: unknown, raw: Readonly<Record<string, string>>): object {
  const text = typeof codec === 'string' ? raw[`compression.${codec}.level`] : undefined;
  const parsed = text === undefined ? undefined : parseValue('INT', text);
  return parsed !== undefined && 'value' in parsed ? { compressionLevel: parsed.value } : {};
}

/** Checked alone: it is read with the codec. */
const compressionLevel: ClientKey = (text) => {
  const parsed = parseValue('INT', text);
  return 'problem' in parsed ? parsed : { options: {} };
};

function acksOf(text: string): Parsed {
  switch (text.trim()) {
    case 'all':
    case '-1':
      return { options: { acks: 'all' } };
    case '0':
      return { options: { acks: 0, enableIdempotence: false } };
    case '1':
      return { options: { acks: 1, enableIdempotence: false } };
    default:
      return { problem: 'must be one of: all, -1, 0, 1' };
  }
}

function resetOf(text: string): Parsed {
  const value = text.trim();
  if (['earliest', 'latest', 'none'].includes(value))
    return { options: { autoOffsetReset: value } };
  return /^by_duration:P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?$/iu.test(value)
    ? { options: { autoOffsetReset: value } }
    : {
        problem:
          'must be one of: earliest, latest, none, or by_duration: and a duration, such as by_duration:PT24H',
      };
}

const ASSIGNORS: Readonly<Record<string, AssignorName>> = {
  CooperativeStickyAssignor: 'cooperative-sticky',
  StickyAssignor: 'sticky',
  RoundRobinAssignor: 'roundrobin',
  RangeAssignor: 'range',
};

function assignorsOf(text: string): Parsed {
  const assignors: AssignorName[] = [];
  for (const className of listOf(text)) {
    const simpleName = className.slice(className.lastIndexOf('.') + 1);
    const assignor = ASSIGNORS[simpleName];
    if (assignor === undefined)
      return { problem: `${className} is not one of: ${Object.keys(ASSIGNORS).join(', ')}` };
    assignors.push(assignor);
  }
  return { options: assignors.length === 0 ? {} : { assignors } };
}
