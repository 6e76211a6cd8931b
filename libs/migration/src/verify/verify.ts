import { shownTable } from '../model/catalog.ts';
import type { Plan } from '../plan/make-plan.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import type { Session } from '../server/session-api.ts';
import { comparisonOf, type Comparison, type Sides } from './canonical.ts';
import { compareTable, type Readers } from './compare-table.ts';
import { settle, type Difference } from './settle.ts';
import { partsOfKey } from './row-key.ts';
import { TableReader } from './table-reader.ts';

export interface VerifyOptions {
  readonly plan: Plan;
  readonly pairs: readonly TablePair[];
  readonly source: Session;
  readonly target: Session;
  /** Resolves when everything that the leading side had at the call is on the other. */
  readonly passWatermark: () => Promise<void>;
  /** On the way back the target leads. */
  readonly isReversed: boolean;
  readonly signal: AbortSignal;
  readonly onTable?: (result: TableResult) => void;
}

export interface TableResult {
  readonly table: string;
  readonly target: string;
  readonly rows: number;
  readonly chunks: number;
  /** Keys that were in flight, and then agreed. */
  readonly settled: number;
  readonly differences: readonly ShownDifference[];
  readonly hasMore: boolean;
  readonly unsettled: readonly (readonly string[])[];
  readonly notCompared: readonly string[];
  readonly agrees: boolean;
}

export interface ShownDifference {
  /** Names and values of the key columns. */
  readonly key: Readonly<Record<string, string>>;
  readonly kind: Difference['kind'];
  /** Which columns differ, of rows that are on both sides. */
  readonly columns: readonly string[];
}

/** Of so many rows it is said which columns differ. */
const EXPLAINED_MAX = 100;

/** Compares every table of both sides, while both are written to. */
export async function verify(options: VerifyOptions): Promise<readonly TableResult[]> {
  const results: TableResult[] = [];
  for (const pair of options.pairs) {
    const result = await verifyTable(pair, options);
    options.onTable?.(result);
    results.push(result);
  }
  return results;
}

async function verifyTable(pair: TablePair, options: VerifyOptions): Promise<TableResult> {
  const { source, target, plan, passWatermark, signal } = options;
  const sides: Sides = {
    source: source.endpoint.family,
    target: target.endpoint.family,
    isReversed: options.isReversed,
    isSameProduct: plan.sourceProduct.product === plan.targetProduct.product,
  };
  const comparison = comparisonOf(pair, sides);
  const readers = readersOf(pair, comparison, options);
  const first = pair.columns.find(({ column }) => column.name === pair.source.rowKey[0]);
  const compared = await compareTable({
    ...readers,
    hasRanges: first?.column.type.kind === 'integer',
    signal,
    onRows: () => undefined,
  });
  const leading = options.isReversed ? { source: readers.target, target: readers.source } : readers;
  const { differences, unsettled } = await settle(compared.suspects, {
    ...leading,
    passWatermark,
    signal,
  });
  const differing = await differingColumns(
    differences.filter(({ kind }) => kind === 'different').map(({ key }) => key),
    comparison,
    readers,
  );
  return {
    table: shownTable(pair.source),
    target: shownTable(pair.target),
    rows: compared.rows,
    chunks: compared.chunks,
    settled: compared.suspects.length - differences.length - unsettled.length,
    differences: differences.map(({ key, kind }) => ({
      key: named(pair, key),
      kind: options.isReversed ? SWAPPED[kind] : kind,
      columns: differing.get(key) ?? [],
    })),
    hasMore: compared.isCut,
    unsettled: unsettled.map((key) => partsOfKey(key, pair.source.rowKey.length)),
    notCompared: comparison.notCompared,
    agrees: differences.length === 0 && unsettled.length === 0 && !compared.isCut,
  };
}

async function differingColumns(
  keys: readonly string[],
  { columns }: Comparison,
  { source, target }: Readers,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const some = keys.slice(0, EXPLAINED_MAX);
  const [left, right] = await Promise.all([source.values(some), target.values(some)]);
  return new Map(
    some.map((key) => [
      key,
      columns
        .filter((_column, at) => left.get(key)?.[at] !== right.get(key)?.[at])
        .map(({ name }) => name),
    ]),
  );
}

const SWAPPED: Readonly<Record<Difference['kind'], Difference['kind']>> = {
  different: 'different',
  'missing in the target': 'only in the target',
  'only in the target': 'missing in the target',
};

function readersOf(
  pair: TablePair,
  { columns, isServerSide }: Comparison,
  { source, target }: VerifyOptions,
): Readers {
  const keys = pair.source.rowKey.map((name) =>
    pair.columns.find(({ column }) => column.name === name),
  );
  const shared = { keyCount: keys.length, isServerSide };
  const isPlain = pair.source.partitioning === null;
  const sourceTypes = keys.map((key) => key?.column.nativeType ?? 'text');
  const targetTypes = keys.map((key) => key?.targetType ?? 'text');
  return {
    source: new TableReader({
      ...shared,
      session: source,
      isOnly: isPlain && source.endpoint.family === 'postgres',
      table: pair.source,
      columns: columns.map(({ name, source: form }) => ({ name, form })),
      keyTypes: sourceTypes,
    }),
    target: new TableReader({
      ...shared,
      session: target,
      isOnly: isPlain && target.endpoint.family === 'postgres',
      table: pair.target,
      columns: columns.map(({ name, target: form }) => ({ name, form })),
      keyTypes: targetTypes,
    }),
  };
}

function named(pair: TablePair, key: string): Readonly<Record<string, string>> {
  const parts = partsOfKey(key, pair.source.rowKey.length);
  return Object.fromEntries(pair.source.rowKey.map((name, at) => [name, parts[at] ?? '']));
}
