import type { Logger } from '@millrace/foundation';
import type { Part } from '../../change.ts';
import {
  columnsMissing,
  keyMissing,
  tableMissing,
  tableNameInvalid,
  uniqueKeyMissing,
  TargetError,
} from '../../../errors.ts';
import type { Settings } from '../../settings.ts';
import { readExtensionTypes, readTable } from './catalog.ts';
import type { Table } from './column.ts';
import type { PostgresConnection } from './connection.ts';
import {
  addColumnsSql,
  createTableSql,
  draftsFromSchema,
  quoteName,
  typeForValues,
  type ColumnDraft,
} from './ddl.ts';
import { fieldsOf } from './plan.ts';
import { tableSql } from './statements.ts';

/** What one record wants to write, as far as the shape of the table is concerned. */
export interface Want {
  readonly topic: string;
  readonly key: Part | null;
  readonly row: Part;
}

export interface TableName {
  readonly schema: string | null;
  readonly name: string;
}

/** The tables of the target as last seen, created and widened where the settings allow it. */
export class Tables {
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #known = new Map<string, Table>();
  #extensions: ReadonlySet<string> | undefined;

  constructor(settings: Settings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
  }

  forget(): void {
    this.#known.clear();
    this.#extensions = undefined;
  }

  /** The table, created if it may be; `wants` tell how. @throws TargetError */
  async ensure(
    connection: PostgresConnection,
    text: string,
    wants: () => readonly Want[],
    signal: AbortSignal,
  ): Promise<Table> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const name = this.#parse(text);
    const found = await readTable(connection, name.schema, name.name, signal);
    const table = found ?? (await this.#create(connection, name, wants(), signal));
    this.#known.set(text, table);
    return table;
  }

  /** The table with columns for `fields` too. @throws TargetError */
  async widen(
    connection: PostgresConnection,
    text: string,
    table: Table,
    fields: ReadonlySet<string>,
    wants: readonly Want[],
    signal: AbortSignal,
  ): Promise<Table> {
    const names = [...fields];
    if (!this.#settings.addColumns) throw this.#columnsRefused(table, names, wants);
    // A required column without a default can't be added to rows that are there.
    const drafts = (await this.#drafts(connection, wants, signal))
      .filter((draft) => names.some((field) => this.#fold(field) === draft.name))
      .map((draft) => ({ ...draft, isRequired: draft.isRequired && draft.default !== null }));
    if (drafts.length > 0) {
      await this.#define(connection, addColumnsSql(tableSql(table), drafts), signal);
      this.#log.info(
        { table: tableSql(table), columns: drafts.map((draft) => draft.name) },
        'columns added to the target table',
      );
    }
    const widened = await readTable(connection, table.schema, table.name, signal);
    if (widened === undefined) throw tableMissing(tableSql(table), 'it was dropped just now');
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
      tableSql(table),
      `ALTER TABLE ${tableSql(table)} ADD PRIMARY KEY (${keys.map(quoteName).join(', ')}); or name the columns of another unique index in ${keyFields}`,
      `no primary key or unique index over exactly ${keys.map(quoteName).join(', ')}, which upsert needs`,
    );
  }

  #parse(text: string): TableName {
    const parts = text.split('.').map((part) => this.#fold(part));
    if (parts.some((part) => part === '') || parts.length > 3)
      throw tableNameInvalid(
        `"${text}" is not a table name: expected table or schema.table`,
        this.#nameHint(),
      );
    if (parts.some((part) => Buffer.byteLength(part) > 63))
      throw tableNameInvalid(
        `"${text}" has a name of more than 63 bytes, which PostgreSQL would cut`,
        this.#nameHint(),
      );
    const [first = '', second, third] = parts;
    if (second === undefined) return { schema: null, name: first };
    if (third === undefined) return { schema: first, name: second };
    if (first !== this.#settings.url.database)
      throw tableNameInvalid(
        `"${text}" means a table of the database "${first}", but the sink is connected to "${this.#settings.url.database}"`,
        this.#nameHint(),
      );
    return { schema: second, name: third };
  }

  #nameHint(): string {
    return `set ${this.#settings.keys.tableFormat}, for example to \${source.table} or public.\${source.table}, or rename topics with the RegexRouter transform`;
  }

  #fold(name: string): string {
    return this.#settings.quoteIdentifiers ? name : name.toLowerCase();
  }

  async #create(
    connection: PostgresConnection,
    name: TableName,
    wants: readonly Want[],
    signal: AbortSignal,
  ): Promise<Table> {
    const shown = [name.schema, name.name]
      .flatMap((part) => part ?? [])
      .map(quoteName)
      .join('.');
    const drafts = await this.#drafts(connection, wants, signal);
    const keys = [
      ...new Set(wants.flatMap((want) => (want.key === null ? [] : fieldsOf(want.key)))),
    ];
    const sql = createTableSql(
      shown,
      drafts,
      keys.map((key) => this.#fold(key)),
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
    await this.#define(connection, sql, signal);
    this.#log.info({ table: shown, columns: drafts.length }, 'target table created');
    if (wants.some((want) => want.row.schema === null))
      this.#log.warn(
        { table: shown },
        'column types were inferred from JSON values, which know no dates and decimals; enable schemas or create the table yourself to have exact types',
      );
    const created = await readTable(connection, name.schema, name.name, signal);
    if (created === undefined)
      throw tableMissing(
        shown,
        'it was created, but is not visible: check currentSchema and the search_path',
      );
    return created;
  }

  /** Runs a definition outside the data's transaction; another task may have done the same just now. */
  async #define(connection: PostgresConnection, sql: string, signal: AbortSignal): Promise<void> {
    try {
      await connection.query(sql, 'define the target table', signal);
    } catch (error) {
      const state = error instanceof TargetError ? error.context['sqlState'] : undefined;
      const isRace =
        state === '42P07' || state === '42701' || state === '42710' || state === '23505';
      if (!isRace) throw error;
    }
  }

  async #drafts(
    connection: PostgresConnection,
    wants: readonly Want[],
    signal: AbortSignal,
  ): Promise<readonly ColumnDraft[]> {
    this.#extensions ??= await readExtensionTypes(connection, signal);
    const drafts = new Map<string, ColumnDraft>();
    const put = (draft: ColumnDraft): void => {
      const name = this.#fold(draft.name);
      if (!drafts.has(name)) drafts.set(name, { ...draft, name });
    };
    for (const { key } of wants) if (key !== null) this.#partDrafts([key], true).forEach(put);
    for (const want of wants) {
      if (want.row.schema === null) continue;
      for (const draft of this.#partDrafts([want.row], false))
        if (this.#settings.isFieldIncluded(want.topic, draft.name)) put(draft);
    }
    const loose = wants.filter((want) => want.row.schema === null);
    for (const draft of this.#partDrafts(
      loose.map((want) => want.row),
      false,
    ))
      if (loose.some((want) => this.#settings.isFieldIncluded(want.topic, draft.name))) put(draft);
    return [...drafts.values()];
  }

  /** Drafts of parts that are alike: all with schemas, or all without. */
  #partDrafts(parts: readonly Part[], isKey: boolean): readonly ColumnDraft[] {
    const [first] = parts;
    if (first === undefined) return [];
    if (first.schema !== null)
      return draftsFromSchema(first.schema, isKey, this.#extensions ?? new Set());
    const names = new Set(parts.flatMap((part) => Object.keys(part.fields)));
    return [...names].flatMap((name) => {
      const type = typeForValues(parts.map((part) => part.fields[name]));
      // A field that was null so far tells no type; its column comes with its first value.
      if (type === undefined) return [];
      return [
        { name, type: type === 'jsonb' && isKey ? 'text' : type, isRequired: isKey, default: null },
      ];
    });
  }

  #columnsRefused(table: Table, fields: readonly string[], wants: readonly Want[]): TargetError {
    const { addColumns } = this.#settings.keys;
    const isKey = fields.some((field) =>
      wants.some((want) => want.key !== null && field in want.key.fields),
    );
    if (isKey)
      return keyMissing(
        `the table ${tableSql(table)} has no column for the key field ${fields.map(quoteName).join(', ')}`,
        `add the column, or name others in ${this.#settings.keys.keyFields}`,
      );
    return columnsMissing(
      tableSql(table),
      fields,
      `ALTER TABLE ${tableSql(table)} ${fields.map((field) => `ADD COLUMN ${quoteName(this.#fold(field))} …`).join(', ')}; or set ${addColumns}, or leave the field out by a field list`,
    );
  }
}
