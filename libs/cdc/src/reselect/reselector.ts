import { MillraceError, type Logger } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { reselectFailed } from '../errors.ts';
import { copyable } from '../records/derived-records.ts';
import type { ReselectRule } from './reselect-rules.ts';

/** How a connector reads a row again. */
export interface RowReselection {
  /** `schema.table` of a change of a row; undefined: the record is none. */
  tableOf(record: SourceRecord): string | undefined;
  /**
   * The values of these fields as the row has them now; undefined: there is no such row.
   * @throws MillraceError when it can't be read
   */
  select(
    record: SourceRecord,
    fields: readonly string[],
    byEventKey: boolean,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface ReselectorOptions {
  readonly rules: readonly ReselectRule[];
  readonly rows: RowReselection;
  readonly log: Logger;
}

/** Names the columns that the server did not send. */
export const UNAVAILABLE_HEADER = '__millrace.unavailable.columns';

/**
 * Debezium's ReselectColumnsPostProcessor: columns that the server did not send, or that are null, are read from their
 * row. What is read may be newer than the change.
 */
export class Reselector {
  readonly #options: ReselectorOptions;
  /** Tables whose failure was told. */
  readonly #told = new Set<string>();

  constructor(options: ReselectorOptions) {
    this.#options = options;
  }

  async apply(records: readonly SourceRecord[]): Promise<readonly SourceRecord[]> {
    if (this.#options.rules.length === 0) return records;
    const applied: SourceRecord[] = [];
    // Behind this records may be copied, as transforms do.
    for (const record of records) applied.push(copyable(await this.#applyTo(record)));
    return applied;
  }

  async #applyTo(record: SourceRecord): Promise<SourceRecord> {
    const table = this.#options.rows.tableOf(record);
    const value = table === undefined ? null : valueOf(record);
    if (table === undefined || !isObject(value)) return record;
    const { after, op } = value;
    // What a snapshot reads is the row.
    if (!isObject(after) || (op !== 'c' && op !== 'u')) return record;
    const unavailable = new Set(unavailableOf(record));
    const found: Record<string, unknown> = {};
    for (const rule of this.#options.rules) {
      const fields = Object.keys(after).filter(
        (field) =>
          !(field in found) &&
          (unavailable.has(field) ? rule.ofUnavailable : rule.ofNulls && after[field] === null) &&
          rule.selects(`${table}:${field}`),
      );
      if (fields.length > 0) Object.assign(found, await this.#select(record, table, fields, rule));
    }
    if (Object.keys(found).length === 0) return record;
    const left = [...unavailable].filter((field) => !(field in found));
    return {
      topic: record.topic,
      partition: record.partition,
      keySchema: record.keySchema,
      key: record.key,
      valueSchema: record.valueSchema,
      value: { ...value, after: { ...after, ...found } },
      timestampMs: record.timestampMs,
      sourcePartition: record.sourcePartition,
      sourceOffset: record.sourceOffset,
      headers: record.headers.flatMap((header) => {
        if (header.key !== UNAVAILABLE_HEADER) return [header];
        return left.length === 0 ? [] : [{ ...header, value: left.join(',') }];
      }),
    };
  }

  async #select(
    record: SourceRecord,
    table: string,
    fields: readonly string[],
    rule: ReselectRule,
  ): Promise<Readonly<Record<string, unknown>>> {
    try {
      const values = await this.#options.rows.select(record, fields, rule.byEventKey);
      if (values !== undefined) {
        this.#told.delete(table);
        return values;
      }
      // Deleted since: its deletion comes.
      if (rule.isStrict) throw reselectFailed(table, fields, new Error('the row is gone'));
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      // The stream is past the change: another attempt has to begin at the stored offset.
      if (rule.isStrict) throw reselectFailed(table, fields, error);
      if (!this.#told.has(table))
        this.#options.log.warn(
          { err: error, table, fields },
          'columns could not be read again; events go without them until they can',
        );
      this.#told.add(table);
    }
    return {};
  }
}

function valueOf(record: SourceRecord): unknown {
  try {
    return record.value;
  } catch {
    return null; // a value that can't be represented: whoever converts the record says so
  }
}

function unavailableOf({ headers }: SourceRecord): readonly string[] {
  const header = headers.find(({ key }) => key === UNAVAILABLE_HEADER);
  return typeof header?.value === 'string' ? header.value.split(',') : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
