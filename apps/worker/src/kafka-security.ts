import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ConfigProblem } from '@millrace/config';
import type { SaslOptions } from '@millrace/kafka-client';
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

/** PEM only: Java's own key stores can't be read without Java. Without a trust store, the system's is used. */
function tlsFrom(config: FlatConfig, problems: ConfigProblem[]): ConnectionOptions {
  const ca = pem(config, 'truststore', 'ssl.truststore.certificates', problems);
  const chain = pem(config, 'keystore', 'ssl.keystore.certificate.chain', problems);
  const key = config['ssl.keystore.key'] ?? chain;
  const passphrase = config['ssl.key.password'];
  const checksHost = (config['ssl.endpoint.identification.algorithm'] ?? 'https') !== '';
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(chain === undefined ? {} : { cert: chain, key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
  };
}

function pem(
  config: FlatConfig,
  store: 'truststore' | 'keystore',
  inlineKey: string,
  problems: ConfigProblem[],
): string | undefined {
  const inline = config[inlineKey];
  if (inline !== undefined) return inline.replaceAll('\\n', '\n');
  const locationKey = `ssl.${store}.location`;
  const location = config[locationKey];
  if (location === undefined) return undefined;
  if ((config[`ssl.${store}.type`] ?? 'JKS').toUpperCase() !== 'PEM') {
    add(
      problems,
      locationKey,
      `only PEM can be read: convert the store with "keytool -exportcert -rfc" or "openssl pkcs12", and set ssl.${store}.type=PEM`,
    );
    return undefined;
  }
  try {
    return readFileSync(location, 'utf8');
  } catch (error) {
    add(problems, locationKey, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function add(problems: ConfigProblem[], key: string, problem: string): void {
  problems.push({ key, message: `Invalid value for configuration ${key}: ${problem}` });
}
