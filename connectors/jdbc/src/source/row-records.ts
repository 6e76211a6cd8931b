import { MillraceError, must } from '@millrace/foundation';
import { schemas, type Schema, type SourceOffset, type SourceRecord } from '@millrace/record';
import { sourceColumn, type ColumnInfo, type RawRow, type SourceColumn } from './columns.ts';
import type { Subject } from './plan.ts';
import type { ValueSettings } from './settings.ts';

/** Makes records of the rows of one subject; its schema stays the same object while the columns do. */
export class RowRecords {
  readonly #subject: Subject;
  readonly #settings: ValueSettings;
  #signature = '';
  #columns: readonly SourceColumn[] = [];
  #schema: Schema = schemas.struct({});

  constructor(subject: Subject, settings: ValueSettings) {
    this.#subject = subject;
    this.#settings = settings;
  }

  /** The columns of the next rows; those of a table may have changed. */
  describe(columns: readonly ColumnInfo[]): void {
    const signature = JSON.stringify(columns);
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#columns = columns.map((column) => sourceColumn(column, this.#settings));
    const { schemaName } = this.#subject;
    this.#schema = schemas.struct(
      Object.fromEntries(this.#columns.map(({ name, schema }) => [name, schema])),
      schemaName === undefined ? {} : { name: schemaName },
    );
  }

  /** A row that can't be written fails when it is looked at, and goes by the error strategy alone (INV-2, INV-8). */
  record(row: RawRow, sourceOffset: SourceOffset): SourceRecord {
    const { topic, partitions } = this.#subject;
    const base = {
      topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: this.#schema,
      timestampMs: null,
      headers: [],
      sourcePartition: partitions[0],
      sourceOffset,
    };
    try {
      return { ...base, value: this.#value(row) };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return {
        ...base,
        get value(): unknown {
          throw error;
        },
      };
    }
  }

  #value(row: RawRow): Readonly<Record<string, unknown>> {
    const value: Record<string, unknown> = {};
    for (let index = 0; index < this.#columns.length; index++) {
      const column = must(this.#columns[index], 'a row has the columns that were described');
      const raw = row[index] ?? null;
      value[column.name] = raw === null ? null : column.decode(raw);
    }
    return value;
  }
}
