import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { queryFailed, unreachable } from '../../errors.ts';
import { shownEndpoint, type Endpoint } from '../endpoint.ts';
import { codeOf, messageOf, type Row, type Session } from '../session-api.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** So that texts are the same whatever the server's or the database's settings say. */
const SETTINGS = [
  "SET TIME ZONE 'UTC'",
  "SET datestyle = 'ISO, YMD'",
  "SET intervalstyle = 'postgres'",
  'SET extra_float_digits = 3',
  "SET bytea_output = 'hex'",
  "SET client_encoding = 'UTF8'",
  "SET lc_monetary = 'C'",
  'SET standard_conforming_strings = on',
  // Names come, and are given, with their schemas.
  "SELECT set_config('search_path', '', false)",
].join('; ');
/** Values stay the server's text. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

export async function postgresSession(endpoint: Endpoint, name: string): Promise<Session> {
  const { host, port, user, password, database } = endpoint;
  const client = new pg.Client({
    ...{ host, port, user, password, database },
    application_name: `millrace ${name}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: AS_TEXT,
    ...tlsOf(endpoint),
  });
  client.on('error', () => undefined); // whoever uses the connection next is told
  try {
    await client.connect();
    await client.query(SETTINGS);
  } catch (error) {
    await client.end().catch(() => undefined); // it never opened
    throw unreachable(shownEndpoint(endpoint), codeOf(error), messageOf(error));
  }
  return new PostgresSession(endpoint, client);
}

class PostgresSession implements Session {
  readonly endpoint: Endpoint;
  readonly #client: pg.Client;

  constructor(endpoint: Endpoint, client: pg.Client) {
    this.endpoint = endpoint;
    this.#client = client;
  }

  async query(sql: string, values: readonly (string | null)[] = []): Promise<readonly Row[]> {
    try {
      const { rows } = await (values.length === 0
        ? this.#client.query<Row>(sql)
        : this.#client.query<Row>(sql, [...values]));
      return rows;
    } catch (error) {
      throw queryFailed(shownEndpoint(this.endpoint), codeOf(error), messageOf(error), sql);
    }
  }

  async *portions(sql: string, rowsMax: number): AsyncIterable<readonly Row[]> {
    await this.query(`BEGIN READ ONLY; DECLARE millrace_rows NO SCROLL CURSOR FOR ${sql}`);
    try {
      for (;;) {
        const rows = await this.query(`FETCH ${rowsMax} FROM millrace_rows`);
        if (rows.length > 0) yield rows;
        if (rows.length < rowsMax) return;
      }
    } finally {
      await this.query('ROLLBACK').catch(() => undefined); // the connection is lost; so is the transaction
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => undefined); // gone already
  }
}

function tlsOf({ parameters, host }: Endpoint): { readonly ssl?: ConnectionOptions } {
  const mode = parameters.get('sslmode') ?? 'prefer';
  // The driver does not fall back: what is only preferred is not tried.
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return {};
  const file = parameters.get('sslrootcert');
  const ca = file === undefined ? {} : { ca: readFileSync(file, 'utf8') };
  if (mode === 'require' && file === undefined) return { ssl: { rejectUnauthorized: false } };
  return mode === 'verify-full'
    ? { ssl: { ...ca, servername: host } }
    : { ssl: { ...ca, checkServerIdentity: () => undefined } };
}
