import { TargetError } from '../../../errors.ts';
import type { RowTarget } from '../../write/session.ts';
import { Trials } from '../trials.ts';
import type { MysqlConnection } from './connection.ts';
import { loadSql } from './load-text.ts';

/** From here on LOAD DATA costs the server less than a statement, its savepoint included. */
const ROWS_MIN = 50;
/** LOAD DATA LOCAL is switched off, at the server or for this client. */
const SWITCHED_OFF: ReadonlySet<unknown> = new Set([1148, 3948, 4166]);

/**
 * LOAD DATA of new rows straight into their table, out of memory. With LOCAL the server makes warnings of errors, changes
 * the values and leaves out rows whose keys are there: so it is tried behind a savepoint and kept only if every row went
 * in without a word (INV-8). Everything else goes as statements, which know what is wrong and with which row.
 */
export class DirectLoad {
  readonly #connection: MysqlConnection;
  readonly #trials = new Trials();
  #isOff = false;

  constructor(connection: MysqlConnection) {
    this.#connection = connection;
  }

  /**
   * Of so many rows, within a transaction. No column that must have a value may get none: LOAD DATA makes the time of
   * now out of it, without a warning. False: nothing was written. @throws TargetError for what would fail either way
   */
  async insert(
    set: RowTarget,
    count: number,
    chunks: () => Iterable<Buffer>,
    doing: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!this.#isFor(set, count) || !this.#trials.isDue(set.table.id)) return false;
    if (await this.#load(set, count, chunks(), doing, signal)) {
      this.#trials.succeeded(set.table.id);
      return true;
    }
    await this.#connection.execute('ROLLBACK TO SAVEPOINT direct', 'return to a savepoint', signal);
    this.#trials.failed(set.table.id);
    return false;
  }

  #isFor(set: RowTarget, count: number): boolean {
    return (
      !this.#isOff &&
      this.#connection.server.files === 'taken' &&
      count >= ROWS_MIN &&
      // Of other engines the rows could not be taken back.
      set.table.engine?.toLowerCase() === 'innodb'
    );
  }

  async #load(
    set: RowTarget,
    count: number,
    chunks: Iterable<Buffer>,
    doing: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      const savepoint = 'SAVEPOINT direct';
      await this.#connection.execute(savepoint, 'set a savepoint', signal);
      const loaded = await this.#connection.load(
        (file) => loadSql(set, file),
        chunks,
        doing,
        signal,
      );
      return loaded.affectedRows === count && loaded.warningStatus === 0;
    } catch (error) {
      if (!(error instanceof TargetError) || error.retry === 'retriable' || error.scope === 'stale')
        throw error;
      if (SWITCHED_OFF.has(error.context['errno'])) this.#isOff = true;
      return false;
    }
  }
}
