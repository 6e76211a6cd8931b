import { shownTable, type Column } from '../model/catalog.ts';
import { followedPlan, type FollowedPlan } from '../plan/make-plan.ts';
import { execute } from '../schema/execute.ts';
import type { ColumnPair, Statement, TablePair } from '../schema/schema-plan.ts';
import { readCatalog } from '../server/read-catalog.ts';
import { openSession } from '../server/session.ts';
import { text, type Session } from '../server/session-api.ts';
import { alterSql } from '../schema/alter-sql.ts';
import type { ContextOptions } from './migration-context.ts';

/** What was done to the tables of the source since the migration began, as far as the target has to know. */
export interface SourceChanges {
  /** What was added to the target just now: columns, partitions, and what they need. */
  readonly added: readonly string[];
  /** What a person has to decide, each with the SQL for the target. */
  readonly open: readonly string[];
  /** Of columns that the target alone has, the SQL that drops them: on the way back nothing could hold their values. */
  readonly extra: readonly string[];
  /** Tables that are not carried, since they were not there when it began. */
  readonly created: readonly string[];
}

type FollowOptions = Pick<ContextOptions, 'source' | 'target' | 'state' | 'plan' | 'log'>;

/**
 * Gives the target the columns and partitions that the source was given meanwhile. Run again it does what is left. Types
 * that were changed and columns that are gone are only told: to take them over may take long, or lose something.
 */
export async function followSource(options: FollowOptions): Promise<SourceChanges> {
  await using source = await openSession(options.source);
  await using target = await openSession(options.target);
  const plan = await followedPlan({
    ...{ selection: options.state.selection, renames: options.state.renames },
    ...(options.state.tables === undefined ? {} : { tables: options.state.tables }),
    ...{ source, target, product: options.plan },
  });
  const missing = await missingColumns(target, plan);
  const statements = missing.map((each) => addColumn(target, plan, each));
  const added: string[] = [];
  // What new columns need is among what tables need; without any only partitions may be missing.
  const { first } = plan.schema;
  const wanted =
    missing.length > 0
      ? [...first, ...statements]
      : first.filter(({ unless }) => unless?.kind === 'table');
  if (wanted.length > 0)
    await execute(target, wanted, {
      log: options.log,
      onStep: (statement) => {
        // The rest is there already, and is made only where it is not.
        if (statements.includes(statement) || statement.unless !== undefined)
          added.push(statement.about);
      },
    });
  return {
    added,
    ...(await openChanges(target, plan)),
    created: plan.created.map(shownTable),
  };
}

interface MissingColumn {
  readonly pair: TablePair;
  readonly column: ColumnPair;
}

function addColumn(
  target: Session,
  { schema }: FollowedPlan,
  { pair, column }: MissingColumn,
): Statement {
  return {
    about: `column ${shownTable(pair.target)}.${column.column.name}`,
    sql: alterSql(target.endpoint.family).add(pair.target, schema.columnSql(pair, column)),
  };
}

async function missingColumns(
  target: Session,
  { schema }: FollowedPlan,
): Promise<readonly MissingColumn[]> {
  const isMysql = target.endpoint.family === 'mysql';
  const fold = (name: string): string => (isMysql ? name.toLowerCase() : name);
  const missing: MissingColumn[] = [];
  for (const name of new Set(schema.pairs.map((pair) => pair.target.schema))) {
    const rows = await target.query(
      `SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = ${isMysql ? '?' : '$1'}`,
      [name],
    );
    const there = new Map<string, Set<string>>();
    for (const row of rows) {
      const columns = there.get(text(row, 't')) ?? new Set();
      columns.add(fold(text(row, 'c')));
      there.set(text(row, 't'), columns);
    }
    for (const pair of schema.pairs.filter((each) => each.target.schema === name)) {
      const columns = there.get(pair.target.name);
      if (columns === undefined) continue;
      for (const column of pair.columns)
        if (!columns.has(fold(column.column.name))) missing.push({ pair, column });
    }
  }
  return missing;
}

/** Of databases of one product types are compared by their names; of others the sink says what does not fit. */
async function openChanges(
  target: Session,
  { catalog, schema, targetProduct }: FollowedPlan,
): Promise<Pick<SourceChanges, 'extra' | 'open'>> {
  const open: string[] = [];
  const extra: string[] = [];
  const schemas = [...new Set(schema.pairs.map((pair) => pair.target.schema))];
  const there = await readCatalog(target, { tables: [], excluded: [], schemas });
  const sql = alterSql(target.endpoint.family);
  const isSame = catalog.product === targetProduct;
  for (const pair of schema.pairs) {
    const table = there.tables.find((each) => shownTable(each) === shownTable(pair.target));
    const known = new Set(pair.source.columns.map(({ name }) => name.toLowerCase()));
    for (const column of table?.columns ?? []) {
      const own = pair.columns.find((each) => each.column.name === column.name);
      const name = `${shownTable(pair.target)}.${column.name}`;
      if (own !== undefined) {
        if (isSame && own.targetType !== column.nativeType)
          open.push(
            `${name} is ${own.column.nativeType} at the source now, and ${column.nativeType} in the target. Run there: ${sql.modify(pair.target, own, schema.columnSql(pair, own))};`,
          );
      } else if (!known.has(column.name.toLowerCase())) {
        const drop = `${sql.drop(pair.target, column.name)};`;
        extra.push(drop);
        if (isRequired(column))
          open.push(
            `${name} is gone from the source, and required in the target. Run there: ${drop}`,
          );
      }
    }
  }
  return { open, extra };
}

/** A row without a value for it is refused. */
function isRequired(column: Column): boolean {
  return (
    !column.isNullable &&
    column.nativeDefault === null &&
    column.identity === null &&
    column.generated === null
  );
}
