import { readFileSync } from 'node:fs';
import mysql from 'mysql2';
import { queryFailed, unreachable } from '../../errors.ts';
import { shownEndpoint, type Endpoint } from '../endpoint.ts';
import { codeOf, messageOf, type Row, type Session } from '../session-api.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const SETTINGS =
  "SET time_zone = '+00:00', sql_mode = 'NO_ENGINE_SUBSTITUTION', group_concat_max_len = 1048576, net_write_timeout = 600";

export async function mysqlSession(endpoint: Endpoint, name: string): Promise<Session> {
  const { host, port, user, password, database } = endpoint;
  const connection = mysql.createConnection({
    ...{ host, port, user, password, database },
    charset: 'utf8mb4_bin',
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectAttributes: { program_name: `millrace ${name}` },
    multipleStatements: false,
    // Values stay the server's text.
    typeCast: (field) => field.string('utf8'),
    ...tlsOf(endpoint),
  });
  connection.on('error', () => undefined); // whoever uses the connection next is told
  try {
    await connection.promise().connect();
    await connection.promise().query(SETTINGS);
  } catch (error) {
    throw unreachable(shownEndpoint(endpoint), codeOf(error), messageOf(error));
  }
  return new MysqlSession(endpoint, connection);
}

class MysqlSession implements Session {
  readonly endpoint: Endpoint;
  readonly #connection: mysql.Connection;

  constructor(endpoint: Endpoint, connection: mysql.Connection) {
    this.endpoint = endpoint;
    this.#connection = connection;
  }

  async query(sql: string, values: readonly (string | null)[] = []): Promise<readonly Row[]> {
    try {
      const [rows] = await this.#connection.promise().query(sql, [...values]);
      return rowsOf(rows);
    } catch (error) {
      throw queryFailed(shownEndpoint(this.endpoint), codeOf(error), messageOf(error), sql);
    }
  }

  async *portions(sql: string, rowsMax: number): AsyncIterable<readonly Row[]> {
    const stream = this.#connection.query(sql).stream({ highWaterMark: rowsMax });
    let portion: Row[] = [];
    try {
      for await (const row of stream) {
        portion.push(...rowsOf([row]));
        if (portion.length < rowsMax) continue;
        yield portion;
        portion = [];
      }
    } catch (error) {
      throw queryFailed(shownEndpoint(this.endpoint), codeOf(error), messageOf(error), sql);
    }
    if (portion.length > 0) yield portion;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection
      .promise()
      .end()
      .catch(() => undefined); // gone already
  }
}

/** The answer of a statement without rows is an object. Names are lower case: MySQL 8 shouts those of its catalogue. */
function rowsOf(answer: unknown): readonly Row[] {
  if (!Array.isArray(answer)) return [];
  return answer.map((row: object) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]: [string, unknown]): [string, string | null] => [
        name.toLowerCase(),
        typeof value === 'string' ? value : null,
      ]),
    ),
  );
}

function tlsOf({ parameters, host }: Endpoint): { readonly ssl?: mysql.SslOptions } {
  const mode = (parameters.get('ssl-mode') ?? parameters.get('sslMode') ?? 'preferred')
    .toLowerCase()
    .replace('-', '_');
  if (mode === 'disabled' || mode === 'preferred') return {};
  const file = parameters.get('ssl-ca');
  const ca = file === undefined ? {} : { ca: readFileSync(file, 'utf8') };
  if (mode === 'required') return { ssl: { rejectUnauthorized: false } };
  return mode === 'verify_ca'
    ? { ssl: { ...ca, verifyIdentity: false } }
    : { ssl: { ...ca, verifyIdentity: true, ...{ servername: host } } };
}
