import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ConnectionOptions } from 'node:tls';
import type { ConfigProblem } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import { clientCredentials, type OAuthBearerOptions } from '@millrace/kafka-client';
import { jaasExtensions, jaasOption } from './jaas.ts';

type FlatConfig = Readonly<Record<string, string>>;

const ENDPOINT = 'sasl.oauthbearer.token.endpoint.url';
const TIMEOUT_KEYS = ['sasl.login.connect.timeout.ms', 'sasl.login.read.timeout.ms'];

/**
 * `sasl.mechanism=OAUTHBEARER`: the client-credentials grant (KIP-768, and the keys of KIP-1139), or a file that
 * somebody else keeps a token in.
 */
export function bearerFrom(
  config: FlatConfig,
  tls: ConnectionOptions | undefined,
  problems: ConfigProblem[],
): OAuthBearerOptions | undefined {
  const url = endpointOf(config, problems);
  if (url === undefined) return undefined;
  const jaas = config['sasl.jaas.config'] ?? '';
  const found = jaasExtensions(jaas);
  const extensions = Object.keys(found).length === 0 ? {} : { extensions: found };
  if (url.protocol === 'file:')
    return {
      mechanism: 'OAUTHBEARER',
      token: async () => ({ value: await tokenIn(url), ...extensions }),
    };
  const option = (key: string, jaasName: string): string | undefined =>
    config[`sasl.oauthbearer.${key}`] ?? jaasOption(jaas, jaasName);
  const clientId = option('client.credentials.client.id', 'clientId');
  const clientSecret = option('client.credentials.client.secret', 'clientSecret');
  const scope = option('scope', 'scope');
  if (clientId === undefined || clientSecret === undefined) {
    const message =
      'must hold clientId="…" and clientSecret="…", or set sasl.oauthbearer.client.credentials.client.id and .client.secret';
    problems.push({
      key: 'sasl.jaas.config',
      message: `Invalid value for configuration sasl.jaas.config: ${message}`,
    });
    return undefined;
  }
  const timeouts = TIMEOUT_KEYS.map((key) => Number(config[key])).filter((each) => each > 0);
  return {
    mechanism: 'OAUTHBEARER',
    token: clientCredentials({
      tokenEndpoint: url.href,
      clientId,
      clientSecret,
      ...(scope === undefined ? {} : { scope }),
      ...extensions,
      ...(timeouts.length === 0 ? {} : { timeoutMs: Math.max(...timeouts) }),
      ...(tls?.ca === undefined ? {} : { tls: { ca: tls.ca } }),
    }),
  };
}

function endpointOf(config: FlatConfig, problems: ConfigProblem[]): URL | undefined {
  const text = (config[ENDPOINT] ?? '').trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:', 'file:'].includes(url.protocol)) return url;
  problems.push({
    key: ENDPOINT,
    message: `Invalid value ${text} for configuration ${ENDPOINT}: must be an http, https or file URL`,
  });
  return undefined;
}

/** Read at each connection: whoever keeps it writes a new one before the old one ends. */
async function tokenIn(url: URL): Promise<string> {
  try {
    return (await readFile(fileURLToPath(url), 'utf8')).trim();
  } catch (error) {
    throw new MillraceError({
      code: 'worker.token_unreadable',
      retry: 'retriable',
      message: `the file of the OAuth token can't be read: ${url.pathname}`,
      hint: `check ${ENDPOINT} and the rights of the file`,
      cause: error,
    });
  }
}
