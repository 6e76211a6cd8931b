import type { TableName } from '../model/catalog.ts';
import * as mysql from '../mysql/quote.ts';
import * as postgres from '../postgres/quote.ts';
import { count, text, type Row, type Session } from '../server/session-api.ts';
import type { Form } from './canonical.ts';
import { joinedKey, partsOfKey } from './row-key.ts';
import { digestOf } from './finish.ts';
import { mysqlDigest } from './mysql-form.ts';
import { postgresDigest } from './postgres-form.ts';

/** Rows whose first key column lies in `(above, upTo]`; null is no bound. */
export interface Range {
  readonly above: string | null;
  readonly upTo: string | null;
}

export interface BucketDigest {
  readonly rows: number;
  /** Sum over the rows of the first 60 bits of their digests. */
  readonly sum: string;
}

/** The key of a row as canonical texts, joined; and the digest of the whole row. */
export type RowDigests = Map<string, string>;

export interface ReaderOptions {
  readonly session: Session;
  readonly table: TableName;
  /** Key columns first. */
  readonly columns: readonly { readonly name: string; readonly form: Form }[];
  readonly keyCount: number;
  /** Types of the key columns, as PostgreSQL is to read their literals. */
  readonly keyTypes: readonly string[];
  readonly isServerSide: boolean;
  /** Of PostgreSQL, where it is no partitioned table. */
  readonly isOnly: boolean;
}

const PORTION_ROWS = 5_000;
/** Rows fall into buckets by the digest of their keys: two hexadecimal digits. */
export const BUCKET_DIGITS = 2;

/** Types whose texts have digits, signs and letters alone. */
const WITHOUT_TEXT =
  /^(?:\w*int\b|integer|numeric|decimal|real|double|float|uuid|date|time|bool|year|bit)/i;

/** One table of one side, read as digests. */
export class TableReader {
  readonly #options: ReaderOptions;
  readonly #sql: typeof postgres;
  readonly #isPostgres: boolean;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#isPostgres = options.session.endpoint.family === 'postgres';
    this.#sql = this.#isPostgres ? postgres : mysql;
  }

  /** Without the rows of tables that inherit from it, which are tables of their own. */
  get #table(): string {
    const { table, isOnly } = this.#options;
    return `${isOnly ? 'ONLY ' : ''}${this.#sql.quoteTable(table)}`;
  }

  /** Ends of ranges of about so many rows by the first key column, which counts; empty: one range. */
  async bounds(rowsPerRange: number, signal: AbortSignal): Promise<readonly string[]> {
    const column = this.#sql.quoteName(this.#options.columns[0]?.name ?? '');
    const found: string[] = [];
    for (;;) {
      signal.throwIfAborted();
      const last = found.at(-1);
      const where = last === undefined ? '' : ` WHERE ${column} > ${last}`;
      const [row] = await this.#options.session.query(
        `SELECT ${column} AS bound FROM ${this.#table}${where} ORDER BY ${column} LIMIT 1 OFFSET ${rowsPerRange - 1}`,
      );
      const bound = row?.['bound'];
      if (bound == null || bound === last) return found;
      found.push(bound);
    }
  }

  async digests(range: Range): Promise<ReadonlyMap<string, BucketDigest>> {
    if (!this.#options.isServerSide) return this.#digestsHere(range);
    const rows = await this.#options.session.query(
      this.#isPostgres
        ? `SELECT bucket, count(*) AS n, sum(('x' || substr(r, 1, 15))::bit(60)::bigint)::text AS digest FROM
            (SELECT substr(${postgresDigest('k')}, 1, ${BUCKET_DIGITS}) AS bucket, ${postgresDigest('w')} AS r FROM (${this.#texts(range)}) t) b GROUP BY bucket`
        : `SELECT bucket, count(*) AS n, CAST(SUM(CAST(CONV(SUBSTR(r, 1, 15), 16, 10) AS UNSIGNED)) AS CHAR) AS digest FROM
            (SELECT SUBSTR(${mysqlDigest('k')}, 1, ${BUCKET_DIGITS}) AS bucket, ${mysqlDigest('w')} AS r FROM (${this.#texts(range)}) t) b GROUP BY bucket`,
    );
    return new Map(
      rows.map((row) => [text(row, 'bucket'), { rows: count(row, 'n'), sum: text(row, 'digest') }]),
    );
  }

  /** Of the rows in these buckets. */
  async rows(range: Range, buckets: ReadonlySet<string>): Promise<RowDigests> {
    const found: RowDigests = new Map();
    const digest = this.#isPostgres ? postgresDigest : mysqlDigest;
    const list = [...buckets].map((bucket) => `'${bucket}'`).join(', ');
    const sql = this.#options.isServerSide
      ? `SELECT k, ${digest('w')} AS r FROM (${this.#texts(range)}) t WHERE substr(${digest('k')}, 1, ${BUCKET_DIGITS}) IN (${list})`
      : this.#columns(range);
    for await (const portion of this.#options.session.portions(sql, PORTION_ROWS))
      for (const row of portion) {
        const { key, digest } = this.#digestOf(row);
        if (this.#options.isServerSide || buckets.has(bucketOf(key))) found.set(key, digest);
      }
    return found;
  }

  /** Of the rows with these keys, as far as they are there. */
  async byKeys(keys: readonly string[]): Promise<RowDigests> {
    const digest = this.#isPostgres ? postgresDigest : mysqlDigest;
    const found: RowDigests = new Map();
    for (let at = 0; at < keys.length; at += PORTION_ROWS / 10) {
      const where = this.#keyCondition(keys.slice(at, at + PORTION_ROWS / 10));
      const sql = this.#options.isServerSide
        ? `SELECT k, ${digest('w')} AS r FROM (${this.#texts(where)}) t`
        : this.#columns(where);
      for (const row of await this.#options.session.query(sql)) {
        const { key, digest } = this.#digestOf(row);
        found.set(key, digest);
      }
    }
    return found;
  }

  /** The columns of these rows in canonical form, by key; to tell which of them differ. */
  async values(keys: readonly string[]): Promise<ReadonlyMap<string, readonly (string | null)[]>> {
    const { columns, keyCount } = this.#options;
    const rows =
      keys.length === 0
        ? []
        : await this.#options.session.query(this.#columns(this.#keyCondition(keys)));
    return new Map(
      rows.map((row) => {
        const texts = columns.map((_column, at) => this.#textOf(row, at));
        return [joinedKey(texts.slice(0, keyCount)), texts];
      }),
    );
  }

  async #digestsHere(range: Range): Promise<ReadonlyMap<string, BucketDigest>> {
    const sums = new Map<string, { rows: number; sum: bigint }>();
    for await (const portion of this.#options.session.portions(this.#columns(range), PORTION_ROWS))
      for (const row of portion) {
        const { key, digest } = this.#digestOf(row);
        const bucket = bucketOf(key);
        const before = sums.get(bucket) ?? { rows: 0, sum: 0n };
        sums.set(bucket, {
          rows: before.rows + 1,
          sum: before.sum + BigInt(`0x${digest.slice(0, 15)}`),
        });
      }
    return new Map(
      [...sums].map(([bucket, { rows, sum }]) => [bucket, { rows, sum: String(sum) }]),
    );
  }

  #digestOf(row: Row): { readonly key: string; readonly digest: string } {
    const { isServerSide, columns, keyCount } = this.#options;
    if (isServerSide) return { key: text(row, 'k'), digest: text(row, 'r') };
    const texts = columns.map((_column, at) => this.#textOf(row, at));
    return {
      key: joinedKey(texts.slice(0, keyCount)),
      digest: digestOf(texts.map(framed).join('')),
    };
  }

  #textOf(row: Row, at: number): string | null {
    const value = row[`c${at}`] ?? null;
    const finish = this.#options.columns[at]?.form.finish;
    return value === null || finish === undefined ? value : finish(value);
  }

  /** `c0`, `c1` … in canonical form. */
  #columns(where: Range | string): string {
    const list = this.#options.columns.map(
      ({ name, form }, at) => `${form.sql(this.#sql.quoteName(name))} AS c${at}`,
    );
    const condition = typeof where === 'string' ? where : this.#rangeCondition(where);
    return `SELECT ${list.join(', ')} FROM ${this.#table}${condition}`;
  }

  /** `k`: the key; `w`: the whole row, each column with its length, so that no two rows look alike. */
  #texts(where: Range | string): string {
    const { columns, keyCount } = this.#options;
    const names = columns.map((_column, at) => `c${at}`);
    const keys = names
      .slice(0, keyCount)
      .map((name, at) => this.#keyPart(`coalesce(${name}, '')`, at));
    if (this.#isPostgres) {
      const parts = names.map((name) => `coalesce(octet_length(${name}) || ':' || ${name}, '-')`);
      return `SELECT ${keys.join(` || chr(31) || `)} AS k, ${parts.join(' || ')} AS w FROM (${this.#columns(where)}) i`;
    }
    const parts = names.map((name) => `COALESCE(CONCAT(LENGTH(${name}), ':', ${name}), '-')`);
    return `SELECT CONCAT_WS(CHAR(31 USING utf8mb4), ${keys.join(', ')}) AS k, CONCAT(${parts.join(', ')}) AS w FROM (${this.#columns(where)}) i`;
  }

  /** Of a key of several columns: what parts them can stand in a text too. */
  #keyPart(sql: string, at: number): string {
    const { keyCount, keyTypes } = this.#options;
    if (keyCount === 1 || WITHOUT_TEXT.test(keyTypes[at] ?? '')) return sql;
    const [escape, separator] = this.#isPostgres
      ? ['chr(30)', 'chr(31)']
      : ['CHAR(30 USING utf8mb4)', 'CHAR(31 USING utf8mb4)'];
    const then = (letter: string): string => `CONCAT(${escape}, '${letter}')`;
    return `REPLACE(REPLACE(${sql}, ${escape}, ${then('e')}), ${separator}, ${then('s')})`;
  }

  #rangeCondition({ above, upTo }: Range): string {
    const column = this.#sql.quoteName(this.#options.columns[0]?.name ?? '');
    const parts = [
      above === null ? '' : `${column} > ${above}`,
      upTo === null ? '' : `${column} <= ${upTo}`,
    ].filter((part) => part !== '');
    return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`;
  }

  #keyCondition(keys: readonly string[]): string {
    const { columns, keyCount, keyTypes } = this.#options;
    const names = columns.slice(0, keyCount).map(({ name }) => this.#sql.quoteName(name));
    const rows = keys.map((key) => {
      const literals = partsOfKey(key, keyCount).map((part, at) =>
        this.#literal(part, keyTypes[at] ?? '', columns[at]?.form.literal),
      );
      return `(${literals.join(', ')})`;
    });
    return ` WHERE (${names.join(', ')}) IN (${rows.join(', ')})`;
  }

  #literal(value: string, type: string, literal: Form['literal']): string {
    if (literal !== undefined) return literal(value);
    const quoted = this.#sql.quoteText(value);
    return this.#isPostgres ? `${quoted}::${type}` : quoted;
  }
}

function bucketOf(key: string): string {
  return digestOf(key).slice(0, BUCKET_DIGITS);
}

function framed(value: string | null): string {
  return value === null ? '-' : `${Buffer.byteLength(value)}:${value}`;
}
