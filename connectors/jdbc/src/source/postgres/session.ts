import { Socket } from 'node:net';
import { isAborted } from '@millrace/foundation';
import pg from 'pg';
import { tlsOptions, sslModeOf } from '../../postgres-tls.ts';
import type { HostAndPort } from '../../jdbc-url.ts';
import type { ColumnInfo, RawRow } from '../columns.ts';
import { guarded } from '../guard.ts';
import {
  openAnyHost,
  type OpenTransactions,
  type RowCursor,
  type SessionPorts,
  type SourceSession,
  type SqlWords,
  type TableFilter,
  type TableName,
  type TransactionScope,
} from '../session.ts';
import type { ConnectionSettings } from '../settings.ts';
import { formatInstant } from '../temporal.ts';
import { columnInfo, rawOf, type CatalogColumn } from './column-info.ts';
import { faultOf } from './fault.ts';
import { openTransactionsSql, tablesSql } from './statements.ts';

interface Result {
  readonly fields: readonly pg.FieldDef[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const KEEP_ALIVE_MS = 30_000;
const CURSOR = 'millrace_rows';
const COLUMNS_MAX = 10_000;
/** How large rows are is known only after the first. */
const ROWS_AT_FIRST = 50;

export const postgresWords: SqlWords = {
  quote: (identifier) => pg.escapeIdentifier(identifier),
  instant(micros, { kind }, zone) {
    if (kind === 'timestamp with zone') return `'${formatInstant(micros, 'UTC')}+00'::timestamptz`;
    const text = formatInstant(micros, zone);
    return kind === 'date' ? `'${text.slice(0, -16)}'::date` : `'${text}'::timestamp`;
  },
};

/** A connection to PostgreSQL that reads: values come as text, times in UTC. */
export class PostgresSession implements SourceSession {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #ports: SessionPorts;
  readonly #catalog = new Map<string, CatalogColumn>();
  #brokenBy: unknown = undefined;

  private constructor(client: pg.Client, socket: Socket, ports: SessionPorts) {
    this.#client = client;
    this.#socket = socket;
    this.#ports = ports;
    client.on('end', () => {
      this.#brokenBy ??= new Error('the server closed the connection');
    });
  }

  /** @throws MillraceError of the last host that was tried */
  static open(ports: SessionPorts): Promise<PostgresSession> {
    return openAnyHost(ports, (host) => PostgresSession.#openHost(ports, host));
  }

  static async #openHost(ports: SessionPorts, host: HostAndPort): Promise<PostgresSession> {
    const mode = sslModeOf(ports.settings.url);
    const isPlain = mode === 'disable' || mode === 'allow';
    try {
      return await PostgresSession.#connect(ports, host, !isPlain);
    } catch (error) {
      const isWithoutTls = error instanceof Error && error.message.includes('does not support SSL');
      if (mode === 'prefer' && isWithoutTls) return PostgresSession.#connect(ports, host, false);
      throw error;
    }
  }

  static async #connect(
    ports: SessionPorts,
    { host, port }: HostAndPort,
    isSecure: boolean,
  ): Promise<PostgresSession> {
    const { settings, clock, signal, applicationName } = ports;
    const { url } = settings;
    const doing = `connect to ${host}:${port}/${url.database}`;
    const socket = new Socket();
    const client = new pg.Client({
      host,
      port,
      database: url.database,
      user: settings.user ?? url.properties.get('user') ?? '',
      password: settings.password ?? url.properties.get('password') ?? '',
      ssl: isSecure ? tlsOptions(url, sslModeOf(url)) : false,
      application_name: url.properties.get('ApplicationName') ?? applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      stream: () => socket,
      types: { getTypeParser: () => (text: string) => text },
    });
    client.on('error', () => undefined); // whoever waits for an answer is told
    const destroy = (): void => void socket.destroy();
    const timeoutMs = settings.connectTimeoutMs;
    try {
      await guarded({ clock, timeoutMs, doing, signal, destroy }, async () => {
        await client.connect();
        await client.query(sessionSql(settings));
      });
      return new PostgresSession(client, socket, ports);
    } catch (error) {
      socket.destroy();
      if (isAborted(signal)) throw signal.reason;
      throw faultOf(error, doing);
    }
  }

  get isUsable(): boolean {
    return this.#brokenBy === undefined;
  }

  async tables(filter: TableFilter): Promise<readonly TableName[]> {
    const { rows } = await this.#query(tablesSql(filter), 'list the tables');
    return rows.map(([schema, name]) => ({
      catalog: null,
      schema: schema ?? '',
      name: name ?? '',
    }));
  }

  async describe(from: string): Promise<readonly ColumnInfo[]> {
    const { fields } = await this.#query(`SELECT * FROM ${from} LIMIT 0`, `describe ${from}`);
    return this.#columns(fields);
  }

  async now(): Promise<bigint> {
    const sql = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint';
    return BigInt((await this.scalar(sql)) ?? '0');
  }

  async scalar(sql: string): Promise<string | null> {
    const { rows } = await this.#query(sql, sql);
    return rows[0]?.[0] ?? null;
  }

  async openTransactions(scope: TransactionScope): Promise<OpenTransactions> {
    const { rows } = await this.#query(openTransactionsSql(scope), 'list the open transactions');
    return new Map(rows.map(([id, who]) => [id ?? '', who ?? '']));
  }

  async open(sql: string): Promise<RowCursor> {
    await this.#query(beginSql(this.#ports.settings.isolation), 'begin');
    await this.#query(`DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${sql}`, sql);
    const { fields } = await this.#query(`FETCH 0 FROM ${CURSOR}`, sql);
    const columns = await this.#columns(fields);
    let step = ROWS_AT_FIRST;
    return {
      columns,
      next: async (rowsMax, bytesMax) => {
        const { rows } = await this.#query(`FETCH ${Math.min(step, rowsMax)} FROM ${CURSOR}`, sql);
        step = Math.max(1, Math.floor((bytesMax * rows.length) / Math.max(1, charsOf(rows))));
        return rows.map((row) => rawRow(row, columns));
      },
      close: async () => {
        await this.#query('COMMIT', 'end the reading transaction');
      },
    };
  }

  destroy(reason: unknown): void {
    this.#brokenBy ??= reason;
    this.#socket.destroy();
  }

  async close(): Promise<void> {
    if (!this.isUsable) {
      this.destroy(this.#brokenBy);
      return;
    }
    this.#brokenBy = new Error('closed');
    const waiting = new AbortController();
    await Promise.race([
      this.#client.end().catch(() => undefined), // it is closed either way
      this.#ports.clock.sleep(1_000, waiting.signal).catch(() => undefined), // ends early when it is closed
    ]);
    waiting.abort();
    this.#socket.destroy();
  }

  /** Whether columns may be null is not in the answer: the catalogue is asked, once for each table of a schema. */
  async #columns(fields: readonly pg.FieldDef[]): Promise<readonly ColumnInfo[]> {
    const tables = [...new Set(fields.map(({ tableID }) => tableID))].filter((id) => id > 0);
    if (tables.length > 0) {
      const { rows } = await this.#query(
        `SELECT attrelid, attnum, attnotnull,
                attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false)
           FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
          WHERE attrelid IN (${tables.join(', ')}) AND attnum > 0`,
        'look up which columns may be null',
      );
      if (this.#catalog.size > COLUMNS_MAX) this.#catalog.clear();
      for (const [table, number, isNotNull, isGrowing] of rows)
        this.#catalog.set(`${table}.${number}`, {
          isNotNull: isNotNull === 't',
          isGrowing: isGrowing === 't',
        });
    }
    return fields.map(({ name, dataTypeID, dataTypeModifier, tableID, columnID }) =>
      columnInfo(
        { name, typeOid: dataTypeID, modifier: dataTypeModifier },
        this.#catalog.get(`${tableID}.${columnID}`),
      ),
    );
  }

  async #query(text: string, doing: string): Promise<Result> {
    const { clock, settings, signal } = this.#ports;
    if (!this.isUsable) throw isAborted(signal) ? signal.reason : faultOf(this.#brokenBy, doing);
    const destroy = (reason: unknown): void => this.destroy(reason);
    const timeoutMs = settings.statementTimeoutMs;
    try {
      return await guarded({ clock, timeoutMs, doing, signal, destroy }, () =>
        this.#client.query<(string | null)[]>({ text, rowMode: 'array' }),
      );
    } catch (error) {
      if (isAborted(signal)) throw signal.reason;
      const fault = faultOf(error, doing);
      this.destroy(fault); // a refused statement leaves a transaction that is of no use either
      throw fault;
    }
  }
}

const ISOLATIONS: Readonly<Record<string, string>> = {
  READ_UNCOMMITTED: 'READ COMMITTED', // PostgreSQL has nothing weaker
  READ_COMMITTED: 'READ COMMITTED',
  REPEATABLE_READ: 'REPEATABLE READ',
  SQL_SERVER_SNAPSHOT: 'REPEATABLE READ',
  SERIALIZABLE: 'SERIALIZABLE',
};

function beginSql(isolation: string): string {
  const level = ISOLATIONS[isolation];
  return `BEGIN READ ONLY${level === undefined ? '' : `, ISOLATION LEVEL ${level}`}`;
}

/** What the decoding relies on, whatever the role or the database prefer. */
function sessionSql({ url, statementTimeoutMs }: ConnectionSettings): string {
  const statements = [
    `SET TIME ZONE 'UTC'`,
    `SET DateStyle = 'ISO, YMD'`,
    `SET bytea_output = 'hex'`,
    `SET lc_monetary = 'C'`,
    `SET extra_float_digits = 3`,
    `SET client_min_messages = 'warning'`,
    `SET statement_timeout = ${statementTimeoutMs}`,
  ];
  const schema = url.properties.get('currentSchema') ?? '';
  if (schema !== '') {
    const names = schema.split(',').map((name) => pg.escapeIdentifier(name.trim()));
    statements.push(`SET search_path = ${names.join(', ')}`);
  }
  return statements.join('; ');
}

function charsOf(rows: Result['rows']): number {
  let chars = 0;
  for (const row of rows) for (const text of row) chars += text?.length ?? 0;
  return chars;
}

const rawRow = (row: readonly (string | null)[], columns: readonly ColumnInfo[]): RawRow =>
  row.map((text, index) => {
    const column = columns[index];
    return text === null || column === undefined ? null : rawOf(text, column);
  });
