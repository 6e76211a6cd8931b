import { createHash } from 'node:crypto';
import { urlInvalid } from '../errors.ts';

export type Family = 'postgres' | 'mysql';

/** One side of a migration, as its URL says. */
export interface Endpoint {
  readonly family: Family;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Of the URL's query: `sslmode`, `sslrootcert`, and what else the driver is to know. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEMES: Readonly<Record<string, { readonly family: Family; readonly port: number }>> = {
  'postgresql:': { family: 'postgres', port: 5432 },
  'postgres:': { family: 'postgres', port: 5432 },
  'mysql:': { family: 'mysql', port: 3306 },
  'mariadb:': { family: 'mysql', port: 3306 },
};

/** @throws MillraceError `migration.url_invalid`; the message never holds the URL */
export function parseEndpoint(
  which: 'source' | 'target',
  text: string,
  password?: string,
): Endpoint {
  let url: URL;
  try {
    url = new URL(text.replace(/^jdbc:/, ''));
  } catch {
    throw urlInvalid(which, 'is not a URL');
  }
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined)
    throw urlInvalid(
      which,
      `begins with "${url.protocol}"; supported are postgresql:, mysql: and mariadb:`,
    );
  const database = decode(which, url.pathname.replace(/^\//, ''));
  if (database === '' || database.includes('/'))
    throw urlInvalid(which, 'names no database: expected …/database at its end');
  if (url.username === '') throw urlInvalid(which, 'names no user: expected user@host');
  return {
    family: scheme.family,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? scheme.port : Number(url.port),
    user: decode(which, url.username),
    password: url.password === '' ? (password ?? '') : decode(which, url.password),
    database,
    parameters: new Map(url.searchParams),
  };
}

function decode(which: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw urlInvalid(which, 'has a malformed % sequence');
  }
}

/** Without secrets, for people: `postgresql://host:5432/shop`. */
export function shownEndpoint({ family, host, port, database }: Endpoint): string {
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return `${family === 'postgres' ? 'postgresql' : 'mysql'}://${shownHost}:${port}/${database}`;
}

/** The same for the same two databases, whoever logs in: names the data folder, the slot and the topics. */
export function migrationId(source: Endpoint, target: Endpoint): string {
  const both = `${shownEndpoint(source)} ${shownEndpoint(target)}`;
  return createHash('sha256').update(both).digest('hex').slice(0, 8);
}
