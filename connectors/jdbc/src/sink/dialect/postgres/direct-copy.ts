import { TargetError } from '../../../errors.ts';
import type { RowTarget } from '../../write/session.ts';
import { Trials } from '../trials.ts';
import type { PostgresConnection } from './connection.ts';
import { copySql } from './statements.ts';

/** A key that is there already, a table with row security, a view or a foreign table: the other way knows what to do. */
const ELSEWHERE: ReadonlySet<unknown> = new Set(['23505', '0A000', '42809']);

/**
 * COPY of new rows straight into their table, which costs the server half of a staging table and a merge. That they are
 * new can't be known before: it is tried behind a savepoint, and less and less often where keys turn out to be there.
 */
export class DirectCopy {
  readonly #connection: PostgresConnection;
  readonly #trials = new Trials();

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  /** Within a transaction. False: nothing was written. @throws TargetError for what would fail either way */
  async insert(
    set: RowTarget,
    chunks: () => Iterable<Buffer> | AsyncIterable<Buffer>,
    doing: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { id } = set.table;
    if (!this.#trials.isDue(id)) return false;
    await this.#connection.query('SAVEPOINT direct', 'set a savepoint', signal);
    try {
      const sql = copySql(set.table.sql, set.columns);
      await this.#connection.copy(sql, chunks(), doing, signal);
    } catch (error) {
      if (!(error instanceof TargetError) || !ELSEWHERE.has(error.context['sqlState'])) throw error;
      const undo = 'ROLLBACK TO direct; RELEASE direct';
      await this.#connection.query(undo, 'return to a savepoint', signal);
      this.#trials.failed(id);
      return false;
    }
    await this.#connection.query('RELEASE direct', 'let go of a savepoint', signal);
    this.#trials.succeeded(id);
    return true;
  }
}
