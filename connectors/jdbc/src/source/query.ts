import { sourceFault } from './errors.ts';
import type { ColumnInfo } from './columns.ts';
import type { Position } from './position.ts';
import type { SqlWords } from './session.ts';
import { floorInstant } from './temporal.ts';

/** A table or a query, and the columns by which it is read. */
export interface QueryShape {
  /** A FROM item. */
  readonly from: string;
  readonly incrementing: ColumnInfo | null;
  /** Of several, the first that is not null counts. */
  readonly timestamps: readonly ColumnInfo[];
  readonly zone: string;
  readonly suffix: string;
}

/** Up to where rows are read: what is below is written and committed, or never will be. */
export interface Horizon {
  /** Inclusive; null: there is nothing new. */
  readonly incrementing: bigint | null;
  /** Exclusive. */
  readonly timestamp: bigint | null;
}

/** The SQL of one table or query. */
export class QueryText {
  readonly #shape: QueryShape;
  readonly #words: SqlWords;

  constructor(shape: QueryShape, words: SqlWords) {
    this.#shape = shape;
    this.#words = words;
  }

  /** The largest number above the position. */
  maximum(position: Position): string {
    const { from } = this.#shape;
    const column = this.#incrementing();
    const above =
      position.incrementing === null ? '' : ` WHERE ${column} > ${position.incrementing}`;
    return `SELECT max(${column}) FROM ${from}${above}`;
  }

  /** The rows above the position and below the horizon, in their order. */
  rows(position: Position, horizon: Horizon): string {
    const { from, timestamps, incrementing, suffix } = this.#shape;
    const conditions: string[] = [];
    const order: string[] = [];
    if (timestamps.length > 0) {
      const time = this.#time();
      order.push(time);
      if (horizon.timestamp !== null)
        conditions.push(`${time} < ${this.#instant(this.#cut(horizon.timestamp))}`);
      if (position.timestamp !== null) conditions.push(this.#afterTimestamp(time, position));
    } else if (incrementing !== null) {
      const column = this.#incrementing();
      if (position.incrementing !== null) conditions.push(`${column} > ${position.incrementing}`);
      if (horizon.incrementing !== null) conditions.push(`${column} <= ${horizon.incrementing}`);
    }
    if (incrementing !== null) order.push(this.#incrementing());
    return [
      `SELECT * FROM ${from}`,
      ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
      ...(order.length === 0 ? [] : [`ORDER BY ${order.join(', ')}`]),
      ...(suffix === '' ? [] : [suffix]),
    ].join(' ');
  }

  #afterTimestamp(time: string, { timestamp, incrementing }: Position): string {
    const at = this.#instant(timestamp ?? 0n);
    if (this.#shape.incrementing === null) return `${time} > ${at}`;
    return `(${time} > ${at} OR (${time} = ${at} AND ${this.#incrementing()} > ${incrementing ?? -1n}))`;
  }

  /** Rows of the same second may still come to a column without fractions. */
  #cut(micros: bigint): bigint {
    const { timestamps, zone } = this.#shape;
    const digits = timestamps.map(({ kind, scale }) => (kind === 'date' ? -1 : scale));
    return floorInstant(micros, Math.min(...digits), zone);
  }

  #time(): string {
    const { timestamps } = this.#shape;
    const names = timestamps.map(({ name }) => this.#words.quote(name));
    return names.length === 1 ? (names[0] ?? '') : `COALESCE(${names.join(', ')})`;
  }

  #instant(micros: bigint): string {
    const { timestamps, zone } = this.#shape;
    const [first] = timestamps;
    if (first === undefined) throw new TypeError('an instant is compared with timestamp columns');
    return this.#words.instant(micros, first, zone);
  }

  #incrementing(): string {
    return this.#words.quote(this.#shape.incrementing?.name ?? '');
  }
}

/** Finds a column by its name, or by its name whatever the case when only one has it. */
export function findColumn(
  columns: readonly ColumnInfo[],
  name: string,
  where: string,
): ColumnInfo {
  const exact = columns.find((column) => column.name === name);
  if (exact !== undefined) return exact;
  const similar = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  const [only] = similar;
  if (only !== undefined && similar.length === 1) return only;
  throw sourceFault(
    'jdbc.column_missing',
    `${where} has no column "${name}"; it has ${columns.map((column) => `"${column.name}"`).join(', ')}`,
    'mend incrementing.column.name or timestamp.column.name; case counts when names differ by it alone',
  );
}
