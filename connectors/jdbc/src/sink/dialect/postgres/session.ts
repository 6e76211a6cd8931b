import { TargetError } from '../../../errors.ts';
import type { StoredOffsets } from '../../write/offsets.ts';
import type { EncodedRows } from '../../run/run-rows.ts';
import type { ConflictRule, RowSet, RowTarget, Session, TypeNames } from '../../write/session.ts';
import type { Table, TableName } from '../../write/table.ts';
import type { Settings } from '../../settings.ts';
import type { DialectPorts } from '../dialect.ts';
import { readExtensionTypes, readTable } from './catalog.ts';
import { PostgresConnection } from './connection.ts';
import { typeForValues } from '../loose-types.ts';
import { LOOSE_TYPES, quoteName, typeForSchema } from './ddl.ts';
import { tableName } from './names.ts';
import { OffsetsTable } from './offsets.ts';
import { RowWriter } from './writer.ts';

/** What the sink asks of PostgreSQL, over one connection. */
export class PostgresSession implements Session {
  readonly #connection: PostgresConnection;
  readonly #rows: RowWriter;
  readonly #settings: Settings;

  private constructor(connection: PostgresConnection, settings: Settings) {
    this.#connection = connection;
    this.#rows = new RowWriter(connection, settings.rowsMax);
    this.#settings = settings;
  }

  static async open(ports: DialectPorts, signal: AbortSignal): Promise<PostgresSession> {
    const connection = await PostgresConnection.open(ports, signal);
    return new PostgresSession(connection, ports.settings);
  }

  get isUsable(): boolean {
    return this.#connection.isUsable;
  }

  async begin(signal: AbortSignal): Promise<void> {
    await this.#connection.query('BEGIN', 'begin a transaction', signal);
  }

  async commit(signal: AbortSignal): Promise<void> {
    await this.#connection.query('COMMIT', 'commit', signal);
  }

  async rollback(signal: AbortSignal): Promise<void> {
    await this.#connection.query('ROLLBACK', 'roll back', signal);
  }

  async beginParts(signal: AbortSignal): Promise<void> {
    const sql = 'SET CONSTRAINTS ALL IMMEDIATE; SAVEPOINT part';
    await this.#connection.query(sql, 'set a savepoint', signal);
  }

  async keepPart(signal: AbortSignal): Promise<void> {
    await this.#connection.query('RELEASE part; SAVEPOINT part', 'move a savepoint on', signal);
  }

  async undoPart(signal: AbortSignal): Promise<void> {
    await this.#connection.query('ROLLBACK TO part', 'return to a savepoint', signal);
  }

  async prepare(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    try {
      await this.#rows.prepare(set, rule, signal);
    } catch (error) {
      // No privilege TEMPORARY on the database: the slower way without a staging table is taken.
      const state = error instanceof TargetError ? error.context['sqlState'] : undefined;
      if (state !== '42501' && state !== '25006') throw error;
    }
  }

  insert(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    return this.#rows.insert(set, rule, signal);
  }

  /** Without a privilege for staging tables rows go one by one. */
  prepareRows(rows: RowTarget, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    return this.#rows.prepareRows(rows, rule, signal);
  }

  streamRows(
    target: RowTarget,
    rule: ConflictRule,
    rows: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#rows.streamRows(target, rule, rows, signal);
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

  async truncate(table: Table, signal: AbortSignal): Promise<void> {
    await this.#connection.query(`TRUNCATE ${table.sql}`, `truncate table ${table.name}`, signal);
  }

  readTable(name: TableName, signal: AbortSignal): Promise<Table | undefined> {
    return readTable(this.#connection, name.schema, name.name, signal);
  }

  async readTypes(signal: AbortSignal): Promise<TypeNames> {
    const extensions = await readExtensionTypes(this.#connection, signal);
    return {
      tableOptions: '',
      forSchema: (schema) => typeForSchema(schema, extensions),
      forValues: (values, isKey) => {
        const type = typeForValues(values);
        if (type === undefined) return undefined;
        return LOOSE_TYPES[type === 'json' && isKey ? 'text' : type];
      },
    };
  }

  async define(sql: string, signal: AbortSignal): Promise<void> {
    await this.#connection.query(sql, 'define the target table', signal);
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
