import type { Clock, Logger } from '@millrace/foundation';
import type { TopicNaming } from '@millrace/cdc';
import { LoadedTypes, readTable, type Table } from './catalog.ts';
import type { Session } from './connection.ts';
import type { Relation } from './decode/pgoutput.ts';
import type { Settings } from './settings.ts';
import { reuseShape, shapeOf, type TableDescription, type TableShape } from './table-shape.ts';

/** Gives a session for catalogue queries; opens it again when it broke. */
export type SessionSource = () => Promise<Session>;

/** So long, in all, a change of a table is waited for that the catalogue does not have. */
const SEEN_TRIES_MAX = 20;
const SEEN_WAIT_MS = 25;
/** INV-6: types and tables that are remembered as gone. */
const GONE_MAX = 10_000;

/**
 * The shapes of tables by their number. The stream says which columns a row has, at that moment; what it does not say
 * (nullability, defaults, the order of the key) comes from the catalogue as it is now, matched by column name.
 */
export class Relations {
  readonly #shapes = new Map<number, TableShape | null>();
  readonly #types = new LoadedTypes();
  readonly #settings: Settings;
  readonly #topics: TopicNaming;
  readonly #log: Logger;
  readonly #clock: Clock;
  /** Numbers of types and tables that were waited for in vain: they are gone by now. */
  readonly #gone = new Set<number>();

  constructor(options: {
    readonly settings: Settings;
    readonly topics: TopicNaming;
    readonly log: Logger;
    readonly clock: Clock;
  }) {
    this.#settings = options.settings;
    this.#topics = options.topics;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /** null: the table is not captured; undefined: the stream has not described it. */
  find(oid: number): TableShape | null | undefined {
    return this.#shapes.get(oid);
  }

  /** The shape by the catalogue, for a snapshot. */
  async describe(session: Session, table: Table): Promise<TableShape> {
    await this.#types.load(
      session,
      table.columns.map((column) => column.typeOid),
    );
    return this.#keep(table.oid, descriptionOf(table));
  }

  /**
   * The shape as the catalogue has it now, for rows beside the stream, which may lie behind: what it goes by stays as it
   * is.
   */
  async describeAside(session: Session, table: Table): Promise<TableShape> {
    await this.#types.load(
      session,
      table.columns.map((column) => column.typeOid),
    );
    return reuseShape(
      this.#shapes.get(table.oid) ?? undefined,
      shapeOf(descriptionOf(table), {
        settings: this.#settings,
        topics: this.#topics,
        types: this.#types,
      }),
    );
  }

  /** A relation message: the first of a table in a session, or after its schema may have changed. */
  async update(relation: Relation, sessions: SessionSource): Promise<void> {
    if (!this.#settings.capturesTable(relation.schema, relation.table)) {
      this.#shapes.set(relation.oid, null);
      return;
    }
    const session = await sessions();
    for (let attempt = 1; ; attempt++) {
      await this.#types.load(
        session,
        relation.columns.map((column) => column.typeOid),
      );
      const table = await readTable(session, relation.oid);
      // INV-8: the stream tells of a commit before others see it; without its types columns would be left out.
      const missing = this.#missingOf(relation, table);
      if (missing.length === 0 || attempt === SEEN_TRIES_MAX) {
        this.#giveUpOn(missing);
        this.#keep(relation.oid, merge(relation, table));
        return;
      }
      await this.#clock.sleep(SEEN_WAIT_MS);
    }
  }

  /**
   * What the catalogue does not have, or not any more. A column is not among it: what the stream tells of one is enough
   * where its type is known.
   */
  #missingOf({ columns, oid }: Relation, table: Table | undefined): number[] {
    const types = columns.map(({ typeOid }) => typeOid);
    const missing = types.filter((type) => this.#types.find(type) === undefined);
    if (table === undefined) missing.push(oid);
    return missing.filter((number) => !this.#gone.has(number));
  }

  #giveUpOn(missing: readonly number[]): void {
    if (this.#gone.size + missing.length > GONE_MAX) this.#gone.clear();
    for (const number of missing) this.#gone.add(number);
  }

  #keep(oid: number, description: TableDescription): TableShape {
    const known = this.#shapes.get(oid) ?? undefined;
    const shape = reuseShape(
      known,
      shapeOf(description, { settings: this.#settings, topics: this.#topics, types: this.#types }),
    );
    if (shape !== known) {
      this.#shapes.set(oid, shape);
      this.#warnOfOmitted(description, shape);
      if (known !== undefined)
        this.#log.info(
          { table: `${shape.schema}.${shape.table}` },
          'the schema of a table changed',
        );
    }
    return shape;
  }

  #warnOfOmitted(description: TableDescription, shape: TableShape): void {
    const { schema, table } = description;
    const omitted = description.columns
      .map((column) => column.name)
      .filter(
        (name) =>
          this.#settings.capturesColumn(schema, table, name) &&
          !shape.columns.some((column) => column.name === name),
      );
    if (omitted.length > 0)
      this.#log.warn(
        { table: `${schema}.${table}`, columns: omitted },
        'columns of unknown types are left out; include.unknown.datatypes=true carries their text',
      );
  }
}

/** What the catalogue alone says of a table. */
export function descriptionOf(table: Table): TableDescription {
  const key = table.primaryKey.length > 0 ? table.primaryKey : table.uniqueKey;
  return {
    schema: table.schema,
    table: table.name,
    key,
    replicaIdentity: table.replicaIdentity,
    columns: table.columns.map((column) => ({
      name: column.name,
      typeOid: column.typeOid,
      typeModifier: column.typeModifier,
      isOptional: !column.isNotNull,
      defaultExpression: column.defaultExpression,
      isIdentity:
        table.replicaIdentity === 'f' ||
        (table.replicaIdentity === 'd' && table.primaryKey.includes(column.name)),
    })),
  };
}

/** The stream's columns with the catalogue's knowledge of them. */
export function merge(relation: Relation, table: Table | undefined): TableDescription {
  const columns = relation.columns.map((column) => {
    const known = table?.columns.find(
      (candidate) => candidate.name === column.name && candidate.typeOid === column.typeOid,
    );
    // The replica identity holds no nulls; of other columns that are gone by now nothing is known.
    const isKey = column.isIdentity && relation.replicaIdentity !== 'f';
    return {
      name: column.name,
      typeOid: column.typeOid,
      typeModifier: column.typeModifier,
      isOptional: known === undefined ? !isKey : !known.isNotNull,
      defaultExpression: known?.defaultExpression ?? null,
      isIdentity: column.isIdentity,
    };
  });
  return {
    schema: relation.schema,
    table: relation.table,
    columns,
    key: keyOf(relation, table),
    replicaIdentity: relation.replicaIdentity,
  };
}

function keyOf(relation: Relation, table: Table | undefined): readonly string[] {
  const names = new Set(relation.columns.map((column) => column.name));
  const primary = table?.primaryKey ?? [];
  // With the default identity the flags are the primary key at the moment of the change.
  const flagged = relation.columns
    .filter((column) => column.isIdentity)
    .map((column) => column.name);
  if (relation.replicaIdentity === 'd' && flagged.length > 0) {
    const isSame =
      primary.length === flagged.length && flagged.every((name) => primary.includes(name));
    return isSame ? primary : flagged;
  }
  const known = primary.length > 0 ? primary : (table?.uniqueKey ?? []);
  return known.every((name) => names.has(name)) ? known : [];
}
