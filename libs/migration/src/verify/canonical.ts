import type { ColumnPair, TablePair } from '../schema/schema-plan.ts';
import type { Family } from '../server/endpoint.ts';
import { mysqlForm, mysqlKeyForm } from './mysql-form.ts';
import { postgresForm, postgresKeyForm } from './postgres-form.ts';

/** How the server gives a column as a text that is the same for equal values in both databases. */
export interface Form {
  /** Over the column as `c`, quoted already. */
  readonly sql: (column: string) => string;
  /** What the server can't do: the rest is done here. */
  readonly finish?: (text: string) => string;
  /** Of key columns, by which rows are found again: the value whose text this is. Without it the quoted text is one. */
  readonly literal?: (text: string) => string;
}

export interface ComparedColumn {
  readonly name: string;
  readonly source: Form;
  readonly target: Form;
}

export interface Comparison {
  readonly columns: readonly ComparedColumn[];
  /** Names of columns whose values have no common form. */
  readonly notCompared: readonly string[];
  /** Digests can be made by both servers: no row has to leave them. */
  readonly isServerSide: boolean;
}

export interface Sides {
  readonly source: Family;
  readonly target: Family;
  /** On the way back the target leads: what was computed at the source is not written there any more. */
  readonly isReversed: boolean;
  /** The same software on both sides: `mariadb` and `mysql` write JSON and numbers differently. */
  readonly isSameProduct: boolean;
}

/** Key columns always come first. */
export function comparisonOf(pair: TablePair, sides: Sides): Comparison {
  const { rowKey } = pair.source;
  const key = rowKey.flatMap((name) => pair.columns.filter(({ column }) => column.name === name));
  const rest = pair.columns.filter(({ column }) => !rowKey.includes(column.name));
  const columns: ComparedColumn[] = key.map((each) => ({
    name: each.column.name,
    source: keyFormFor(each, sides.source, sides),
    target: keyFormFor(each, sides.target, sides),
  }));
  const notCompared: string[] = [];
  for (const each of rest) {
    if (sides.isReversed && sides.source !== sides.target && each.column.generated !== null) {
      notCompared.push(each.column.name);
      continue;
    }
    const source = formFor(each, sides.source, sides);
    const target = formFor(each, sides.target, sides);
    if (source === undefined || target === undefined) notCompared.push(each.column.name);
    else columns.push({ name: each.column.name, source, target });
  }
  return {
    columns,
    notCompared,
    isServerSide: columns.every(
      ({ source, target }) => source.finish === undefined && target.finish === undefined,
    ),
  };
}

function formFor({ column }: ColumnPair, family: Family, sides: Sides): Form | undefined {
  return family === 'postgres' ? postgresForm(column, sides) : mysqlForm(column, sides);
}

/** Rows are looked up by it again, so that it is never a digest; and no key column is left out. */
function keyFormFor({ column }: ColumnPair, family: Family, sides: Sides): Form {
  return family === 'postgres' ? postgresKeyForm(column, sides) : mysqlKeyForm(column, sides);
}
