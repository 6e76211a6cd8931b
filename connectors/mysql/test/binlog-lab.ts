import { systemClock } from '@millrace/foundation';
import { startMariadb, startMysql, type MysqlServer } from '@millrace/test-servers';
import { createConnection, type Connection as CoreConnection } from 'mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { BinlogEvent, RowsEvent } from '../src/binlog/events/event.ts';
import { openBinlog, type BinlogReader, type BinlogReaderOptions } from '../src/binlog/reader.ts';
import { parseColumnType, type ColumnDefinition } from '../src/types/column.ts';
import type { ValueSettings } from '../src/types/value-settings.ts';

export type Flavour = 'mysql' | 'mariadb';

export const VALUE_SETTINGS: ValueSettings = {
  decimalMode: 'precise',
  unsignedBigintMode: 'long',
  timeMode: 'adaptive_time_microseconds',
  binaryMode: 'bytes',
  onUnrepresentable: 'fail',
  adjustsYears: true,
  converter: () => undefined,
  placeholderText: '__unavailable',
  placeholderBytes: Buffer.from('__unavailable'),
};

let lastServerId = 7000;

/** A server of one's own with the binlog client beside it. */
export class BinlogLab implements AsyncDisposable {
  readonly server: MysqlServer;
  sql: Connection;

  private constructor(server: MysqlServer, sql: Connection) {
    this.server = server;
    this.sql = sql;
  }

  static async start(
    flavour: Flavour,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BinlogLab> {
    const server = await (flavour === 'mysql' ? startMysql : startMariadb)({ settings });
    return new BinlogLab(server, await server.connect());
  }

  get flavour(): Flavour {
    return this.server.flavour;
  }

  /** The end of the binlog. */
  async end(): Promise<{ readonly file: string; readonly position: number }> {
    const statement = this.flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
    const [[row]] = await this.sql.query<RowDataPacket[]>(statement);
    return { file: String(row?.['File']), position: Number(row?.['Position']) };
  }

  /** Executed. */
  async gtids(): Promise<string> {
    const variable = this.flavour === 'mysql' ? '@@gtid_executed' : '@@gtid_binlog_pos';
    const [[row]] = await this.sql.query<RowDataPacket[]>(`SELECT ${variable} AS gtids`);
    return String(row?.['gtids']).replaceAll('\n', '');
  }

  async restart(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.sql.end();
    await this.server.restart('orderly', settings);
    this.sql = await this.server.connect();
  }

  /** In the callback form, logged in. */
  async connect(options: object = {}): Promise<CoreConnection> {
    const { host, port, user, password, database } = this.server;
    const connection = createConnection({ host, port, user, password, database, ...options });
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    return connection;
  }

  async read(
    start: BinlogReaderOptions['start'],
    options: Partial<BinlogReaderOptions> = {},
  ): Promise<BinlogReader> {
    return openBinlog({
      connection: options.connection ?? (await this.connect()),
      flavour: this.flavour,
      classify: (error) => (error instanceof Error ? error : new Error(String(error))),
      serverId: lastServerId++,
      start,
      heartbeatMs: 1000,
      silenceMaxMs: 20_000,
      bufferBytesMax: 1 << 20,
      unpackedBytesMax: 1 << 27,
      clock: systemClock,
      ...options,
    });
  }

  /** The events that the statements write, without those that begin a connection. */
  async eventsOf(...statements: readonly string[]): Promise<readonly BinlogEvent[]> {
    const start = await this.end();
    for (const statement of statements) await this.sql.query(statement);
    const end = await this.end();
    await using reader = await this.read({ kind: 'file', ...start });
    const events: BinlogEvent[] = [];
    while (reader.file !== end.file || reader.position < end.position)
      events.push(...(await reader.read({ bytesMax: 1 << 20, waitMs: 10_000 }, NEVER)));
    return events.filter((event) => !event.isArtificial);
  }

  async rowsOf(...statements: readonly string[]): Promise<readonly RowsEvent[]> {
    return (await this.eventsOf(...statements)).filter((event) => event.kind === 'rows');
  }

  /** As the catalogue tells them. */
  async columns(table: string): Promise<readonly ColumnDefinition[]> {
    const [rows] = await this.sql.query<RowDataPacket[]>(
      `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, CHARACTER_SET_NAME AS charset, IS_NULLABLE AS nullable
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
      [table],
    );
    return rows.map((row) => ({
      ...parseColumnType(String(row['type'])),
      name: String(row['name']),
      charset: row['charset'] === null ? null : String(row['charset']),
      isOptional: row['nullable'] === 'YES',
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sql.end().catch(() => undefined);
    await this.server[Symbol.asyncDispose]();
  }
}

export const NEVER = new AbortController().signal;
