import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { urlInvalid } from './errors.ts';
import type { JdbcUrl } from './jdbc-url.ts';

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

/** @throws MillraceError `jdbc.url_invalid` */
export function sslModeOf(url: JdbcUrl): SslMode {
  const { properties } = url;
  const text =
    properties.get('sslmode') ?? (properties.get('ssl') === 'true' ? 'verify-full' : 'prefer');
  const mode = SSL_MODES.find((known) => known === text);
  if (mode === undefined)
    throw urlInvalid(`has sslmode=${text}; expected one of ${SSL_MODES.join(', ')}`);
  return mode;
}

export function tlsOptions(url: JdbcUrl, mode: SslMode): ConnectionOptions {
  const { properties } = url;
  const file = (name: string): Buffer | undefined => {
    const path = properties.get(name);
    if (path === undefined || path === '') return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw urlInvalid(
        `has ${name}, which can't be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  const ca = file('sslrootcert');
  const cert = file('sslcert');
  const key = file('sslkey');
  return {
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
