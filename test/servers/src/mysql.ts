import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type Connection } from 'mysql2/promise';
import { findFreePort } from './free-port.ts';
import { findMariadbPrograms, findMysqlPrograms, type MysqlPrograms } from './mysql-programs.ts';
import { ServerProcess, type UnixUser } from './server-process.ts';
import { unprivilegedUser } from './unix-user.ts';

const run = promisify(execFile);
const USER = 'root';
const PASSWORD = 'millrace';
const READY_TIMEOUT_MS = 60_000;

export type MysqlFlavour = 'mysql' | 'mariadb';

export interface MysqlOptions {
  /** Server settings over the defaults, such as `{ binlog_row_metadata: 'MINIMAL' }`. An empty value is a bare flag. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** For many small tests on one machine: nothing survives its loss of power, so nothing is flushed. */
const COMMON_SETTINGS: Readonly<Record<string, string>> = {
  bind_address: '127.0.0.1',
  server_id: '1',
  log_bin: 'binlog',
  binlog_format: 'ROW',
  binlog_row_image: 'FULL',
  binlog_row_metadata: 'FULL',
  sync_binlog: '0',
  innodb_flush_log_at_trx_commit: '2', // survives kill -9, not loss of power
  innodb_buffer_pool_size: '64M',
  local_infile: '1',
  skip_name_resolve: 'ON',
};

const SETTINGS: Readonly<Record<MysqlFlavour, Readonly<Record<string, string>>>> = {
  mariadb: {
    ...COMMON_SETTINGS,
    innodb_log_file_size: '32M',
    gtid_strict_mode: '1',
    plugin_maturity: 'unknown',
  },
  mysql: {
    ...COMMON_SETTINGS,
    innodb_redo_log_capacity: '64M',
    gtid_mode: 'ON',
    enforce_gtid_consistency: 'ON',
    mysqlx: 'OFF',
  },
};

/** A MySQL or MariaDB of one's own: fresh data folder, free port, loopback, row binlog, `root` with a password. */
export class MysqlServer implements AsyncDisposable {
  readonly flavour: MysqlFlavour;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly user = USER;
  readonly password = PASSWORD;
  /** Exists from the start. */
  readonly database = 'test';
  readonly folder: string;
  readonly #programs: MysqlPrograms;
  readonly #unixUser: UnixUser | undefined;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ServerProcess | undefined;

  private constructor(
    flavour: MysqlFlavour,
    programs: MysqlPrograms,
    unixUser: UnixUser | undefined,
    port: number,
    folder: string,
    settings: Readonly<Record<string, string>>,
  ) {
    this.flavour = flavour;
    this.#programs = programs;
    this.#unixUser = unixUser;
    this.port = port;
    this.folder = folder;
    this.#settings = settings;
  }

  static async start(flavour: MysqlFlavour, options: MysqlOptions = {}): Promise<MysqlServer> {
    const programs = await (flavour === 'mysql' ? findMysqlPrograms() : findMariadbPrograms());
    const unixUser = unprivilegedUser('mysql');
    const folder = mkdtempSync(join(tmpdir(), `millrace-${flavour}-`));
    chmodSync(folder, 0o755);
    if (unixUser !== undefined) chownSync(folder, unixUser.uid, unixUser.gid);
    const settings = { ...SETTINGS[flavour], ...options.settings };
    const port = await findFreePort();
    const server = new MysqlServer(flavour, programs, unixUser, port, folder, settings);
    try {
      await server.#initialise();
      await server.#launch();
      await server.#createUser();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Such as `mysql://root:…@127.0.0.1:16000/test`. */
  get connectionString(): string {
    return `${this.flavour}://${USER}:${PASSWORD}@${this.host}:${this.port}/${this.database}`;
  }

  /** The connection of an administrator, in UTC, to the database, which is created when it isn't there. The caller ends it. */
  async connect(database: string = this.database): Promise<Connection> {
    const connection = await this.#connect(PASSWORD);
    await connection.query(`create database if not exists ${connection.escapeId(database)}`);
    await connection.changeUser({ database });
    await connection.query("set time_zone = '+00:00'");
    return connection;
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
    await this.halt('crash'); // nothing of it is needed any more
    rmSync(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #initialise(): Promise<void> {
    const data = join(this.folder, 'data');
    mkdirSync(data);
    if (this.#unixUser !== undefined) chownSync(data, this.#unixUser.uid, this.#unixUser.gid);
    const options = { cwd: this.folder, maxBuffer: 16 * 1024 * 1024, ...this.#unixUser };
    if (this.flavour === 'mariadb') {
      await run(
        'mariadb-install-db',
        [
          '--no-defaults',
          `--datadir=${data}`,
          '--auth-root-authentication-method=normal',
          '--skip-test-db',
          '--innodb-flush-log-at-trx-commit=0',
        ],
        options,
      );
      return;
    }
    await run(
      this.#programs.command,
      [
        ...this.#programs.args,
        '--initialize-insecure',
        `--tmpdir=${this.folder}`,
        `--datadir=${data}`,
        '--skip-log-bin',
        '--innodb-redo-log-capacity=64M',
        '--innodb-flush-log-at-trx-commit=0',
      ],
      options,
    );
  }

  async #launch(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all: Readonly<Record<string, string>> = {
      ...this.#settings,
      ...settings,
      port: String(this.port),
      datadir: join(this.folder, 'data'),
      socket: join(this.folder, 'socket'),
      pid_file: join(this.folder, 'pid'),
      tmpdir: this.folder,
      secure_file_priv: this.folder,
    };
    const isBare = this.#programs.args.includes('--no-defaults');
    this.#process = await ServerProcess.start({
      name: this.flavour,
      command: this.#programs.command,
      args: [
        ...this.#programs.args,
        ...(isBare ? [] : ['--no-defaults']),
        ...Object.entries(all).map(([key, value]) => {
          const name = `--${key.replaceAll('_', '-')}`;
          return value === '' ? name : `${name}=${value}`;
        }),
      ],
      user: this.#unixUser,
      ready: /ready for connections/,
      readyTimeoutMs: READY_TIMEOUT_MS,
      stopSignal: 'SIGTERM',
    });
  }

  /** A user that may come from 127.0.0.1 by password, with every right. */
  async #createUser(): Promise<void> {
    const connection = await this.#connect('', join(this.folder, 'socket'));
    try {
      await connection.query(`create database if not exists ${this.database}`);
      for (const statement of [
        `create user if not exists '${USER}'@'127.0.0.1'`,
        `alter user '${USER}'@'127.0.0.1' identified by '${PASSWORD}'`,
        `grant all privileges on *.* to '${USER}'@'127.0.0.1' with grant option`,
      ])
        await connection.query(statement);
    } finally {
      await connection.end();
    }
  }

  #connect(password: string, socketPath?: string): Promise<Connection> {
    const where = socketPath === undefined ? { host: this.host, port: this.port } : { socketPath };
    return createConnection({ ...where, user: USER, password, multipleStatements: true });
  }
}

export function startMysql(options?: MysqlOptions): Promise<MysqlServer> {
  return MysqlServer.start('mysql', options);
}

export function startMariadb(options?: MysqlOptions): Promise<MysqlServer> {
  return MysqlServer.start('mariadb', options);
}
