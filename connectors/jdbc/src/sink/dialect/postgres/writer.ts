import { must } from '@millrace/foundation';
import type { EncodedRows } from '../../run/run-rows.ts';
import type { ConflictRule, RowSet, RowTarget } from '../../write/session.ts';
import type { Column } from '../../write/table.ts';
import type { PostgresConnection } from './connection.ts';
import { DirectCopy } from './direct-copy.ts';
import {
  arrayParameters,
  copyChunks,
  copySql,
  createStageSql,
  deleteArraysSql,
  encodedChunks,
  insertArraysSql,
  mergeStageSql,
  updateArraysSql,
} from './statements.ts';

/** From here on COPY into a staging table and one merge are faster than arrays. */
const STAGE_ROWS_MIN = 300;
const STAGES_MAX = 50;

/**
 * Writes row sets over one connection. Staging tables live as long as the connection, empty themselves at commit, and
 * are made outside of transactions, since a rollback would take them away.
 */
export class RowWriter {
  readonly #connection: PostgresConnection;
  readonly #rowsMax: number;
  readonly #direct: DirectCopy;
  readonly #stages = new Map<string, string>();
  #stageCount = 0;

  constructor(connection: PostgresConnection, rowsMax: number) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
    this.#direct = new DirectCopy(connection);
  }

  /** Makes the staging table for a set, if it is large enough. Call outside a transaction. */
  async prepare(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    if (rule !== 'fail' && set.rows.length >= STAGE_ROWS_MIN) await this.#makeStage(set, signal);
  }

  async prepareRows(rows: RowTarget, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    if (rule !== 'fail') await this.#makeStage(rows, signal);
  }

  async #makeStage(set: RowTarget, signal: AbortSignal): Promise<void> {
    const id = stageId(set);
    if (this.#stages.has(id)) return;
    const [oldest] = this.#stages;
    if (this.#stages.size >= STAGES_MAX && oldest !== undefined) {
      await this.#connection.query(
        `DROP TABLE pg_temp.${oldest[1]}`,
        'drop a staging table',
        signal,
      );
      this.#stages.delete(oldest[0]);
    }
    const stage = `millrace_stage_${++this.#stageCount}`;
    await this.#connection.query(
      createStageSql(stage, set),
      `create a staging table for ${set.table.name}`,
      signal,
    );
    this.#stages.set(id, stage);
  }

  async insert(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    const doing = `write to table ${set.table.name}`;
    for (const part of this.#parts(set)) {
      const stage = this.#stages.get(stageId(set));
      if (part.rows.length < STAGE_ROWS_MIN || (rule !== 'fail' && stage === undefined)) {
        await this.#connection.execute(
          insertArraysSql(part, rule),
          doing,
          signal,
          arrayParameters(part),
        );
      } else if (rule === 'fail' || stage === undefined) {
        await this.#connection.copy(
          copySql(set.table.sql, set.columns),
          copyChunks(part.rows),
          doing,
          signal,
        );
      } else if (!(await this.#direct.insert(part, () => copyChunks(part.rows), doing, signal))) {
        await this.#connection.copy(
          copySql(`pg_temp.${stage}`, set.columns),
          copyChunks(part.rows),
          doing,
          signal,
        );
        await this.#connection.query(mergeStageSql(stage, set, rule), doing, signal);
        if (part.rows.length < set.rows.length)
          await this.#connection.query(`TRUNCATE pg_temp.${stage}`, doing, signal);
      }
    }
  }

  async streamRows(
    target: RowTarget,
    rule: ConflictRule,
    rows: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const doing = `write to table ${target.table.name}`;
    if (rule !== 'fail') return this.#direct.insert(target, () => rows, doing, signal);
    await this.#connection.copy(copySql(target.table.sql, target.columns), rows, doing, signal);
    return true;
  }

  /** All at once: what `batch.size` bounds are statements that are built of values. */
  async insertRows(rows: EncodedRows, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    const doing = `write to table ${rows.table.name}`;
    const chunks = (): Iterable<Buffer> => encodedChunks(rows.bytes);
    if (rule === 'fail') {
      const sql = copySql(rows.table.sql, rows.columns);
      await this.#connection.copy(sql, chunks(), doing, signal);
      return;
    }
    if (await this.#direct.insert(rows, chunks, doing, signal)) return;
    const stage = must(this.#stages.get(stageId(rows)), 'a staging table was prepared');
    const sql = copySql(`pg_temp.${stage}`, rows.columns);
    await this.#connection.copy(sql, chunks(), doing, signal);
    await this.#connection.query(mergeStageSql(stage, rows, rule), doing, signal);
  }

  /** Returns the indexes of the rows that have no counterpart in the table. */
  async update(set: RowSet, signal: AbortSignal): Promise<readonly number[]> {
    const unmatched: number[] = [];
    let base = 0;
    for (const part of this.#parts(set)) {
      const found = await this.#connection.query(
        updateArraysSql(part),
        `update table ${set.table.name}`,
        signal,
        arrayParameters(part),
      );
      const places = new Set(found.map((row) => Number(row['place']) - 1));
      for (let index = 0; index < part.rows.length; index++)
        if (!places.has(index)) unmatched.push(base + index);
      base += part.rows.length;
    }
    return unmatched;
  }

  async delete(set: RowSet, signal: AbortSignal): Promise<void> {
    for (const part of this.#parts(set))
      await this.#connection.execute(
        deleteArraysSql(part),
        `delete from table ${set.table.name}`,
        signal,
        arrayParameters(part),
      );
  }

  *#parts(set: RowSet): Generator<RowSet> {
    if (set.rows.length <= this.#rowsMax) yield set;
    else
      for (let start = 0; start < set.rows.length; start += this.#rowsMax)
        yield { ...set, rows: set.rows.slice(start, start + this.#rowsMax) };
  }
}

function stageId(set: RowTarget): string {
  return `${set.table.id} ${set.columns.map((column: Column) => `${column.name} ${column.type.name}`).join()}`;
}
