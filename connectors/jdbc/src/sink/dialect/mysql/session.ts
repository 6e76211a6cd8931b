import { TargetError } from '../../../errors.ts';
import type { EncodedRows } from '../../run/run-rows.ts';
import type { StoredOffsets } from '../../write/offsets.ts';
import type { ConflictRule, RowSet, Session, TypeNames } from '../../write/session.ts';
import type { Table, TableName } from '../../write/table.ts';
import type { Settings } from '../../settings.ts';
import type { DialectPorts } from '../dialect.ts';
import { readTable } from './catalog.ts';
import { MysqlConnection } from './connection.ts';
import { mysqlTypes } from './ddl.ts';
import { quoteName, tableName } from './names.ts';
import { OffsetsTable } from './offsets.ts';
import { RowWriter } from './writer.ts';

/** What the sink asks of MySQL and MariaDB, over one connection. */
export class MysqlSession implements Session {
  readonly #connection: MysqlConnection;
  readonly #rows: RowWriter;
  readonly #settings: Settings;
  #isInParts = false;

  private constructor(connection: MysqlConnection, settings: Settings) {
    this.#connection = connection;
    this.#rows = new RowWriter(connection, settings.rowsMax);
    this.#settings = settings;
  }

  static async open(ports: DialectPorts, signal: AbortSignal): Promise<MysqlSession> {
    const connection = await MysqlConnection.open(ports, signal);
    return new MysqlSession(connection, ports.settings);
  }

  /** Whether the server could take rows by LOAD DATA, and is told not to. */
  get isLoadSwitchedOff(): boolean {
    return this.#connection.server.files === 'off';
  }

  get isUsable(): boolean {
    return this.#connection.isUsable;
  }

  async begin(signal: AbortSignal): Promise<void> {
    this.#isInParts = false;
    await this.#connection.execute('START TRANSACTION', 'begin a transaction', signal);
  }

  async commit(signal: AbortSignal): Promise<void> {
    await this.#connection.execute('COMMIT', 'commit', signal);
  }

  async rollback(signal: AbortSignal): Promise<void> {
    await this.#connection.execute('ROLLBACK', 'roll back', signal);
  }

  async beginParts(signal: AbortSignal): Promise<void> {
    this.#isInParts = true;
    await this.#connection.execute('SAVEPOINT part', 'set a savepoint', signal);
  }

  async keepPart(signal: AbortSignal): Promise<void> {
    const sql = 'RELEASE SAVEPOINT part; SAVEPOINT part';
    await this.#connection.execute(sql, 'move a savepoint on', signal);
  }

  async undoPart(signal: AbortSignal): Promise<void> {
    const sql = 'ROLLBACK TO SAVEPOINT part';
    await this.#connection.execute(sql, 'return to a savepoint', signal);
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  insert(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    return this.#rows.insert(set, rule, signal);
  }

  insertRows(rows: EncodedRows, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    return this.#rows.insertRows(rows, rule, signal);
  }

  update(set: RowSet, signal: AbortSignal): Promise<readonly number[]> {
    return this.#rows.update(set, signal);
  }

  delete(set: RowSet, signal: AbortSignal): Promise<void> {
    return this.#rows.delete(set, signal);
  }

  /**
   * TRUNCATE commits what was before it: a batch that fails later is put again from its beginning, and empties the
   * table once more. Where that must not be, or the server refuses it (a foreign key, a privilege), its rows are deleted.
   */
  async truncate(table: Table, signal: AbortSignal): Promise<void> {
    const doing = `truncate table ${table.name}`;
    if (this.#settings.isExactlyOnce) {
      await this.#connection.execute(`DELETE FROM ${table.sql}`, doing, signal);
      return;
    }
    try {
      await this.#connection.execute(`TRUNCATE TABLE ${table.sql}`, doing, signal);
    } catch (error) {
      const number = error instanceof TargetError ? error.context['errno'] : undefined;
      if (number !== 1701 && number !== 1142) throw error;
      await this.#connection.execute(`DELETE FROM ${table.sql}`, doing, signal);
      return;
    }
    const again = this.#isInParts ? 'START TRANSACTION; SAVEPOINT part' : 'START TRANSACTION';
    await this.#connection.execute(again, 'begin a transaction', signal);
  }

  readTable(name: TableName, signal: AbortSignal): Promise<Table | undefined> {
    return readTable(this.#connection, name, signal);
  }

  readTypes(): Promise<TypeNames> {
    return Promise.resolve(mysqlTypes(this.#connection.server));
  }

  async define(sql: string, signal: AbortSignal): Promise<void> {
    await this.#connection.execute(sql, 'define the target table', signal);
  }

  get offsets(): StoredOffsets {
    const { schema, name } = tableName(this.#settings.offsetsTable, this.#settings);
    const table = schema === null ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`;
    return new OffsetsTable(this.#connection, table);
  }

  destroy(reason: unknown): void {
    this.#connection.destroy(reason);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
