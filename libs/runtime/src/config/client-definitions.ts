import type { AnyField, Importance } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { clientKinds, type ClientKind } from './client-keys.ts';
import { withoutPrefix } from './prefixes.ts';

/** A key of Kafka's clients as its ConfigDef has it: type, default, importance. */
type Definition = readonly [
  'INT' | 'LONG' | 'BOOLEAN' | 'LIST' | 'STRING' | 'PASSWORD',
  string | null,
  Importance,
];
type Definitions = Readonly<Record<string, Definition>>;

const CONNECTION: Definitions = {
  'bootstrap.servers': ['LIST', '', 'HIGH'],
  'client.id': ['STRING', '', 'LOW'],
  'request.timeout.ms': ['INT', '30000', 'MEDIUM'],
  'retry.backoff.ms': ['LONG', '100', 'LOW'],
  'retry.backoff.max.ms': ['LONG', '1000', 'LOW'],
  'security.protocol': ['STRING', 'PLAINTEXT', 'MEDIUM'],
  'sasl.mechanism': ['STRING', 'GSSAPI', 'MEDIUM'],
  'sasl.jaas.config': ['PASSWORD', null, 'MEDIUM'],
  'sasl.oauthbearer.token.endpoint.url': ['STRING', null, 'MEDIUM'],
  'sasl.login.connect.timeout.ms': ['INT', null, 'LOW'],
  'sasl.login.read.timeout.ms': ['INT', null, 'LOW'],
  'ssl.truststore.location': ['STRING', null, 'HIGH'],
  'ssl.truststore.type': ['STRING', 'JKS', 'MEDIUM'],
  'ssl.truststore.password': ['PASSWORD', null, 'HIGH'],
  'ssl.truststore.certificates': ['PASSWORD', null, 'HIGH'],
  'ssl.keystore.location': ['STRING', null, 'HIGH'],
  'ssl.keystore.type': ['STRING', 'JKS', 'MEDIUM'],
  'ssl.keystore.password': ['PASSWORD', null, 'HIGH'],
  'ssl.keystore.key': ['PASSWORD', null, 'HIGH'],
  'ssl.keystore.certificate.chain': ['PASSWORD', null, 'HIGH'],
  'ssl.key.password': ['PASSWORD', null, 'HIGH'],
  'ssl.endpoint.identification.algorithm': ['STRING', 'https', 'LOW'],
  'ssl.protocol': ['STRING', 'TLSv1.3', 'MEDIUM'],
  'ssl.enabled.protocols': ['LIST', 'TLSv1.2,TLSv1.3', 'MEDIUM'],
  'ssl.cipher.suites': ['LIST', null, 'LOW'],
};

const DEFINITIONS: Readonly<Record<ClientKind, Definitions>> = {
  producer: {
    ...CONNECTION,
    acks: ['STRING', 'all', 'LOW'],
    'batch.size': ['INT', '16384', 'MEDIUM'],
    'buffer.memory': ['LONG', '33554432', 'HIGH'],
    'client.id': ['STRING', '', 'MEDIUM'],
    'compression.type': ['STRING', 'none', 'HIGH'],
    'compression.gzip.level': ['INT', '-1', 'MEDIUM'],
    'compression.lz4.level': ['INT', '9', 'MEDIUM'],
    'compression.zstd.level': ['INT', '3', 'MEDIUM'],
    'delivery.timeout.ms': ['INT', '120000', 'MEDIUM'],
    'enable.idempotence': ['BOOLEAN', 'true', 'LOW'],
    'linger.ms': ['LONG', '5', 'MEDIUM'],
    'max.block.ms': ['LONG', '60000', 'MEDIUM'],
    'max.in.flight.requests.per.connection': ['INT', '5', 'LOW'],
    'max.request.size': ['INT', '1048576', 'MEDIUM'],
    'partitioner.ignore.keys': ['BOOLEAN', 'false', 'MEDIUM'],
    'transaction.timeout.ms': ['INT', '60000', 'LOW'],
  },
  consumer: {
    ...CONNECTION,
    'auto.offset.reset': ['STRING', 'latest', 'MEDIUM'],
    'client.rack': ['STRING', '', 'LOW'],
    'fetch.max.bytes': ['INT', '52428800', 'MEDIUM'],
    'fetch.max.wait.ms': ['INT', '500', 'LOW'],
    'fetch.min.bytes': ['INT', '1', 'HIGH'],
    'group.id': ['STRING', null, 'HIGH'],
    'group.instance.id': ['STRING', null, 'MEDIUM'],
    'group.protocol': ['STRING', 'classic', 'HIGH'],
    'group.remote.assignor': ['STRING', null, 'MEDIUM'],
    'heartbeat.interval.ms': ['INT', '3000', 'HIGH'],
    'isolation.level': ['STRING', 'read_uncommitted', 'MEDIUM'],
    'max.partition.fetch.bytes': ['INT', '1048576', 'HIGH'],
    'max.poll.interval.ms': ['INT', '300000', 'MEDIUM'],
    'max.poll.records': ['INT', '500', 'MEDIUM'],
    'partition.assignment.strategy': [
      'LIST',
      'class org.apache.kafka.clients.consumer.RangeAssignor,class org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
      'MEDIUM',
    ],
    'session.timeout.ms': ['INT', '45000', 'HIGH'],
  },
  admin: { ...CONNECTION, 'client.id': ['STRING', '', 'MEDIUM'] },
};

/** The client keys that a connector gives, as fields; what Kafka's clients do not know has none. */
export function overrideFields(given: ComponentConfig): Readonly<Record<string, AnyField>> {
  const fields: Record<string, AnyField> = {};
  for (const kind of clientKinds) {
    const prefix = `${kind}.override.`;
    for (const key of Object.keys(withoutPrefix(given, prefix))) {
      const definition = DEFINITIONS[kind][key];
      if (definition !== undefined) fields[`${prefix}${key}`] = fieldOf(kind, key, definition);
    }
  }
  return fields;
}

function fieldOf(kind: ClientKind, key: string, [type, text, importance]: Definition): AnyField {
  const doc = `'${key}' of the ${kind} that this connector has; see Kafka's documentation of it.`;
  const common = { importance, displayName: key, doc };
  switch (type) {
    case 'INT':
    case 'LONG':
      return { ...common, type, default: text === null ? null : Number(text) };
    case 'BOOLEAN':
      return { ...common, type, default: text === 'true' };
    case 'LIST':
      return { ...common, type, default: text === null ? null : text.split(',').filter(Boolean) };
    case 'STRING':
    case 'PASSWORD':
      return { ...common, type, default: text };
  }
}
