import { dynamicKafkaOnlyKeys } from './kafka-only-fields.ts';
import { topicDefaultKeys } from './topic-fields.ts';

/** Keys and trust stores: only by listener, and used at once. */
const TLS_KEYS = [
  'ssl.keystore.type',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.key.password',
  'ssl.keystore.key',
  'ssl.keystore.certificate.chain',
  'ssl.truststore.type',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.certificates',
] as const;

/** Of one broker each, never of all; those of listeners are used from the next start on. */
const OWN_KEYS = [
  'listener.security.protocol.map',
  'listeners',
  'principal.builder.class',
  'sasl.enabled.mechanisms',
  'sasl.jaas.config',
  'sasl.kerberos.kinit.cmd',
  'sasl.kerberos.min.time.before.relogin',
  'sasl.kerberos.principal.to.local.rules',
  'sasl.kerberos.service.name',
  'sasl.kerberos.ticket.renew.jitter',
  'sasl.kerberos.ticket.renew.window.factor',
  'sasl.login.refresh.buffer.seconds',
  'sasl.login.refresh.min.period.seconds',
  'sasl.login.refresh.window.factor',
  'sasl.login.refresh.window.jitter',
  'sasl.mechanism.inter.broker.protocol',
  'ssl.cipher.suites',
  'ssl.client.auth',
  'ssl.enabled.protocols',
  'ssl.endpoint.identification.algorithm',
  'ssl.engine.factory.class',
  'ssl.keymanager.algorithm',
  'ssl.protocol',
  'ssl.provider',
  'ssl.secure.random.implementation',
  'ssl.trustmanager.algorithm',
] as const;

/** For all brokers or for one, and in effect at once. */
const CLUSTER_KEYS = [
  'log.cleaner.backoff.ms',
  'log.cleaner.dedupe.buffer.size',
  'log.cleaner.io.buffer.load.factor',
  'log.cleaner.io.buffer.size',
  'log.cleaner.io.max.bytes.per.second',
  'log.cleaner.threads',
  'max.connection.creation.rate',
  'max.connections',
  'max.connections.per.ip',
  'max.connections.per.ip.overrides',
  // From the next start on, when logs are recovered.
  'num.recovery.threads.per.data.dir',
  'producer.id.expiration.ms',
  'replica.alter.log.dirs.io.max.bytes.per.second',
  'transaction.partition.verification.enable',
] as const;

/** Their number may at most double, or halve, at a time. */
export const THREAD_KEYS: ReadonlySet<string> = new Set([
  'background.threads',
  'log.cleaner.threads',
  'num.io.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
]);

/** Settings that brokers take while they run: Kafka's. */
const DYNAMIC_KEYS: ReadonlySet<string> = new Set<string>([
  ...topicDefaultKeys,
  ...dynamicKafkaOnlyKeys,
  ...TLS_KEYS,
  ...OWN_KEYS,
  ...CLUSTER_KEYS,
]);
const TLS_KEY_SET: ReadonlySet<string> = new Set(TLS_KEYS);
const OWN_KEY_SET: ReadonlySet<string> = new Set<string>([...TLS_KEYS, ...OWN_KEYS]);

const LISTENER_KEY =
  /^listener\.name\.[^.]+\.(?:(?:plain|scram-sha-256|scram-sha-512|oauthbearer|gssapi)\.)?(.+)$/;

export function isDynamic(key: string): boolean {
  return DYNAMIC_KEYS.has(key);
}

/** Says nothing without the prefix of a listener. */
export function isOnlyForListener(key: string): boolean {
  return TLS_KEY_SET.has(key);
}

/** Can't be set for all brokers. */
export function isOfOneBroker(key: string): boolean {
  return OWN_KEY_SET.has(listenerBaseKey(key) ?? key);
}

/** The key after the prefixes of a listener and its mechanism; undefined without them. */
export function listenerBaseKey(key: string): string | undefined {
  return LISTENER_KEY.exec(key)?.[1];
}
