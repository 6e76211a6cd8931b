import { isAborted, type Logger } from '@millrace/foundation';
import type { RecordFailure } from '@millrace/connector-api';
import { earlierRecordFailed, TargetError } from '../../errors.ts';
import type { Settings } from '../settings.ts';
import { PlanMerger, type Operation } from './reduce.ts';
import type { Database, Session } from './session.ts';
import { applySteps, planSteps, type StepOptions, type Written } from './steps.ts';

/** What is done in the transaction beside its rows. */
export interface Commitment {
  /** @throws OffsetsMoved */
  readonly begin: (session: Session) => Promise<void>;
  readonly beforeCommit: (failures: readonly RecordFailure[]) => Promise<void>;
}

/** The offsets that a batch starts from are not those that are stored: nothing of it was written. */
export class OffsetsMoved extends Error {
  override readonly name = 'OffsetsMoved';
}

export interface Outcome {
  readonly written: Written;
  readonly failures: readonly RecordFailure[];
  readonly isSplit: boolean;
}

/**
 * Applies one batch in one transaction. The batch is tried as a whole; when one of its rows is refused, it is halved
 * behind savepoints until the bad rows stand alone: those are reported, all others are delivered (INV-2).
 *
 * A refusal may also come of the order of statements (a unique value that moves, a foreign key). Halving keeps the
 * records' own order, in which the source allowed them.
 */
export class Transactions {
  readonly #database: Database;
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #merger = new PlanMerger();

  constructor(database: Database, settings: Settings, log: Logger) {
    this.#database = database;
    this.#settings = settings;
    this.#log = log;
  }

  async apply(
    session: Session,
    operations: readonly Operation[],
    signal: AbortSignal,
    commitment?: Commitment,
  ): Promise<Outcome> {
    const options: StepOptions = {
      mode: this.#settings.insertMode,
      isRepeatHarmless: this.#settings.keyMode === 'kafka',
      merger: this.#merger,
    };
    const steps = planSteps(operations, options);
    for (const step of steps)
      for (const { set, rule } of step.inserts) await session.prepare(set, rule, signal);
    try {
      const written = await inTransaction(session, signal, async () => {
        await commitment?.begin(session);
        const applied = await applySteps(steps, session, signal);
        await commitment?.beforeCommit([]);
        return applied;
      });
      return { written, failures: [], isSplit: false };
    } catch (error) {
      if (!isRecordFault(error) || isAborted(signal)) throw error;
    }
    const split = new Split(this.#database, session, options, signal);
    await inTransaction(session, signal, async () => {
      await commitment?.begin(session);
      await session.beginParts(signal);
      await split.run(operations);
      await commitment?.beforeCommit(split.failures);
    });
    this.#log.debug(
      { records: operations.length, failed: split.failures.length },
      'a batch was split to find the rows that the target refuses',
    );
    return { written: split.written, failures: split.failures, isSplit: true };
  }
}

export async function inTransaction<T>(
  session: Session,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  await session.begin(signal);
  try {
    const result = await work();
    await session.commit(signal);
    return result;
  } catch (error) {
    if (session.isUsable && !isAborted(signal))
      await session.rollback(signal).catch((cause: unknown) => {
        session.destroy(cause); // an unfinished transaction must not be gone on with
      });
    throw error;
  }
}

function isRecordFault(error: unknown): error is TargetError {
  return error instanceof TargetError && error.scope === 'record';
}

/** The search for the rows that are refused. */
class Split {
  readonly failures: RecordFailure[] = [];
  readonly written: Written = { rows: 0, deletes: 0, unmatched: 0 };
  readonly #database: Database;
  readonly #session: Session;
  readonly #options: StepOptions;
  readonly #signal: AbortSignal;
  readonly #failedKeys = new Set<string>();
  readonly #appliedKeys = new Set<string>();
  /** Rows whose foreign key was not there yet; tried once more when all others are. */
  #postponed: { readonly operation: Operation; readonly error: TargetError }[] = [];

  constructor(database: Database, session: Session, options: StepOptions, signal: AbortSignal) {
    this.#database = database;
    this.#session = session;
    this.#options = options;
    this.#signal = signal;
  }

  async run(operations: readonly Operation[]): Promise<void> {
    const middle = Math.ceil(operations.length / 2);
    await this.#try(operations.slice(0, middle));
    await this.#try(operations.slice(middle));
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const { operation, error } of postponed) {
      // A later record of the same row went through: this one is superseded and must not overwrite it (INV-3).
      if (this.#appliedKeys.has(identity(operation))) continue;
      if ((await this.#attempt([operation])) !== undefined) this.#fail(operation, error);
    }
    this.failures.sort((left, right) => left.index - right.index);
  }

  async #try(operations: readonly Operation[]): Promise<void> {
    const [first] = operations;
    if (first === undefined) return;
    if (operations.length === 1 && this.#isOvertaking(first)) {
      this.#fail(first, earlierRecordFailed(first.plan.table.sql));
      return;
    }
    const error = operations.some((operation) => this.#isOvertaking(operation))
      ? earlierRecordFailed('')
      : await this.#attempt(operations);
    if (error === undefined) return;
    if (operations.length > 1) {
      const middle = Math.ceil(operations.length / 2);
      await this.#try(operations.slice(0, middle));
      await this.#try(operations.slice(middle));
    } else if (this.#database.isParentMissing(error)) {
      this.#postponed.push({ operation: first, error });
      this.#failedKeys.add(identity(first));
      this.#appliedKeys.delete(identity(first));
    } else {
      this.#fail(first, error);
    }
  }

  /** INV-3: a record with a part of the row must not build on one that failed. */
  #isOvertaking(operation: Operation): boolean {
    return operation.plan.unavailable.length > 0 && this.#failedKeys.has(identity(operation));
  }

  /** One savepoint stands before each attempt, moved on by each success: two round trips an attempt. */
  async #attempt(operations: readonly Operation[]): Promise<TargetError | undefined> {
    try {
      const steps = planSteps(operations, this.#options);
      const written = await applySteps(steps, this.#session, this.#signal);
      await this.#session.keepPart(this.#signal);
      this.written.rows += written.rows;
      this.written.deletes += written.deletes;
      this.written.unmatched += written.unmatched;
      for (const operation of operations) {
        this.#appliedKeys.add(identity(operation));
        // A whole row mends whatever an earlier one of its key left behind.
        if (operation.plan.unavailable.length === 0) this.#failedKeys.delete(identity(operation));
      }
      return undefined;
    } catch (error) {
      if (!isRecordFault(error)) throw error;
      await this.#session.undoPart(this.#signal);
      return error;
    }
  }

  #fail(operation: Operation, error: TargetError): void {
    this.#failedKeys.add(identity(operation));
    this.failures.push({ index: operation.index, error });
  }
}

function identity(operation: Operation): string {
  return `${operation.plan.table.id} ${operation.key}`;
}
