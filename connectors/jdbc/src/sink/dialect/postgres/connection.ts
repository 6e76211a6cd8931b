import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConnectionOptions } from 'node:tls';
import { isAborted, type Clock, type Logger } from '@millrace/foundation';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { TargetError } from '../../../errors.ts';
import type { HostAndPort } from '../../../jdbc-url.ts';
import { sslModeOf, tlsOptions } from '../../../postgres-tls.ts';
import type { Settings } from '../../settings.ts';
import { GuardedSocket, unanswered } from '../guarded-socket.ts';
import { faultOf } from './fault.ts';

export interface ConnectionOptionsOfSink {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly applicationName: string;
}

export type Row = Readonly<Record<string, unknown>>;

const KEEP_ALIVE_MS = 30_000;

/** One connection to one server of the URL. */
export class PostgresConnection {
  readonly #client: pg.Client;
  readonly #guard: GuardedSocket;

  private constructor(client: pg.Client, socket: Socket, options: ConnectionOptionsOfSink) {
    this.#client = client;
    this.#guard = new GuardedSocket({
      socket,
      clock: options.clock,
      statementTimeoutMs: options.settings.statementTimeoutMs,
      faultOf,
      // Class 57 (shutdown) and lost sockets leave nothing to go on with; a refused statement does.
      isRefusal: (fault) => fault.context['sqlState'] !== undefined,
    });
    client.on('error', (error) => this.#guard.broken(error));
    client.on('end', () => this.#guard.broken(new Error('the server closed the connection')));
  }

  /** Tries the hosts in order. @throws TargetError of the last one */
  static async open(
    options: ConnectionOptionsOfSink,
    signal: AbortSignal,
  ): Promise<PostgresConnection> {
    let failure: unknown;
    for (const host of options.settings.url.hosts) {
      try {
        return await openHost(
          options,
          host,
          signal,
          (client, socket) => new PostgresConnection(client, socket, options),
        );
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

  /** @throws TargetError, or `signal.reason` */
  async query(
    sql: string,
    doing: string,
    signal: AbortSignal,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const result = await this.#guard.run(doing, signal, () =>
      values.length === 0
        ? this.#client.query<Row>(sql)
        : this.#client.query<Row>(sql, [...values]),
    );
    return result.rows;
  }

  /** Like `query`, and returns how many rows were changed. */
  async execute(
    sql: string,
    doing: string,
    signal: AbortSignal,
    values: readonly unknown[] = [],
  ): Promise<number> {
    const result = await this.#guard.run(doing, signal, () => this.#client.query(sql, [...values]));
    return result.rowCount ?? 0;
  }

  /** `COPY … FROM STDIN` of ready-made chunks. */
  async copy(
    sql: string,
    chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
    doing: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#guard.run(doing, signal, () =>
      pipeline(
        Readable.from(chunks, { objectMode: true, highWaterMark: 2 }),
        this.#client.query(copyFrom(sql, { highWaterMark: 1 << 20 })),
      ),
    );
  }

  /** Ends at once, without a farewell. */
  destroy(reason: unknown): void {
    this.#guard.destroy(reason);
  }

  /** Says farewell, and waits a second at the most. */
  close(): Promise<void> {
    return this.#guard.close(() => this.#client.end());
  }
}

async function openHost(
  options: ConnectionOptionsOfSink,
  host: HostAndPort,
  signal: AbortSignal,
  wrap: (client: pg.Client, socket: Socket) => PostgresConnection,
): Promise<PostgresConnection> {
  const mode = sslModeOf(options.settings.url);
  const attempt = async (tls: ConnectionOptions | false): Promise<PostgresConnection> =>
    connect(options, host, tls, signal, wrap);
  if (mode === 'disable' || mode === 'allow') return attempt(false);
  try {
    return await attempt(tlsOptions(options.settings.url, mode));
  } catch (error) {
    // The driver says it with this text alone (pg 8), and only before anything was sent.
    if (
      mode === 'prefer' &&
      error instanceof Error &&
      error.message.includes('does not support SSL')
    )
      return attempt(false);
    throw error;
  }
}

async function connect(
  { settings, clock, applicationName }: ConnectionOptionsOfSink,
  host: HostAndPort,
  tls: ConnectionOptions | false,
  signal: AbortSignal,
  wrap: (client: pg.Client, socket: Socket) => PostgresConnection,
): Promise<PostgresConnection> {
  if (isAborted(signal)) throw signal.reason;
  const { properties, database } = settings.url;
  const doing = `connect to ${host.host}:${host.port}/${database}`;
  const socket = new Socket();
  const client = new pg.Client({
    host: host.host,
    port: host.port,
    database,
    user: settings.user ?? properties.get('user') ?? '',
    password: settings.password ?? properties.get('password') ?? '',
    ssl: tls,
    application_name: properties.get('ApplicationName') ?? applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    stream: () => socket,
    ...(properties.has('options') ? { options: properties.get('options') ?? '' } : {}),
  });
  client.on('error', () => undefined); // a failure before the connection is wrapped arrives by the promise
  const done = new AbortController();
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  const late = new AbortController();
  void clock.sleep(settings.connectTimeoutMs, done.signal).then(
    () => {
      late.abort();
      socket.destroy();
    },
    () => undefined, // connected in time
  );
  try {
    await client.connect();
    await client.query(sessionSql(settings));
    if (properties.get('targetServerType') === 'primary') await mustBePrimary(client, doing);
    return wrap(client, socket);
  } catch (error) {
    socket.destroy();
    if (isAborted(signal)) throw signal.reason;
    throw late.signal.aborted
      ? unanswered(doing, settings.connectTimeoutMs)
      : faultOf(error, doing);
  } finally {
    done.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

/** One round trip; what the conversions rely on, whatever the role or the database prefer. */
function sessionSql(settings: Settings): string {
  const statements = [
    `SET TIME ZONE 'UTC'`,
    `SET DateStyle = 'ISO, YMD'`,
    `SET IntervalStyle = 'postgres'`,
    `SET client_min_messages = 'warning'`,
    `SET statement_timeout = ${settings.statementTimeoutMs}`,
  ];
  const schema = settings.url.properties.get('currentSchema');
  if (schema !== undefined && schema !== '') {
    const names = schema.split(',').map((name) => `"${name.trim().replaceAll('"', '""')}"`);
    statements.push(`SET search_path = ${names.join(', ')}`);
  }
  return statements.join('; ');
}

async function mustBePrimary(client: pg.Client, doing: string): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>(
    'SELECT pg_is_in_recovery() AS standby',
  );
  if (rows[0]?.standby === true)
    throw new TargetError({
      code: 'jdbc.server_read_only',
      retry: 'retriable',
      scope: 'batch',
      message: `${doing}: the server is a standby`,
    });
}
