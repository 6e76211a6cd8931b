import { readFileSync } from 'node:fs';
import type { Clock } from '@millrace/foundation';
import { Client, types, type ClientConfig } from 'pg';
import { driverSocket } from './driver-socket.ts';
import { classify, type ErrorSubject } from './errors.ts';
import { openReadSocket } from './read-socket.ts';
import type { Settings } from './settings.ts';

/** What each of our sessions is set to, so that values have one text form. */
const SESSION_SETTINGS = [
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO, MDY'",
  "SET IntervalStyle = 'postgres'",
  "SET bytea_output = 'hex'",
  'SET extra_float_digits = 3',
  "SET lc_monetary = 'C'",
  "SET xmloption = 'content'",
  'SET client_encoding = UTF8',
];

export type SessionKind = 'query' | 'replication';

/** Everything that results hold is text: we know better than the driver what it means. */
const TEXT_TYPES = { getTypeParser: () => (value: string) => value };

export type Row = Readonly<Record<string, string | null>>;

/** One connection to the server. Errors are ours: classified, with a hint. */
export class Session implements AsyncDisposable {
  readonly client: Client;
  readonly #subject: ErrorSubject;
  #failure: unknown;
  #ended = false;

  private constructor(client: Client, subject: ErrorSubject) {
    this.client = client;
    this.#subject = subject;
    client.on('error', (error) => {
      this.#failure = error; // a connection that breaks while idle; the next use of it reports that
    });
    client.on('end', () => {
      this.#ended = true;
    });
  }

  /** @throws MillraceError `postgres.unreachable`, `postgres.authentication_failed` and the like */
  static async open(settings: Settings, kind: SessionKind, signal?: AbortSignal): Promise<Session> {
    const subject = subjectOf(settings);
    const mode = settings.config['database.sslmode'].toLowerCase();
    try {
      if (mode !== 'prefer') return await connect(settings, kind, subject, mode, signal);
      return await connect(settings, kind, subject, 'require', signal).catch(
        async (error: unknown) => {
          if (!isWithoutTls(error)) throw error;
          return connect(settings, kind, subject, 'disable', signal);
        },
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw classify(error, subject);
    }
  }

  static wrap(client: Client, subject: ErrorSubject): Session {
    return new Session(client, subject);
  }

  get isUsable(): boolean {
    return !this.#ended && this.#failure === undefined;
  }

  /** Rows with all values as text. @throws MillraceError */
  async query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
    if (this.#failure !== undefined) throw classify(this.#failure, this.#subject);
    try {
      const result = await this.client.query<Record<string, string | null>>({
        text: sql,
        types: TEXT_TYPES,
        ...(parameters === undefined ? {} : { values: [...parameters] }),
      });
      return result.rows;
    } catch (error) {
      throw classify(error, this.#subject);
    }
  }

  /** Runs what may take long, such as waiting for other transactions; an abort breaks the connection. */
  async untilAborted<T>(signal: AbortSignal, operation: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const onAbort = (): void => void driverSocket(this.client).destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await operation();
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  classify(error: unknown): Error {
    return classify(error, this.#subject);
  }

  /** Ends the connection: in an orderly way if the network allows, and in two seconds anyway. Never throws. */
  async close(clock?: Clock): Promise<void> {
    if (this.#ended) return;
    const ending = this.client.end().catch(() => undefined); // it is gone already
    if (clock === undefined) {
      await ending;
      return;
    }
    const timer = new AbortController();
    const patience = clock.sleep(CLOSE_TIMEOUT_MS, timer.signal).catch(() => undefined); // it ended in time
    await Promise.race([ending, patience]);
    timer.abort();
    driverSocket(this.client).destroy();
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
    database: settings.config['database.dbname'],
    slot: settings.config['slot.name'],
  };
}

async function connect(
  settings: Settings,
  kind: SessionKind,
  subject: ErrorSubject,
  sslMode: string,
  signal: AbortSignal | undefined,
): Promise<Session> {
  signal?.throwIfAborted();
  const client = new Client(clientOptions(settings, kind, sslMode));
  const session = Session.wrap(client, subject);
  const onAbort = (): void => void driverSocket(client).destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect();
    for (const statement of SESSION_SETTINGS) await client.query(statement);
    if (kind === 'query') {
      const timeoutMs = settings.config['database.query.timeout.ms'];
      await client.query(`SET statement_timeout = ${timeoutMs}`);
      for (const statement of initialStatements(settings)) await client.query(statement);
    }
    return session;
  } catch (error) {
    void client.end().catch(() => undefined); // what is reported is why it could not be used
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function initialStatements(settings: Settings): readonly string[] {
  return (settings.config['database.initial.statements'] ?? '')
    .replaceAll(';;', '\0')
    .split(';')
    .map((statement) => statement.replaceAll('\0', ';').trim())
    .filter((statement) => statement !== '');
}

function clientOptions(settings: Settings, kind: SessionKind, sslMode: string): ClientConfig {
  const { config } = settings;
  const options = {
    host: config['database.hostname'],
    port: config['database.port'],
    user: config['database.user'],
    // An empty text keeps the driver from looking for a password in the environment of the process.
    password: config['database.password'] ?? '',
    database: config['database.dbname'],
    ssl: tlsOptions(config, sslMode),
    keepAlive: config['database.tcpKeepAlive'],
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: config['connection.validation.timeout.ms'],
    application_name: `millrace ${config['topic.prefix']}`.slice(0, 63),
    types,
    // Under TLS the socket below is not read by us.
    ...(sslMode === 'disable' || sslMode === 'allow' ? { stream: openReadSocket } : {}),
    ...(kind === 'replication' ? { replication: 'database' } : {}),
  };
  return options;
}

function tlsOptions(config: Settings['config'], mode: string): ClientConfig['ssl'] {
  if (mode === 'disable' || mode === 'allow') return false;
  const certificate = config['database.sslcert'];
  const key = config['database.sslkey'];
  const authority = config['database.sslrootcert'];
  return {
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(authority === null ? {} : { ca: readFileSync(authority) }),
    ...(certificate === null ? {} : { cert: readFileSync(certificate) }),
    ...(key === null ? {} : { key: readFileSync(key) }),
    ...(config['database.sslpassword'] === null
      ? {}
      : { passphrase: config['database.sslpassword'] }),
  };
}

/** The driver's words for a server that has TLS switched off (pg 8). */
function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support SSL');
}
