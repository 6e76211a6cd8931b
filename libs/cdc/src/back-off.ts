import type { MillraceError, Random } from '@millrace/foundation';
import type { CommonConfig } from './configuration/common-settings.ts';
import { attemptsExhausted } from './failures.ts';

const INITIAL_MS = 200;

/** Attempts to connect that failed in a row, and how long the next one waits. */
export class BackOff {
  readonly #attemptsMax: number;
  readonly #waitMsMax: number;
  readonly #random: Random;
  #attempts = 0;

  constructor(config: CommonConfig, random: Random) {
    this.#attemptsMax = config['errors.max.retries'];
    this.#waitMsMax = config['retriable.restart.connector.wait.ms'];
    this.#random = random;
  }

  get attempts(): number {
    return this.#attempts;
  }

  succeeded(): void {
    this.#attempts = 0;
  }

  /** Milliseconds until the next attempt. @throws the failure when the attempts are used up */
  failed(failure: MillraceError): number {
    this.#attempts++;
    if (this.#attemptsMax >= 0 && this.#attempts > this.#attemptsMax)
      throw attemptsExhausted(failure);
    const cappedMs = Math.min(this.#waitMsMax, INITIAL_MS * 2 ** Math.min(this.#attempts - 1, 20));
    return cappedMs / 2 + this.#random.nextInt(Math.floor(cappedMs / 2) + 1);
  }
}
