import type { Readable } from 'node:stream';
import { isAborted, MillraceError } from '@millrace/foundation';
import {
  createConnection,
  escapeId,
  type Connection,
  type ConnectionOptions,
  type SslOptions,
} from 'mysql2';
import type { HostAndPort } from '../../jdbc-url.ts';
import { tlsWish } from '../../mysql-url-properties.ts';
import type { ColumnInfo, RawRow } from '../columns.ts';
import { sourceRetriable } from '../errors.ts';
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
} from '../session.ts';
import { formatInstant } from '../temporal.ts';
import { columnInfo, rawOf, type MysqlField } from './column-info.ts';
import { errnoOf, faultOf, PROCESS_MISSING } from './fault.ts';
import { openTransactionsSql, tablesSql } from './statements.ts';

type BytesRow = readonly (Buffer | null)[];

const KEEP_ALIVE_MS = 30_000;
/** Rows that the driver has read ahead of us. */
const ROWS_AHEAD = 64;
/** A slow log makes us read slowly; the server shall not hang up for that. */
const NET_WRITE_TIMEOUT_SECONDS = 3_600;
/** A number may be taken a moment before its transaction is listed, and the list is renewed every 100 ms at best. */
const SETTLE_MS = 110;
const LIST_ATTEMPTS_MAX = 20;

export const mysqlWords: SqlWords = {
  quote: (identifier) => escapeId(identifier, true),
  instant(micros, { kind }, zone) {
    const text = formatInstant(micros, kind === 'timestamp with zone' ? 'UTC' : zone);
    return kind === 'date' ? `DATE'${text.slice(0, 10)}'` : `TIMESTAMP'${text}'`;
  },
};

/** A connection to MySQL or MariaDB that reads: values come as bytes, times in UTC. */
export class MysqlSession implements SourceSession {
  readonly #connection: Connection;
  readonly #ports: SessionPorts;
  #brokenBy: unknown = undefined;
  #hasWarned = false;

  private constructor(connection: Connection, ports: SessionPorts) {
    this.#connection = connection;
    this.#ports = ports;
    connection.on('error', (error) => {
      this.#brokenBy ??= error;
    });
    connection.on('end', () => {
      this.#brokenBy ??= new Error('the server closed the connection');
    });
  }

  /** @throws MillraceError of the last host that was tried */
  static open(ports: SessionPorts): Promise<MysqlSession> {
    return openAnyHost(ports, (host) => MysqlSession.#openHost(ports, host));
  }

  static async #openHost(ports: SessionPorts, host: HostAndPort): Promise<MysqlSession> {
    const { options, isRequired } = tlsWish(ports.settings.url);
    try {
      return await MysqlSession.#connect(ports, host, options);
    } catch (error) {
      const isWithoutTls =
        error instanceof MillraceError &&
        error.cause instanceof Error &&
        Reflect.get(error.cause, 'code') === 'HANDSHAKE_NO_SSL_SUPPORT';
      if (!isRequired && isWithoutTls) return MysqlSession.#connect(ports, host, undefined);
      throw error;
    }
  }

  static async #connect(
    ports: SessionPorts,
    { host, port }: HostAndPort,
    ssl: SslOptions | undefined,
  ): Promise<MysqlSession> {
    const { settings, clock, signal } = ports;
    const { url } = settings;
    const doing = `connect to ${host}:${port}/${url.database}`;
    const options: ConnectionOptions = {
      host,
      port,
      user: settings.user ?? url.properties.get('user') ?? '',
      password: settings.password ?? url.properties.get('password') ?? '',
      charset: 'utf8mb4',
      connectTimeout: settings.connectTimeoutMs,
      enableKeepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      rowsAsArray: true,
      typeCast: (field) => field.buffer(),
      ...(url.database === '' ? {} : { database: url.database }),
      ...(ssl === undefined ? {} : { ssl }),
    };
    const connection = createConnection(options);
    connection.on('error', () => undefined); // whoever waits for an answer is told
    const destroy = (): void => connection.destroy();
    const timeoutMs = settings.connectTimeoutMs;
    try {
      await guarded({ clock, timeoutMs, doing, signal, destroy }, async () => {
        await new Promise<void>((resolve, reject) => {
          connection.connect((error) => (error === null ? resolve() : reject(error)));
        });
        for (const statement of sessionSql(settings.isolation))
          await queryRows(connection, statement);
      });
      return new MysqlSession(connection, ports);
    } catch (error) {
      connection.destroy();
      if (isAborted(signal)) throw signal.reason;
      throw faultOf(error, doing);
    }
  }

  get isUsable(): boolean {
    return this.#brokenBy === undefined;
  }

  async tables(filter: TableFilter): Promise<readonly TableName[]> {
    const sql = tablesSql(filter, this.#ports.settings.url.database);
    const { rows } = await this.#query(sql, 'list the tables');
    return rows.map(([catalog, name]) => ({
      catalog: catalog?.toString() ?? '',
      schema: null,
      name: name?.toString() ?? '',
    }));
  }

  async describe(from: string): Promise<readonly ColumnInfo[]> {
    const { fields } = await this.#query(`SELECT * FROM ${from} LIMIT 0`, `describe ${from}`);
    return fields.map(columnInfo);
  }

  async now(): Promise<bigint> {
    const text = (await this.scalar('SELECT unix_timestamp(now(6))')) ?? '0';
    const [seconds = '0', fraction = ''] = text.split('.');
    return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
  }

  async scalar(sql: string): Promise<string | null> {
    const { rows } = await this.#query(sql, sql);
    return rows[0]?.[0]?.toString() ?? null;
  }

  async openTransactions(): Promise<OpenTransactions | undefined> {
    try {
      return await this.#listed();
    } catch (error) {
      if (!(error instanceof Error) || errnoOf(error.cause) !== PROCESS_MISSING) throw error;
      if (!this.#hasWarned)
        this.#ports.log.warn(
          {},
          'open transactions are not visible, so rows that they commit late may be missed: GRANT PROCESS ON *.* TO the user, or set timestamp.delay.interval.ms',
        );
      this.#hasWarned = true;
      return undefined;
    }
  }

  async #listed(): Promise<OpenTransactions> {
    const { clock, random, signal } = this.#ports;
    const doing = 'list the open transactions';
    for (let attempt = 0; attempt < LIST_ATTEMPTS_MAX; attempt++) {
      await clock.sleep(SETTLE_MS + random.nextInt(SETTLE_MS), signal);
      const nonce = `millrace${Buffer.from(random.nextBytes(6)).toString('hex')}`;
      await this.#query('START TRANSACTION WITH CONSISTENT SNAPSHOT', doing);
      const { rows } = await this.#query(openTransactionsSql(nonce), doing).finally(() =>
        this.isUsable ? this.#query('COMMIT', doing) : undefined,
      );
      const isTrue = (field: Buffer | null | undefined): boolean => field?.toString() === '1';
      if (!rows.some(([, , isOurs, isThis]) => isTrue(isOurs) && isTrue(isThis))) continue;
      const others = rows.filter(([, , isOurs]) => !isTrue(isOurs));
      return new Map(others.map(([id, who]) => [id?.toString() ?? '', who?.toString() ?? '']));
    }
    throw sourceRetriable(
      'jdbc.transactions_unknown',
      'the server shows an old list of its open transactions',
      'something else reads information_schema.innodb_trx more than ten times a second, which keeps the server from renewing it: let it read more rarely',
    );
  }

  async open(sql: string): Promise<RowCursor> {
    const query = this.#connection.query(sql);
    const columns = new Promise<readonly ColumnInfo[]>((resolve, reject) => {
      query.on('fields', (fields: unknown) => resolve(fieldsOf(fields).map(columnInfo)));
      query.on('error', reject);
      query.on('end', () => resolve([])); // an answer without columns is none of a SELECT
    });
    const rows = query.stream({ highWaterMark: ROWS_AHEAD, objectMode: true });
    rows.on('error', () => undefined); // whoever waits for the next rows is told
    const known = await this.#guarded(sql, () => columns);
    const iterator: AsyncIterator<BytesRow> = rows[Symbol.asyncIterator]();
    let isAtEnd = false;
    return {
      columns: known,
      next: (rowsMax, bytesMax) =>
        this.#guarded(sql, async () => {
          const taken: RawRow[] = [];
          let bytes = 0;
          while (!isAtEnd && taken.length < rowsMax && bytes < bytesMax) {
            const result: IteratorResult<BytesRow, unknown> = await iterator.next();
            if (result.done === true) isAtEnd = true;
            else {
              for (const field of result.value) bytes += field?.length ?? 0;
              taken.push(rawRow(result.value, known));
            }
          }
          return taken;
        }),
      close: () => this.#abandon(rows, isAtEnd),
    };
  }

  destroy(reason: unknown): void {
    this.#brokenBy ??= reason;
    this.#connection.destroy();
  }

  async close(): Promise<void> {
    if (!this.isUsable) {
      this.destroy(this.#brokenBy);
      return;
    }
    this.#brokenBy = new Error('closed');
    const waiting = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => this.#connection.end(() => resolve())),
      this.#ports.clock.sleep(1_000, waiting.signal).catch(() => undefined), // ends early when it is closed
    ]);
    waiting.abort();
    this.#connection.destroy();
  }

  /** The protocol has no way to stop in the middle of an answer but to hang up. */
  #abandon(rows: Readable, isAtEnd: boolean): Promise<void> {
    if (!isAtEnd) {
      rows.destroy();
      this.destroy(new Error('the rest of an answer was not wanted'));
    }
    return Promise.resolve();
  }

  async #query(
    sql: string,
    doing: string,
  ): Promise<{ readonly rows: readonly BytesRow[]; readonly fields: readonly MysqlField[] }> {
    return this.#guarded(doing, () => queryRows(this.#connection, sql));
  }

  async #guarded<T>(doing: string, operation: () => Promise<T>): Promise<T> {
    const { clock, settings, signal } = this.#ports;
    if (!this.isUsable) throw isAborted(signal) ? signal.reason : faultOf(this.#brokenBy, doing);
    const destroy = (reason: unknown): void => this.destroy(reason);
    const timeoutMs = settings.statementTimeoutMs;
    try {
      return await guarded({ clock, timeoutMs, doing, signal, destroy }, operation);
    } catch (error) {
      if (isAborted(signal)) throw signal.reason;
      const fault = faultOf(error, doing);
      if (fault.retry === 'retriable') this.destroy(fault);
      throw fault;
    }
  }
}

const ISOLATIONS: Readonly<Record<string, string>> = {
  READ_UNCOMMITTED: 'READ COMMITTED', // what is not committed may never have been
  READ_COMMITTED: 'READ COMMITTED',
  REPEATABLE_READ: 'REPEATABLE READ',
  SERIALIZABLE: 'SERIALIZABLE',
};

/** What the decoding relies on, whatever the server prefers. */
function sessionSql(isolation: string): readonly string[] {
  const level = ISOLATIONS[isolation];
  return [
    "SET time_zone = '+00:00'",
    'SET NAMES utf8mb4',
    `SET net_write_timeout = ${NET_WRITE_TIMEOUT_SECONDS}`,
    ...(level === undefined ? [] : [`SET SESSION TRANSACTION ISOLATION LEVEL ${level}`]),
  ];
}

function queryRows(
  connection: Connection,
  sql: string,
): Promise<{ readonly rows: readonly BytesRow[]; readonly fields: readonly MysqlField[] }> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows: unknown, fields: unknown) => {
      if (error !== null) reject(error);
      else resolve({ rows: rowsOf(rows), fields: fieldsOf(fields) });
    });
  });
}

/** The driver's types know rows of objects alone; ours are arrays of what `typeCast` gives. */
function rowsOf(rows: unknown): readonly BytesRow[] {
  if (!Array.isArray(rows)) return [];
  return rows.filter((row): row is BytesRow => Array.isArray(row));
}

function fieldsOf(fields: unknown): readonly MysqlField[] {
  if (!Array.isArray(fields)) return [];
  return fields.map((field: unknown) => {
    const packet = typeof field === 'object' && field !== null ? field : {};
    const number = (name: string): number => Number(Reflect.get(packet, name) ?? 0);
    return {
      name: String(Reflect.get(packet, 'name')),
      type: number('columnType'),
      flags: number('flags'),
      characterSet: number('characterSet'),
      columnLength: number('columnLength'),
      decimals: number('decimals'),
    };
  });
}

const rawRow = (row: BytesRow, columns: readonly ColumnInfo[]): RawRow =>
  row.map((bytes, index) => {
    const column = columns[index];
    return bytes === null || column === undefined ? null : rawOf(bytes, column);
  });
