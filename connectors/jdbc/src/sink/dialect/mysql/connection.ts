import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { isAborted } from '@millrace/foundation';
import {
  createConnection,
  format,
  type Connection,
  type QueryOptions,
  type ResultSetHeader,
} from 'mysql2';
import { TargetError } from '../../../errors.ts';
import type { HostAndPort } from '../../../jdbc-url.ts';
import type { Settings } from '../../settings.ts';
import type { DialectPorts } from '../dialect.ts';
import { GuardedSocket, unanswered } from '../guarded-socket.ts';
import { faultOf } from './fault.ts';
import { serverKind, type FileUse, type ServerKind } from './server.ts';
import { allowsFiles, sessionVariables, tlsWish } from '../../../mysql-url-properties.ts';

export type Row = Readonly<Record<string, unknown>>;

const KEEP_ALIVE_MS = 30_000;
/** How long a definition, or a statement behind one, waits; the server's own bound is a year. */
const DEFINITION_LOCK_SECONDS = 60;

/** What LOAD DATA LOCAL names. */
const FILE = 'rows of millrace';

/** One connection to one server of the URL. */
export class MysqlConnection {
  readonly #driver: Connection;
  readonly #guard: GuardedSocket;
  readonly #server: ServerKind;

  private constructor(driver: Connection, guard: GuardedSocket, server: ServerKind) {
    this.#driver = driver;
    this.#guard = guard;
    this.#server = server;
  }

  /** Tries the hosts in order. @throws TargetError of the last one */
  static async open(ports: DialectPorts, signal: AbortSignal): Promise<MysqlConnection> {
    let failure: unknown;
    for (const host of ports.settings.url.hosts) {
      try {
        return await MysqlConnection.#openHost(ports, host, signal);
      } catch (error) {
        if (isAborted(signal)) throw signal.reason;
        failure = error;
      }
    }
    throw failure;
  }

  get isUsable(): boolean {
    return this.#guard.isUsable;
  }

  get server(): ServerKind {
    return this.#server;
  }

  /** @throws TargetError, or `signal.reason` */
  async query(
    sql: string,
    doing: string,
    signal: AbortSignal,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const result = await this.#guard.run(doing, signal, () => send(this.#driver, sql, values));
    return Array.isArray(result) ? result.filter(isRow) : [];
  }

  /** What each of the statements in `sql` changed. @throws TargetError, or `signal.reason` */
  async execute(
    sql: string,
    doing: string,
    signal: AbortSignal,
  ): Promise<readonly ResultSetHeader[]> {
    const result = await this.#guard.run(doing, signal, () => send(this.#driver, sql, []));
    return (Array.isArray(result) ? result : [result]).filter(isHeader);
  }

  /**
   * One `LOAD DATA LOCAL INFILE`, made by `sqlOf` for the name that the server is to ask for. There is no file: only this
   * statement has bytes to give, and these alone, whatever name the server asks for.
   */
  async load(
    sqlOf: (file: string) => string,
    chunks: Iterable<Buffer>,
    doing: string,
    signal: AbortSignal,
  ): Promise<ResultSetHeader> {
    const infileStreamFactory = (file: string): Readable =>
      Readable.from(file === FILE ? chunks : [], { objectMode: false });
    const options = { sql: sqlOf(FILE), infileStreamFactory };
    const result = await this.#guard.run(doing, signal, () => send(this.#driver, options, []));
    if (!isHeader(result)) throw faultOf(new Error('the answer is no result'), doing);
    return result;
  }

  destroy(reason: unknown): void {
    this.#guard.destroy(reason);
  }

  close(): Promise<void> {
    return this.#guard.close(
      () => new Promise<void>((resolve) => this.#driver.end(() => resolve())),
    );
  }

  static async #openHost(
    ports: DialectPorts,
    host: HostAndPort,
    signal: AbortSignal,
  ): Promise<MysqlConnection> {
    const wish = tlsWish(ports.settings.url);
    if (wish.options === undefined || wish.isRequired)
      return MysqlConnection.#connect(ports, host, wish.options, signal);
    try {
      return await MysqlConnection.#connect(ports, host, wish.options, signal);
    } catch (error) {
      const isWithout = error instanceof TargetError && isTlsMissing(error.cause);
      if (!isWithout) throw error;
      return MysqlConnection.#connect(ports, host, undefined, signal);
    }
  }

  static async #connect(
    { settings, clock }: DialectPorts,
    host: HostAndPort,
    tls: ReturnType<typeof tlsWish>['options'],
    signal: AbortSignal,
  ): Promise<MysqlConnection> {
    if (isAborted(signal)) throw signal.reason;
    const { properties, database } = settings.url;
    const doing = `connect to ${host.host}:${host.port}/${database}`;
    const socket = connectSocket(host);
    const driver = createConnection({
      user: settings.user ?? properties.get('user') ?? '',
      password: settings.password ?? properties.get('password') ?? '',
      host: host.host,
      ...(database === '' ? {} : { database }),
      stream: () => socket,
      connectTimeout: 0, // by our own clock, below
      charset: 'UTF8MB4_UNICODE_CI',
      multipleStatements: true,
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      // The driver would search a statement for placeholders, a megabyte of rows as well.
      queryFormat: (sql: string, values: unknown) =>
        Array.isArray(values) && values.length > 0 ? format(sql, values) : sql,
      ...(tls === undefined ? {} : { ssl: tls }),
    });
    const guard = new GuardedSocket({
      socket,
      clock,
      statementTimeoutMs: settings.statementTimeoutMs,
      faultOf,
      isRefusal: (fault) =>
        fault.context['sqlState'] !== undefined && fault.code !== 'jdbc.connection_lost',
    });
    driver.on('error', (error) => guard.broken(error));
    driver.on('end', () => guard.broken(new Error('the server closed the connection')));
    const done = new AbortController();
    void clock.sleep(settings.connectTimeoutMs, done.signal).then(
      () => guard.destroy(unanswered(doing, settings.connectTimeoutMs)),
      () => undefined, // connected in time
    );
    try {
      return await guard.run(doing, signal, async () => {
        await connected(driver);
        const server = await prepareSession(driver, settings);
        return new MysqlConnection(driver, guard, server);
      });
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      done.abort();
    }
  }
}

function connectSocket({ host, port }: HostAndPort): Socket {
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}

function connected(driver: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    driver.once('connect', () => resolve());
    driver.once('error', reject);
  });
}

function send(
  driver: Connection,
  statement: string | QueryOptions,
  values: readonly unknown[],
): Promise<unknown> {
  const options = typeof statement === 'string' ? { sql: statement } : statement;
  return new Promise((resolve, reject) => {
    driver.query(options, [...values], (error, result) => {
      if (error !== null) reject(error);
      else resolve(result);
    });
  });
}

/**
 * What the conversions rely on, whatever the server prefers: strict, so that nothing is cut or rounded without a word
 * (INV-8), zero is a number and no wish for the next one, UTC, and no gap locks where the binlog allows it.
 */
async function prepareSession(driver: Connection, settings: Settings): Promise<ServerKind> {
  const found = await send(
    driver,
    'SELECT @@version AS version, @@max_allowed_packet AS packet, @@log_bin AS logs, @@binlog_format AS format',
    [],
  );
  const [row] = Array.isArray(found) ? found.filter(isRow) : [];
  const isStatementLog = Number(row?.['logs']) === 1 && row?.['format'] === 'STATEMENT';
  const files = isStatementLog || !allowsFiles(settings.url) ? 'unfit' : await fileUse(driver);
  const server = serverKind(String(row?.['version']), Number(row?.['packet']), files);
  const statements = [
    `SET NAMES utf8mb4`,
    `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'`,
    `SET SESSION time_zone = '+00:00'`,
    `SET SESSION sql_notes = 1`,
    `SET SESSION autocommit = 1`,
    `SET SESSION lock_wait_timeout = ${DEFINITION_LOCK_SECONDS}`,
    ...(isStatementLog ? [] : [`SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`]),
    ...(server.isMariadb && settings.statementTimeoutMs > 0
      ? [`SET SESSION max_statement_time = ${settings.statementTimeoutMs / 1_000}`]
      : []),
    ...sessionVariables(settings.url).map((variable) => `SET SESSION ${variable}`),
  ];
  await send(driver, statements.join('; '), []);
  return server;
}

/** A Galera cluster may commit in the middle of a file (`wsrep_load_data_splitting`). */
async function fileUse(driver: Connection): Promise<FileUse> {
  const found = await send(
    driver,
    `SHOW VARIABLES WHERE Variable_name IN ('local_infile', 'wsrep_on')`,
    [],
  );
  const rows = Array.isArray(found) ? found.filter(isRow) : [];
  const isOn = (name: string): boolean =>
    rows.some((row) => row['Variable_name'] === name && row['Value'] === 'ON');
  if (isOn('wsrep_on')) return 'unfit';
  return isOn('local_infile') ? 'taken' : 'off';
}

function isTlsMissing(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    Reflect.get(error, 'code') === 'HANDSHAKE_NO_SSL_SUPPORT'
  );
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHeader(value: unknown): value is ResultSetHeader {
  return isRow(value) && typeof value['affectedRows'] === 'number';
}
