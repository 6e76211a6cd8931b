import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ConfigProblem } from '@millrace/config';
import { keyPairOf, KeyStoreReader, type KeyStore, type SaslOptions } from '@millrace/kafka-client';
import { jaasOption } from './jaas.ts';
import { bearerFrom } from './oauth-security.ts';

/** How connections to an external Kafka are secured, from Kafka's own client keys. */
export interface KafkaSecurity {
  readonly tls?: ConnectionOptions;
  readonly sasl?: SaslOptions;
}

type FlatConfig = Readonly<Record<string, string>>;

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;

/** Reads `security.protocol`, `sasl.*` and `ssl.*`; what does not work is added to `problems`. */
export function kafkaSecurity(config: FlatConfig, problems: ConfigProblem[]): KafkaSecurity {
  const protocol = (config['security.protocol'] ?? 'PLAINTEXT').toUpperCase();
  if (!PROTOCOLS.includes(protocol)) {
    add(problems, 'security.protocol', `must be one of: ${PROTOCOLS.join(', ')}`);
    return {};
  }
  const tls = protocol.endsWith('SSL') ? tlsFrom(config, problems) : undefined;
  const sasl = protocol.startsWith('SASL') ? saslFrom(config, tls, problems) : undefined;
  return { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
}

function saslFrom(
  config: FlatConfig,
  tls: ConnectionOptions | undefined,
  problems: ConfigProblem[],
): SaslOptions | undefined {
  const given = config['sasl.mechanism'] ?? 'GSSAPI';
  const mechanism = MECHANISMS.find((name) => name === given);
  if (mechanism === undefined) {
    add(problems, 'sasl.mechanism', `"${given}" is not one of: ${MECHANISMS.join(', ')}`);
    return undefined;
  }
  if (mechanism === 'OAUTHBEARER') return bearerFrom(config, tls, problems);
  const jaas = config['sasl.jaas.config'] ?? '';
  const username = jaasOption(jaas, 'username');
  const password = jaasOption(jaas, 'password');
  if (username !== undefined && password !== undefined) return { mechanism, username, password };
  add(problems, 'sasl.jaas.config', 'must hold username="…" and password="…" of a login module');
  return undefined;
}

/** From PEM, PKCS12 and Java's key stores. Without a trust store, the system's is used. */
function tlsFrom(config: FlatConfig, problems: ConfigProblem[]): ConnectionOptions {
  const ca = trustFrom(config, problems);
  const own = ownKeyFrom(config, problems);
  const checksHost = (config['ssl.endpoint.identification.algorithm'] ?? 'https') !== '';
  return {
    ...(ca === undefined ? {} : { ca }),
    ...own,
    ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
  };
}

function trustFrom(config: FlatConfig, problems: ConfigProblem[]): string | undefined {
  const inline = config['ssl.truststore.certificates'];
  if (inline !== undefined) return inline.replaceAll('\\n', '\n');
  const file = storeFile(config, 'truststore', problems);
  if (file === undefined) return undefined;
  if (isPem(config, 'truststore')) return file.toString('utf8');
  const store = readStore(config, 'truststore', file, problems);
  if (store?.trusted.length === 0)
    add(problems, 'ssl.truststore.location', 'the store has no certificate that is to be trusted');
  return store?.trusted.map((pem) => `${pem}\n`).join('');
}

function ownKeyFrom(config: FlatConfig, problems: ConfigProblem[]): ConnectionOptions {
  const inline = config['ssl.keystore.certificate.chain']?.replaceAll('\\n', '\n');
  const file = inline === undefined ? storeFile(config, 'keystore', problems) : undefined;
  if (inline === undefined && file === undefined) return {};
  if (file !== undefined && !isPem(config, 'keystore')) {
    const store = readStore(config, 'keystore', file, problems);
    if (store === undefined) return {};
    const pair = keyPairOf(store);
    if (pair === undefined)
      add(
        problems,
        'ssl.keystore.location',
        'the store has no private key with its certificate beside it',
      );
    return { ...pair };
  }
  const chain = inline ?? file?.toString('utf8');
  const passphrase = config['ssl.key.password'];
  return {
    cert: chain,
    key: config['ssl.keystore.key']?.replaceAll('\\n', '\n') ?? chain,
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

type StoreName = 'truststore' | 'keystore';

function isPem(config: FlatConfig, store: StoreName): boolean {
  return (config[`ssl.${store}.type`] ?? 'JKS').toUpperCase() === 'PEM';
}

function storeFile(
  config: FlatConfig,
  store: StoreName,
  problems: ConfigProblem[],
): Buffer | undefined {
  const locationKey = `ssl.${store}.location`;
  const location = config[locationKey];
  if (location === undefined) return undefined;
  try {
    return readFileSync(location);
  } catch (error) {
    add(problems, locationKey, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function readStore(
  config: FlatConfig,
  store: StoreName,
  file: Buffer,
  problems: ConfigProblem[],
): KeyStore | undefined {
  const password = `ssl.${store}.password`;
  const keyPassword = 'ssl.key.password';
  const read = new KeyStoreReader().read(
    file,
    { store: config[password], key: store === 'keystore' ? config[keyPassword] : undefined },
    { password, keyPassword },
  );
  if (!('problem' in read)) return read;
  add(problems, `ssl.${store}.location`, read.problem);
  return undefined;
}

function add(problems: ConfigProblem[], key: string, problem: string): void {
  problems.push({ key, message: `Invalid value for configuration ${key}: ${problem}` });
}
