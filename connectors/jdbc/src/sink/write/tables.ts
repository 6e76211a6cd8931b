import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@millrace/foundation';
import {
  columnsMissing,
  definitionRaced,
  keyMissing,
  tableMissing,
  uniqueKeyMissing,
  TargetError,
} from '../../errors.ts';
import type { Settings } from '../settings.ts';
import { draftColumns, type Want } from './drafts.ts';
import { fieldsOf } from './plan.ts';
import type { Database, Session, TypeNames } from './session.ts';
import type { ColumnDraft, Table, TableName } from './table.ts';

/** The tables of the target as last seen, created and widened where the settings allow it. */
export class Tables {
  readonly #database: Database;
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #known = new Map<string, Table>();
  #types: TypeNames | undefined;

  constructor(database: Database, settings: Settings, log: Logger) {
    this.#database = database;
    this.#settings = settings;
    this.#log = log;
  }

  forget(): void {
    this.#known.clear();
    this.#types = undefined;
  }

  /** As last seen. */
  find(text: string): Table | undefined {
    return this.#known.get(text);
  }

  /** Looks again whether the table is still as it was last seen. */
  async hasChanged(
    session: Session,
    text: string,
    known: Table,
    signal: AbortSignal,
  ): Promise<boolean> {
    const found = await session.readTable(known, signal);
    if (found === undefined || isDeepStrictEqual(found, known)) return false;
    this.#known.set(text, found);
    return true;
  }

  /** The table, created if it may be; `wants` tell how. @throws TargetError */
  async ensure(
    session: Session,
    text: string,
    wants: () => readonly Want[],
    signal: AbortSignal,
  ): Promise<Table> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const name = this.#database.tableName(text, this.#settings);
    const found = await session.readTable(name, signal);
    const table = found ?? (await this.#create(session, name, wants(), signal));
    this.#known.set(text, table);
    return table;
  }

  /** The table with columns for `fields` too. @throws TargetError */
  async widen(
    session: Session,
    text: string,
    table: Table,
    fields: ReadonlySet<string>,
    wants: readonly Want[],
    signal: AbortSignal,
  ): Promise<Table> {
    const names = [...fields];
    if (!this.#settings.addColumns) throw this.#columnsRefused(table, names, wants);
    // A required column without a default can't be added to rows that are there.
    const drafts = (await this.#drafts(session, wants, signal))
      .filter((draft) => names.some((field) => this.#fold(field) === draft.name))
      .map((draft) => ({ ...draft, isRequired: draft.isRequired && draft.default !== null }));
    if (drafts.length > 0) {
      await this.#define(session, this.#database.addColumnsSql(table.sql, drafts), signal);
      this.#log.info(
        { table: table.sql, columns: drafts.map((draft) => draft.name) },
        'columns added to the target table',
      );
    }
    const widened = await session.readTable(table, signal);
    if (widened === undefined) throw tableMissing(table.sql, 'it was dropped just now');
    // Another task may have added some of them just now, so that the server added none: look again.
    const lost = drafts.filter((draft) => !widened.columns.has(draft.name));
    if (lost.length > 0) throw definitionRaced(table.sql);
    this.#known.set(text, widened);
    return widened;
  }

  /** @throws TargetError when ON CONFLICT would have nothing to go by */
  checkUniqueKey(table: Table, keys: readonly string[]): void {
    const isMatch = (unique: readonly string[]): boolean =>
      unique.length === keys.length && unique.every((column) => keys.includes(column));
    if (table.uniqueKeys.some(isMatch)) return;
    const { keyFields } = this.#settings.keys;
    throw uniqueKeyMissing(
      table.sql,
      `ALTER TABLE ${table.sql} ADD PRIMARY KEY (${keys.map((key) => this.#database.quoteName(key)).join(', ')}); or name the columns of another unique index in ${keyFields}`,
      `no primary key or unique index over exactly ${keys.map((key) => this.#database.quoteName(key)).join(', ')}, which upsert needs`,
    );
  }

  #fold(name: string): string {
    return this.#database.fold(name, this.#settings);
  }

  async #create(
    session: Session,
    name: TableName,
    wants: readonly Want[],
    signal: AbortSignal,
  ): Promise<Table> {
    const shown = [name.schema, name.name]
      .flatMap((part) => part ?? [])
      .map((part) => this.#database.quoteName(part))
      .join('.');
    const drafts = await this.#drafts(session, wants, signal);
    const keys = [
      ...new Set(wants.flatMap((want) => (want.key === null ? [] : fieldsOf(want.key)))),
    ];
    this.#types ??= await session.readTypes(signal);
    const sql = this.#database.createTableSql(
      shown,
      drafts,
      keys.map((key) => this.#fold(key)),
      this.#types.tableOptions,
    );
    if (!this.#settings.createTables) {
      const { createTables } = this.#settings.keys;
      throw tableMissing(
        shown,
        drafts.length === 0
          ? `create it, or set ${createTables}`
          : `${sql}; or set ${createTables}`,
      );
    }
    if (drafts.length === 0)
      throw tableMissing(
        shown,
        'it will be created with the first row; until then there is nothing to delete',
      );
    await this.#define(session, sql, signal);
    this.#log.info({ table: shown, columns: drafts.length }, 'target table created');
    if (wants.some((want) => want.row.schema === null))
      this.#log.warn(
        { table: shown },
        'column types were inferred from JSON values, which know no dates and decimals; enable schemas or create the table yourself to have exact types',
      );
    const created = await session.readTable(name, signal);
    if (created === undefined)
      throw tableMissing(
        shown,
        'it was created, but is not visible: check currentSchema and the search_path',
      );
    return created;
  }

  /** Runs a definition outside the data's transaction; another task may have done the same just now. */
  async #define(session: Session, sql: string, signal: AbortSignal): Promise<void> {
    try {
      await session.define(sql, signal);
    } catch (error) {
      if (!(error instanceof TargetError) || !this.#database.isDefinitionRace(error)) throw error;
    }
  }

  async #drafts(
    session: Session,
    wants: readonly Want[],
    signal: AbortSignal,
  ): Promise<readonly ColumnDraft[]> {
    this.#types ??= await session.readTypes(signal);
    return draftColumns(wants, this.#types, this.#database, this.#settings);
  }

  #columnsRefused(table: Table, fields: readonly string[], wants: readonly Want[]): TargetError {
    const { addColumns } = this.#settings.keys;
    const isKey = fields.some((field) =>
      wants.some((want) => want.key !== null && field in want.key.fields),
    );
    if (isKey)
      return keyMissing(
        `the table ${table.sql} has no column for the key field ${fields.map((field) => this.#database.quoteName(field)).join(', ')}`,
        `add the column, or name others in ${this.#settings.keys.keyFields}`,
      );
    return columnsMissing(
      table.sql,
      fields,
      `ALTER TABLE ${table.sql} ${fields.map((field) => `ADD COLUMN ${this.#database.quoteName(this.#fold(field))} …`).join(', ')}; or set ${addColumns}, or leave the field out by a field list`,
    );
  }
}
