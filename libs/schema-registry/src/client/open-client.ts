import { resolveConfig } from '@millrace/config';
import type { Clock, Random } from '@millrace/foundation';
import { registryClientFields } from './client-fields.ts';
import { HttpTransport } from './http-transport.ts';
import { RegistryClient } from './registry-client.ts';
import { readTls } from './tls-files.ts';
import type { RegistryTransport } from './transport.ts';

export interface RegistryClientPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Instead of HTTP. */
  readonly transport?: RegistryTransport;
}

const HEADER_PREFIX = 'request.header.';

/** A client by the keys of `registryClientFields`, `schema.registry.ssl.*` and `request.header.*`. Opens nothing yet. */
export function openRegistryClient(
  raw: Readonly<Record<string, string>>,
  ports: RegistryClientPorts,
): RegistryClient {
  const config = resolveConfig(registryClientFields, raw, 'schema registry configuration');
  const urls = config['schema.registry.url'].map((url) => new URL(url));
  return new RegistryClient({
    transport: ports.transport ?? new HttpTransport(readTls(raw)),
    urls: urls.map(withoutCredentials),
    headers: { ...customHeaders(raw), ...authorization(config, urls) },
    requestTimeoutMs: config['http.read.timeout.ms'],
    retriesMax: config['max.retries'],
    retryDelayMs: config['retries.wait.ms'],
    retryDelayMaxMs: config['retries.max.wait.ms'],
    cacheEntriesMax: config['max.schemas.per.subject'],
    clock: ports.clock,
    random: ports.random,
  });
}

interface Credentials {
  readonly 'basic.auth.credentials.source': string;
  readonly 'basic.auth.user.info': string;
  readonly 'sasl.jaas.config': string;
  readonly 'bearer.auth.token': string;
  readonly 'bearer.auth.logical.cluster': string;
  readonly 'bearer.auth.identity.pool.id': string;
}

function authorization(config: Credentials, urls: readonly URL[]): Record<string, string> {
  if (config['bearer.auth.token'] !== '')
    return {
      authorization: `Bearer ${config['bearer.auth.token']}`,
      ...present('target-sr-cluster', config['bearer.auth.logical.cluster']),
      ...present('confluent-identity-pool-id', config['bearer.auth.identity.pool.id']),
    };
  const userInfo = userInfoOf(config, urls);
  if (userInfo === undefined) return {};
  return { authorization: `Basic ${Buffer.from(userInfo).toString('base64')}` };
}

function userInfoOf(config: Credentials, urls: readonly URL[]): string | undefined {
  switch (config['basic.auth.credentials.source'].toUpperCase()) {
    case 'USER_INFO':
      return config['basic.auth.user.info'];
    case 'SASL_INHERIT': {
      const jaas = config['sasl.jaas.config'];
      const name = /\busername\s*=\s*"([^"]*)"/.exec(jaas)?.[1];
      const password = /\bpassword\s*=\s*"([^"]*)"/.exec(jaas)?.[1];
      return name === undefined || password === undefined ? undefined : `${name}:${password}`;
    }
    default: {
      const url = urls.find(({ username }) => username !== '');
      if (url === undefined) return undefined;
      return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    }
  }
}

/** What is left may be shown. */
function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function customHeaders(raw: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key.startsWith(HEADER_PREFIX) && key.length > HEADER_PREFIX.length)
      .map(([key, value]) => [key.slice(HEADER_PREFIX.length).toLowerCase(), value]),
  );
}

function present(name: string, value: string): Record<string, string> {
  return value === '' ? {} : { [name]: value };
}
