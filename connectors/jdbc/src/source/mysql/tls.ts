import { readFileSync } from 'node:fs';
import type { SslOptions } from 'mysql2';
import { urlInvalid } from '../../errors.ts';
import type { JdbcUrl } from '../../jdbc-url.ts';

/** `prefer`: plain when the server has none. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** The `sslMode` of Connector/J and of MariaDB's driver. */
const MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'disable',
  disabled: 'disable',
  preferred: 'prefer',
  required: 'require',
  trust: 'require',
  verify_ca: 'verify-ca',
  'verify-ca': 'verify-ca',
  verify_identity: 'verify-full',
  'verify-full': 'verify-full',
};

/** @throws MillraceError `jdbc.url_invalid` */
export function tlsModeOf({ properties }: JdbcUrl): TlsMode {
  const text = properties.get('sslMode');
  if (text !== undefined) {
    const mode = MODES[text.toLowerCase()];
    if (mode === undefined)
      throw urlInvalid(`has sslMode=${text}; expected one of ${Object.keys(MODES).join(', ')}`);
    return mode;
  }
  if (properties.get('useSSL') === 'false') return 'disable';
  if (properties.get('verifyServerCertificate') === 'true') return 'verify-ca';
  if (properties.get('requireSSL') === 'true' || properties.get('useSSL') === 'true')
    return 'require';
  return 'prefer';
}

export function tlsOptions({ properties }: JdbcUrl, mode: TlsMode): SslOptions {
  const path = properties.get('serverSslCert') ?? properties.get('sslCa') ?? '';
  let ca: string | undefined;
  try {
    ca = path === '' ? undefined : readFileSync(path, 'utf8');
  } catch (error) {
    throw urlInvalid(
      `names a certificate that can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return {
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    verifyIdentity: mode === 'verify-full',
    ...(ca === undefined ? {} : { ca }),
  };
}
