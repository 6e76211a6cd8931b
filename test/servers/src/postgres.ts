import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from './free-port.ts';
import { findPostgresPrograms, type PostgresPrograms } from './postgres-programs.ts';
import { ServerProcess, type UnixUser } from './server-process.ts';
import { unprivilegedUser } from './unix-user.ts';

const run = promisify(execFile);
const USER = 'postgres';
const PASSWORD = 'postgres';

export interface PostgresOptions {
  /** Server settings over the defaults, such as `{ wal_level: 'replica' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** For many small tests on one machine: nothing survives them, so nothing is flushed. */
const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  fsync: 'off',
  listen_addresses: '127.0.0.1',
};

/** A PostgreSQL of one's own: fresh data folder, free port, loopback, superuser with a password. */
export class PostgresServer implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly user = USER;
  readonly password = PASSWORD;
  readonly database = 'postgres';
  readonly folder: string;
  /** Where the server's programs are, for tools such as `pg_recvlogical` that may stand beside them. */
  readonly bin: string;
  readonly #programs: PostgresPrograms;
  readonly #unixUser: UnixUser | undefined;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ServerProcess | undefined;

  private constructor(
    programs: PostgresPrograms,
    unixUser: UnixUser | undefined,
    port: number,
    folder: string,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#programs = programs;
    this.#unixUser = unixUser;
    this.#settings = settings;
    this.bin = programs.bin;
    this.port = port;
    this.folder = folder;
  }

  static async start(options: PostgresOptions = {}): Promise<PostgresServer> {
    const unixUser = unprivilegedUser('postgres');
    const programs = findPostgresPrograms(unixUser);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
    if (unixUser !== undefined) chownSync(folder, unixUser.uid, unixUser.gid);
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    const server = new PostgresServer(programs, unixUser, await findFreePort(), folder, settings);
    try {
      await server.#initialise();
      await server.#launch();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get connectionString(): string {
    return `postgresql://${USER}:${PASSWORD}@${this.host}:${this.port}/${this.database}`;
  }

  /** A superuser's connection to the database, which is created when it isn't there. The caller ends it. */
  async connect(database: string = this.database): Promise<pg.Client> {
    if (database !== this.database) await this.#ensureDatabase(database);
    const { host, port, user, password } = this;
    const client = new pg.Client({ host, port, user, password, database });
    client.on('error', () => undefined); // the server was stopped first; whoever uses the client is told
    await client.connect();
    return client;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Stops the server and starts it again on the same port and data, after an orderly or a crashing end. */
  async restart(
    how: 'orderly' | 'crash' = 'orderly',
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.halt(how);
    await this.#launch(settings);
  }

  /** Ends the server but keeps its data, for `resume`. */
  async halt(how: 'orderly' | 'crash' = 'orderly'): Promise<void> {
    if (how === 'crash') await this.#process?.kill();
    else await this.#process?.stop();
    this.#process = undefined;
  }

  async resume(): Promise<void> {
    await this.#launch();
  }

  /** Stops the server and removes its data. */
  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
    this.#programs.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #ensureDatabase(name: string): Promise<void> {
    const client = await this.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
    await client.end();
  }

  async #initialise(): Promise<void> {
    const passwordFile = join(this.folder, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
    await run(
      join(this.bin, 'initdb'),
      ['--pgdata', join(this.folder, 'data'), '--username', USER, '--pwfile', passwordFile].concat([
        '--auth-host=scram-sha-256',
        '--auth-local=trust',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--no-sync',
      ]),
      { cwd: this.folder, ...this.#unixUser },
    );
  }

  async #launch(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = {
      ...this.#settings,
      ...settings,
      port: String(this.port),
      unix_socket_directories: this.folder,
    };
    this.#process = await ServerProcess.start({
      name: 'postgres',
      command: join(this.bin, 'postgres'),
      args: [
        '-D',
        join(this.folder, 'data'),
        ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      user: this.#unixUser,
      env: { LC_ALL: 'C.UTF-8' },
      ready: /database system is ready to accept connections/,
      stopSignal: 'SIGINT',
    });
  }
}

export function startPostgres(options?: PostgresOptions): Promise<PostgresServer> {
  return PostgresServer.start(options);
}
