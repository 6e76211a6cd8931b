import {
  sameTable,
  shownTable,
  type Catalog,
  type Table,
  type TableName,
} from '../model/catalog.ts';
import * as mysql from '../mysql/quote.ts';
import * as postgres from '../postgres/quote.ts';
import type { Statement, TablePair } from '../schema/schema-plan.ts';
import type { Family } from '../server/endpoint.ts';

/** A number that is to be given out next, and where. */
interface NextNumber {
  readonly about: string;
  /** The free sequence of PostgreSQL; else it belongs to a column. */
  readonly sequence: TableName | null;
  readonly column: { readonly table: TableName; readonly name: string } | null;
  /** The last one that was given out. */
  readonly last: bigint;
  readonly increment: bigint;
}

export interface SequenceOptions {
  /** Of the side that was written to so far, read when it was quiet. */
  readonly catalog: Catalog;
  readonly pairs: readonly TablePair[];
  readonly rename: (schema: string) => string;
  readonly family: Family;
}

/** So that the other side goes on counting where this one stopped. */
export function sequenceStatements(options: SequenceOptions): readonly Statement[] {
  const { catalog, pairs, rename, family } = options;
  const targetOf = (table: TableName): TableName | undefined =>
    pairs.find(({ source }) => sameTable(source, table))?.target;
  const numbers = catalog.family === 'postgres' ? ofPostgres(catalog) : ofMysql(catalog);
  return numbers.flatMap((number): readonly Statement[] => {
    const table = number.column === null ? undefined : targetOf(number.column.table);
    if (number.column !== null && table === undefined) return [];
    if (family === 'mysql') return table === undefined ? [] : [mysqlStatement(number, table)];
    const moved =
      number.sequence === null
        ? null
        : { ...number.sequence, schema: rename(number.sequence.schema) };
    return [postgresStatement(number, table, moved)];
  });
}

function ofPostgres({ sequences }: Catalog): readonly NextNumber[] {
  return sequences.flatMap((sequence) =>
    sequence.lastValue === null
      ? [] // never asked
      : [
          {
            about: `sequence ${shownTable(sequence)}`,
            // Inside an identity column it may have another name over there.
            sequence: sequence.isIdentity ? null : sequence,
            column:
              sequence.owner === null
                ? null
                : { table: sequence.owner.table, name: sequence.owner.column },
            last: BigInt(sequence.lastValue),
            increment: BigInt(sequence.increment),
          },
        ],
  );
}

function ofMysql({ tables }: Catalog): readonly NextNumber[] {
  return tables.flatMap((table: Table) => {
    const column = table.columns.find(({ identity }) => identity === 'auto-increment');
    if (column === undefined || table.autoIncrement === null) return [];
    return [
      {
        about: `numbers of ${shownTable(table)}.${column.name}`,
        sequence: null,
        column: { table, name: column.name },
        last: BigInt(table.autoIncrement) - 1n,
        increment: 1n,
      },
    ];
  });
}

function mysqlStatement({ about, last, increment }: NextNumber, table: TableName): Statement {
  return {
    about,
    sql: `ALTER TABLE ${mysql.quoteTable(table)} AUTO_INCREMENT = ${last + increment}`,
  };
}

function postgresStatement(
  { about, column, last }: NextNumber,
  table: TableName | undefined,
  sequence: TableName | null,
): Statement {
  const name =
    sequence !== null
      ? postgres.quoteText(postgres.quoteTable(sequence))
      : `pg_get_serial_sequence(${postgres.quoteText(table === undefined ? '' : postgres.quoteTable(table))}, ${postgres.quoteText(column?.name ?? '')})`;
  // A MySQL table that never had a row would ask for 0, which is before the first.
  const [value, isCalled] = last < 1n && sequence === null ? [1n, false] : [last, true];
  return { about, sql: `SELECT setval(${name}, ${value}, ${isCalled})` };
}
