import { readFileSync } from 'node:fs';
import { deferred, type Clock } from '@millrace/foundation';
import { createConnection, type Connection, type ConnectionOptions, type SslOptions } from 'mysql2';
import { classify, classifyInSession, type ErrorSubject } from './errors.ts';
import type { Settings } from './settings.ts';
import { SNAPSHOT_SESSION } from './types/snapshot-sql.ts';

/** Values as text; who knows better what they mean parses them. */
export type Row = Readonly<Record<string, string | null>>;

/** One connection to the server. Errors are ours: classified, with a hint. */
export class Session implements AsyncDisposable {
  readonly connection: Connection;
  readonly #subject: ErrorSubject;
  #failure: unknown;
  #isEnded = false;
  /** Statements that wait for their answer: the driver forgets them when it is told to close. */
  readonly #waiting = new Set<(error: Error) => void>();

  private constructor(connection: Connection, subject: ErrorSubject) {
    this.connection = connection;
    this.#subject = subject;
    connection.on('error', (error) => {
      this.#failure ??= error; // a connection that breaks while idle; the next use of it reports that
    });
    connection.on('end', () => {
      this.#isEnded = true;
    });
  }

  /** @throws MillraceError `mysql.unreachable`, `mysql.authentication_failed` and the like */
  static async open(settings: Settings, signal?: AbortSignal): Promise<Session> {
    const session = await Session.openBare(settings, signal);
    const onAbort = (): void => {
      session.abandon();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (const statement of SNAPSHOT_SESSION) await session.execute(statement);
      await session.limitQueries(settings.config['database.query.timeout.ms']);
      for (const statement of initialStatements(settings)) await session.execute(statement);
      return session;
    } catch (error) {
      session.abandon();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** A connection as the server gives it: for the binlog. */
  static async openBare(settings: Settings, signal?: AbortSignal): Promise<Session> {
    const { sslMode } = settings;
    const subject = subjectOf(settings);
    try {
      if (sslMode !== 'preferred') return await connect(settings, subject, sslMode, signal);
      return await connect(settings, subject, 'required', signal).catch(async (error: unknown) => {
        if (!isWithoutTls(error)) throw error;
        return connect(settings, subject, 'disabled', signal);
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw classify(error, subject);
    }
  }

  static wrap(connection: Connection, subject: ErrorSubject): Session {
    return new Session(connection, subject);
  }

  get isUsable(): boolean {
    return !this.#isEnded && this.#failure === undefined;
  }

  /** Rows with all values as text. @throws MillraceError */
  async query(sql: string): Promise<readonly Row[]> {
    if (this.#failure !== undefined) throw this.classify(this.#failure);
    const answer = deferred<readonly Row[]>();
    const reject = (error: Error): void => {
      answer.reject(error);
    };
    this.#waiting.add(reject);
    this.connection.query({ sql, typeCast: (field) => field.string() }, (error, rows) => {
      if (error !== null) answer.reject(error);
      // The driver's type holds all that a statement may give; of rows it is an array of objects.
      else answer.resolve(Array.isArray(rows) ? (rows as unknown as readonly Row[]) : []);
    });
    try {
      return await answer.promise;
    } catch (error) {
      throw this.classify(error);
    } finally {
      this.#waiting.delete(reject);
    }
  }

  /** A statement without rows. @throws MillraceError */
  async execute(sql: string): Promise<void> {
    await this.query(sql);
  }

  /** The longest run of a query from now on; 0: for ever. */
  async limitQueries(timeoutMs: number): Promise<void> {
    // Asked, since it may be the other server than the one that the connector is for.
    const [server] = await this.query('SELECT VERSION() AS version');
    await this.execute(
      /mariadb/i.test(server?.['version'] ?? '')
        ? `SET SESSION max_statement_time = ${timeoutMs / 1000}`
        : `SET SESSION max_execution_time = ${timeoutMs}`,
    );
  }

  /** Whether the server still answers, within this time. */
  async isAlive(timeoutMs: number, clock: Clock): Promise<boolean> {
    if (!this.isUsable) return false;
    const timer = new AbortController();
    const late = clock.sleep(timeoutMs, timer.signal).then(
      () => false,
      () => false, // it answered in time
    );
    const answer = this.execute('DO 0').then(
      () => true,
      () => false, // broken: the caller opens another
    );
    try {
      return await Promise.race([answer, late]);
    } finally {
      timer.abort();
    }
  }

  /** Runs what may take long, such as waiting for other transactions; an abort breaks the connection. */
  async untilAborted<T>(signal: AbortSignal, operation: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const onAbort = (): void => {
      this.abandon();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await operation();
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  classify(error: unknown): Error {
    return classifyInSession(error, this.#subject);
  }

  /** Ends the connection: in an orderly way if the network allows, and in two seconds anyway. Never throws. */
  async close(clock?: Clock): Promise<void> {
    if (!this.#isEnded && clock !== undefined) {
      const ending = new Promise<void>((resolve) => {
        this.connection.end(() => {
          resolve();
        });
      });
      const timer = new AbortController();
      const patience = clock.sleep(CLOSE_TIMEOUT_MS, timer.signal).catch(() => undefined); // it ended in time
      await Promise.race([ending, patience]);
      timer.abort();
    }
    this.abandon();
  }

  /** Breaks the connection at once. */
  abandon(): void {
    const closed = Object.assign(new Error('the connection was closed'), { code: 'ECONNABORTED' });
    this.#failure ??= closed;
    this.connection.destroy();
    socketOf(this.connection)?.destroy();
    for (const reject of [...this.#waiting]) reject(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const CLOSE_TIMEOUT_MS = 2000;

export function subjectOf(settings: Settings): ErrorSubject {
  return {
    address: settings.address,
    user: settings.config['database.user'],
    serverId: settings.config['database.server.id'],
  };
}

/** The driver ends its socket but never destroys it, so one of a silent network would stay. */
function socketOf(connection: Connection): { destroy(): unknown } | undefined {
  const stream: unknown = Reflect.get(connection, 'stream');
  return typeof stream === 'object' && stream !== null && 'destroy' in stream
    ? (stream as { destroy(): unknown })
    : undefined;
}

function connect(
  settings: Settings,
  subject: ErrorSubject,
  sslMode: Settings['sslMode'],
  signal: AbortSignal | undefined,
): Promise<Session> {
  signal?.throwIfAborted();
  const connection = createConnection(connectionOptions(settings, sslMode));
  const session = Session.wrap(connection, subject);
  const opened = deferred<Session>();
  const onAbort = (): void => {
    session.abandon();
    opened.reject(new Error('aborted'));
  };
  const onEnd = (): void => {
    opened.reject(
      Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' }),
    );
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  connection.once('error', (error: Error) => {
    session.abandon();
    opened.reject(error);
  });
  connection.once('end', onEnd);
  connection.once('connect', () => {
    connection.off('end', onEnd);
    opened.resolve(session);
  });
  return opened.promise.finally(() => signal?.removeEventListener('abort', onAbort));
}

function initialStatements(settings: Settings): readonly string[] {
  return (settings.config['database.initial.statements'] ?? '')
    .replaceAll(';;', '\0')
    .split(';')
    .map((statement) => statement.replaceAll('\0', ';').trim())
    .filter((statement) => statement !== '');
}

function connectionOptions(settings: Settings, sslMode: Settings['sslMode']): ConnectionOptions {
  const { config } = settings;
  const ssl = tlsOptions(config, sslMode);
  return {
    host: config['database.hostname'],
    port: config['database.port'],
    user: config['database.user'],
    password: config['database.password'] ?? '',
    charset: 'utf8mb4',
    connectTimeout: config['connect.timeout.ms'],
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    connectAttributes: { program_name: `millrace ${config['topic.prefix']}` },
    ...(ssl === null ? {} : { ssl }),
  };
}

function tlsOptions(config: Settings['config'], mode: Settings['sslMode']): SslOptions | null {
  if (mode === 'disabled') return null;
  const authority = config['database.ssl.truststore'];
  const keyFile = config['database.ssl.keystore'];
  const password = config['database.ssl.keystore.password'];
  return {
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-identity',
    verifyIdentity: mode === 'verify-identity',
    ...(authority === null ? {} : { ca: readFileSync(authority) }),
    ...(keyFile === null ? {} : clientCertificate(keyFile)),
    ...(password === null ? {} : { passphrase: password }),
  };
}

function clientCertificate(path: string): SslOptions {
  const bytes = readFileSync(path);
  if (bytes.includes('-----BEGIN')) return { cert: bytes, key: bytes };
  // The driver's type says text, and hands on to Node whatever it is given.
  return { pfx: bytes as unknown as string };
}

/** The driver's word for a server that has TLS switched off. */
function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'HANDSHAKE_NO_SSL_SUPPORT';
}
