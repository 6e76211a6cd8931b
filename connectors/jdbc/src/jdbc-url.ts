import { urlInvalid } from './errors.ts';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface JdbcUrl {
  readonly subprotocol: string;
  readonly hosts: readonly HostAndPort[];
  readonly database: string;
  readonly properties: ReadonlyMap<string, string>;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  postgresql: 5432,
  mysql: 3306,
  mariadb: 3306,
};

/**
 * Parses `jdbc:<subprotocol>://host[:port][,host…]/database?name=value&…` and PostgreSQL's short forms
 * (`jdbc:postgresql:database`, `jdbc:postgresql:/`). Credentials before the host are not JDBC and are refused.
 * @throws MillraceError `jdbc.url_invalid`; the message never holds the URL, which may hold a password
 */
export function parseJdbcUrl(text: string): JdbcUrl {
  const match = /^jdbc:([a-z0-9]+):(?:\/\/([^/?]*))?(\/?)([^?]*)(?:\?(.*))?$/i.exec(text.trim());
  if (match === null)
    throw urlInvalid(
      'is not a JDBC URL: expected "jdbc:postgresql://host:port/database", jdbc:mysql://… or jdbc:mariadb://…',
    );
  const subprotocol = (match[1] ?? '').toLowerCase();
  const defaultPort = DEFAULT_PORTS[subprotocol];
  if (defaultPort === undefined)
    throw urlInvalid(`names the database "${subprotocol}"; supported: postgresql, mysql, mariadb`);
  const authority = match[2] ?? '';
  if (authority.includes('@'))
    throw urlInvalid(
      'has credentials before the host; put them into connection.user and connection.password',
    );
  return {
    subprotocol,
    hosts: authority.split(',').map((part) => parseHost(part, defaultPort)),
    database: decode(match[4] ?? '', 'database'),
    properties: parseProperties(match[5] ?? ''),
  };
}

function parseHost(text: string, defaultPort: number): HostAndPort {
  if (text === '') return { host: 'localhost', port: defaultPort };
  const match = /^(\[[^\]]+\]|[^:]*)(?::(\d*))?$/.exec(text);
  if (match === null) throw urlInvalid(`has the host "${text}": expected host or host:port`);
  const port = match[2] === undefined || match[2] === '' ? defaultPort : Number(match[2]);
  if (port < 1 || port > 65_535) throw urlInvalid(`has the port ${port}: expected 1 to 65535`);
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host: host === '' ? 'localhost' : decode(host, 'host'), port };
}

function parseProperties(query: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = decode(at < 0 ? part : part.slice(0, at), 'parameter');
    properties.set(name, at < 0 ? '' : decode(part.slice(at + 1).replaceAll('+', '%20'), name));
  }
  return properties;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw urlInvalid(`has a malformed % sequence in its ${what}; write % itself as %25`);
  }
}
