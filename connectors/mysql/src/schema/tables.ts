import type { TopicNaming } from '@millrace/cdc';
import type { Logger } from '@millrace/foundation';
import type { TableMap } from '../binlog/events/table-map.ts';
import { quoteTable, readTable, type Table } from '../catalog.ts';
import type { Session } from '../connection.ts';
import { schemaUnknown } from '../errors.ts';
import type { Settings } from '../settings.ts';
import {
  reuseShape,
  shapeOf,
  wireForm,
  type DescribedColumn,
  type RowForm,
  type TableDescription,
  type TableShape,
} from '../table-shape.ts';
import { columnsOf, mismatches } from '../types/metadata-columns.ts';
import type { NamedTable } from './ddl.ts';

/** A session to ask the catalogue with; may have to be opened. */
export type SessionSource = () => Promise<Session>;

interface Entry {
  readonly id: string;
  /** As the catalogue or the history describes it; null: not asked yet, or gone. */
  table: Table | null;
  /** As it was before the last statement. */
  readonly former: Table | null;
  shape: TableShape | undefined;
  /** A statement changed the table, and another entry holds what is known of it now. */
  isStale: boolean;
}

/** null: nobody captures the table, or nothing can be made of it. */
type Known = { readonly entry: Entry; readonly form: RowForm | null } | null;

export interface TablesOptions {
  readonly settings: Settings;
  readonly topics: TopicNaming;
  readonly log: Logger;
}

/**
 * What is known of the tables, by place in the binlog. Rows are laid out as the table map before them says; names, keys,
 * defaults and widths come from the catalogue as long as it fits the table map, and else from the full metadata of the
 * table map itself. Where neither is certain, it stops (INV-8).
 */
export class Tables {
  readonly #options: TablesOptions;
  readonly #entries = new Map<string, Entry>();
  /** By the object that the reader makes once for each description. */
  #known = new WeakMap<TableMap, { readonly known: Known }>();

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  /** The shape of a table for a snapshot. */
  describe(table: Table): TableShape {
    const entry = this.#entryOf(table.database, table.name);
    entry.table = table;
    return this.#shape(entry, descriptionOf(table));
  }

  /** How rows behind this table map are read; undefined: not known yet, `load` it. */
  find(map: TableMap): RowForm | null | undefined {
    const found = this.#known.get(map);
    if (found === undefined) return undefined;
    const { known } = found;
    if (known === null) return null;
    return known.entry.isStale ? undefined : known.form;
  }

  /** @throws MillraceError `mysql.schema_unknown` */
  async load(map: TableMap, sessions: SessionSource): Promise<RowForm | null> {
    const { settings } = this.#options;
    if (
      !settings.capturesTable(map.database, map.table) &&
      !settings.isSignalTable(map.database, map.table)
    ) {
      this.#known.set(map, { known: null });
      return null;
    }
    const entry = this.#entryOf(map.database, map.table);
    const description = await this.#descriptionFor(entry, map, sessions);
    const shape = this.#shape(entry, description);
    const form = wireForm(shape, map);
    this.#known.set(map, { known: { entry, form } });
    return form;
  }

  /** Rows behind this table map are left out: `inconsistent.schema.handling.mode`. */
  ignore(map: TableMap): void {
    const entry = this.#entryOf(map.database, map.table);
    this.#known.set(map, { known: { entry, form: null } });
  }

  knownShape({ database, name }: NamedTable): TableShape | undefined {
    return this.#entries.get(idOf(database, name))?.shape;
  }

  /** Tables as a history describes them at the place where the stream begins. */
  preload(tables: Iterable<Table>): void {
    for (const table of tables) this.#entryOf(table.database, table.name).table = table;
  }

  /** A statement changed these tables: what is known of them is of the past. */
  forget(tables: readonly NamedTable[]): void {
    for (const { database, name } of tables) this.#forget(idOf(database, name));
  }

  forgetDatabase(database: string): void {
    for (const { id } of [...this.#entries.values()])
      if (id.startsWith(`${database}.`)) this.#forget(id);
  }

  /** As the table was known before the statement that it was forgotten for; null: it was not. */
  former({ database, name }: NamedTable): Table | null {
    const entry = this.#entries.get(idOf(database, name));
    return entry?.table ?? entry?.former ?? null;
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.isStale = true;
    const former = entry.table ?? entry.former;
    this.#entries.set(id, { id, table: null, former, shape: entry.shape, isStale: false });
  }

  /** The table as the catalogue has it now; null: it is gone. */
  async refresh(named: NamedTable, sessions: SessionSource): Promise<Table | null> {
    const entry = this.#entryOf(named.database, named.name);
    const session = await sessions();
    const { flavour } = this.#options.settings;
    // The binlog tells of a statement before its end is to be seen: this waits for the end.
    await session.query(`SHOW CREATE TABLE ${quoteTable(named)}`).catch(() => undefined); // gone
    entry.table = (await readTable(session, flavour, named.database, named.name)) ?? null;
    return entry.table;
  }

  async #descriptionFor(
    entry: Entry,
    map: TableMap,
    sessions: SessionSource,
  ): Promise<TableDescription> {
    if (entry.table !== null && mismatches(entry.table.columns, map).length === 0)
      return descriptionOf(entry.table);
    const table = await this.refresh({ database: map.database, name: map.table }, sessions);
    const problems = table === null ? ['the table is gone by now'] : mismatches(table.columns, map);
    if (table !== null && problems.length === 0) return descriptionOf(table);
    const columns = columnsOf(map);
    if (columns !== null) return fromMetadata(map, columns, table);
    throw schemaUnknown(entry.id, problems.join('; '));
  }

  #shape(entry: Entry, description: TableDescription): TableShape {
    const { settings, topics } = this.#options;
    const shape = shapeOf(description, { settings, topics, values: settings.values });
    entry.shape = reuseShape(entry.shape, shape);
    return entry.shape;
  }

  #entryOf(database: string, name: string): Entry {
    const id = idOf(database, name);
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { id, table: null, former: null, shape: undefined, isStale: false };
    this.#entries.set(id, entry);
    return entry;
  }
}

function idOf(database: string, table: string): string {
  return `${database}.${table}`;
}

export function descriptionOf(table: Table): TableDescription {
  return {
    database: table.database,
    table: table.name,
    columns: table.columns,
    key: table.primaryKey.length > 0 ? table.primaryKey : table.uniqueKey,
  };
}

/** Names and types of the binlog; what it does not tell, from the catalogue where a column of this name is of this type. */
function fromMetadata(
  map: TableMap,
  columns: readonly DescribedColumn[],
  table: Table | null,
): TableDescription {
  const names = new Set(columns.map((column) => column.name));
  const primary = (map.full?.primaryKey ?? []).flatMap((index) => columns[index]?.name ?? []);
  const unique = (table?.uniqueKey ?? []).every((name) => names.has(name))
    ? (table?.uniqueKey ?? [])
    : [];
  return {
    database: map.database,
    table: map.table,
    columns: columns.map((column) => {
      const described = table?.columns.find((other) => other.name === column.name);
      if (described?.type !== column.type) return column;
      return {
        ...column,
        length: column.length ?? described.length,
        comment: described.comment,
        typeText: described.typeText,
        defaultText: described.defaultText,
        isDefaultExpression: described.isDefaultExpression,
      };
    }),
    key: primary.length > 0 ? primary : unique,
  };
}
