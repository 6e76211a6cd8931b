import type { MillraceError } from '@millrace/foundation';
import type { SinkRecord } from '@millrace/record';
import type { RecordErrors } from '../errors/record-errors.ts';
import { letterOfSink } from './sink-conversion.ts';
import type { TaskLifetime } from './task-lifetime.ts';

const SINK_TASK = 'org.apache.kafka.connect.sink.SinkTask';

/** Records that turned out to be bad after `put` had taken them (KIP-610). */
export class SinkReports {
  readonly #lifetime: TaskLifetime;
  readonly #pending = new Set<Promise<void>>();

  constructor(lifetime: TaskLifetime) {
    this.#lifetime = lifetime;
  }

  /** Resolves when the strategy took care of the record; what it can't take care of fails the task. */
  report(record: SinkRecord, error: MillraceError, errors: RecordErrors): Promise<void> {
    const reported = this.#handle(record, error, errors).finally(() => {
      this.#pending.delete(reported);
    });
    this.#pending.add(reported);
    reported.catch(() => undefined); // The task has failed of it, whether somebody awaits it or not.
    return reported;
  }

  /** INV-2: no offset is committed while a record that was reported is in nobody's hands. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #handle(record: SinkRecord, error: MillraceError, errors: RecordErrors): Promise<void> {
    try {
      const letter = letterOfSink(record);
      const failed = { stage: 'TASK_PUT', className: SINK_TASK, error, letter } as const;
      await errors.handle(failed, this.#lifetime.signal);
      await errors.written();
    } catch (failure) {
      this.#lifetime.fail(failure);
      throw failure;
    }
  }
}
