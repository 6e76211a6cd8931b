import { attemptsExhausted, BackOff } from '@millrace/cdc';
import type { MillraceError, Random } from '@millrace/foundation';
import type { Settings } from './settings.ts';

/** How long the next attempt waits; a slot that somebody else reads is waited for by keys of its own. */
export class ConnectBackOff {
  readonly #config: Settings['config'];
  readonly #common: BackOff;
  #slotAttempts = 0;

  constructor({ config }: Settings, random: Random) {
    this.#config = config;
    this.#common = new BackOff(config, random);
  }

  get attempts(): number {
    return this.#common.attempts + this.#slotAttempts;
  }

  succeeded(): void {
    this.#common.succeeded();
    this.#slotAttempts = 0;
  }

  /** @throws the failure when the attempts are used up */
  failed(failure: MillraceError): number {
    if (failure.code !== 'postgres.slot_in_use') return this.#common.failed(failure);
    if (++this.#slotAttempts > this.#config['slot.max.retries']) throw attemptsExhausted(failure);
    return this.#config['slot.retry.delay.ms'];
  }
}
