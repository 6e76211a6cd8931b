import { deferred, type Deferred, type MillraceError } from '@millrace/foundation';
import type { SendFailure, SendResult } from './records.ts';

/** One call of `send`: counts its records until all are acknowledged or have failed. */
export class SendCall {
  readonly #result: Deferred<SendResult> = deferred<SendResult>();
  readonly #failures: SendFailure[] = [];
  #remaining: number;

  constructor(recordCount: number) {
    this.#remaining = recordCount;
    if (recordCount === 0) this.#result.resolve({ failures: this.#failures });
  }

  get delivered(): Promise<SendResult> {
    return this.#result.promise;
  }

  acknowledge(recordCount: number): void {
    this.#settle(recordCount);
  }

  fail(index: number, error: MillraceError): void {
    this.#failures.push({ index, error });
    this.#settle(1);
  }

  #settle(recordCount: number): void {
    this.#remaining -= recordCount;
    if (this.#remaining > 0) return;
    this.#failures.sort((a, b) => a.index - b.index);
    this.#result.resolve({ failures: this.#failures });
  }
}
