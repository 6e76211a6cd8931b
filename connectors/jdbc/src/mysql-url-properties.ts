import { readFileSync } from 'node:fs';
import type { SslOptions } from 'mysql2';
import { urlInvalid } from './errors.ts';
import type { JdbcUrl } from './jdbc-url.ts';

/** Whether TLS must be, and what is checked of the server's certificate. */
export interface TlsWish {
  readonly isRequired: boolean;
  readonly options: SslOptions | undefined;
}

/** Both drivers' words for the same modes. */
const MODES: Readonly<Record<string, 'off' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'>> =
  {
    disabled: 'off',
    disable: 'off',
    preferred: 'prefer',
    required: 'require',
    trust: 'require',
    verify_ca: 'verify-ca',
    'verify-ca': 'verify-ca',
    verify_identity: 'verify-full',
    'verify-full': 'verify-full',
  };

const USED = new Set([
  'user',
  'password',
  'sslMode',
  'useSSL',
  'useSsl',
  'requireSSL',
  'verifyServerCertificate',
  'trustServerCertificate',
  'serverSslCert',
  'sessionVariables',
  'allowLoadLocalInfile',
  'allowLocalInfile',
]);

/** Drivers' settings of how they talk; what they ask for is so in any case, or concerns the JVM. */
const NEEDLESS = new Set(
  'allowPublicKeyRetrieval rewriteBatchedStatements useBulkStmts characterEncoding useUnicode connectionCollation serverTimezone connectionTimeZone forceConnectionTimeZoneToSession timezone useLegacyDatetimeCode connectTimeout socketTimeout autoReconnect cachePrepStmts prepStmtCacheSize prepStmtCacheSqlLimit useServerPrepStmts useLocalSessionState maintainTimeStats cacheServerConfiguration cacheResultSetMetadata elideSetAutoCommits tcpKeepAlive useCompression zeroDateTimeBehavior tinyInt1isBit yearIsDateType nullDatabaseMeansCurrent nullCatalogMeansCurrent useInformationSchema jdbcCompliantTruncation allowMultiQueries'.split(
    ' ',
  ),
);

/** Properties that say something which is not done here, so that nobody relies on it. */
export function unusedProperties(url: JdbcUrl): readonly string[] {
  return [...url.properties.keys()].filter((name) => !USED.has(name) && !NEEDLESS.has(name));
}

/** Both drivers' words for LOAD DATA LOCAL, here of rows alone: it is used unless they say no. */
export function allowsFiles({ properties }: JdbcUrl): boolean {
  const text = properties.get('allowLoadLocalInfile') ?? properties.get('allowLocalInfile');
  return text?.toLowerCase() !== 'false';
}

/** `sessionVariables=name=value,…` of both drivers, as clauses of SET SESSION. @throws `jdbc.url_invalid` */
export function sessionVariables({ properties }: JdbcUrl): readonly string[] {
  const text = properties.get('sessionVariables') ?? '';
  const parts = text.split(/[,;]/).filter((part) => part.trim() !== '');
  return parts.map((part) => {
    const match = /^\s*(?:@@)?(\w+)\s*=\s*('[\w ,.+:-]*'|[\w.+-]+)\s*$/.exec(part);
    if (match === null)
      throw urlInvalid(`has sessionVariables with "${part.trim()}"; expected name=value`);
    return `${match[1] ?? ''} = ${match[2] ?? ''}`;
  });
}

/** As the drivers do: MySQL's takes TLS where it is offered, MariaDB's only when told. @throws `jdbc.url_invalid` */
export function tlsWish(url: JdbcUrl): TlsWish {
  const { properties } = url;
  const mode = modeOf(url);
  if (mode === 'off') return { isRequired: false, options: undefined };
  const path = properties.get('serverSslCert') ?? '';
  const isChecked = mode === 'verify-ca' || mode === 'verify-full';
  return {
    isRequired: mode !== 'prefer',
    options: {
      rejectUnauthorized: isChecked,
      verifyIdentity: mode === 'verify-full',
      ...(path === '' ? {} : { ca: readCertificate(path.replace(/^file:(\/\/)?/, '')) }),
    },
  };
}

function modeOf(url: JdbcUrl): (typeof MODES)[string] {
  const { properties, subprotocol } = url;
  const text = properties.get('sslMode');
  if (text !== undefined) {
    const mode = MODES[text.toLowerCase()];
    if (mode === undefined)
      throw urlInvalid(
        `has sslMode=${text}; expected DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY (MariaDB: disable, trust, verify-ca, verify-full)`,
      );
    return mode;
  }
  const isWanted = properties.get('useSSL') ?? properties.get('useSsl');
  if (isWanted === 'false') return 'off';
  if (properties.get('verifyServerCertificate') === 'true') return 'verify-ca';
  if (properties.get('requireSSL') === 'true') return 'require';
  if (subprotocol === 'mariadb')
    return isWanted === 'true'
      ? properties.get('trustServerCertificate') === 'true'
        ? 'require'
        : 'verify-full'
      : 'off';
  return 'prefer';
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw urlInvalid(
      `has serverSslCert, which can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
