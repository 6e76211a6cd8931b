import { MillraceError, type Random } from '@millrace/foundation';
import type { Settings } from './settings.ts';

const INITIAL_MS = 200;

/** Attempts to connect that failed in a row, and how long the next one waits. */
export class BackOff {
  readonly #settings: Settings;
  readonly #random: Random;
  #attempts = 0;
  #slotAttempts = 0;

  constructor(settings: Settings, random: Random) {
    this.#settings = settings;
    this.#random = random;
  }

  get attempts(): number {
    return this.#attempts;
  }

  succeeded(): void {
    this.#attempts = 0;
    this.#slotAttempts = 0;
  }

  /** @throws the failure when the attempts are used up */
  failed(failure: MillraceError): number {
    const { config } = this.#settings;
    this.#attempts++;
    if (failure.code === 'postgres.slot_in_use') {
      if (++this.#slotAttempts > config['slot.max.retries']) throw exhausted(failure);
      return config['slot.retry.delay.ms'];
    }
    const attemptsMax = config['errors.max.retries'];
    if (attemptsMax >= 0 && this.#attempts > attemptsMax) throw exhausted(failure);
    const cappedMs = Math.min(
      config['retriable.restart.connector.wait.ms'],
      INITIAL_MS * 2 ** Math.min(this.#attempts - 1, 20),
    );
    return cappedMs / 2 + this.#random.nextInt(Math.floor(cappedMs / 2) + 1);
  }
}

function exhausted(failure: MillraceError): MillraceError {
  return new MillraceError({
    code: failure.code,
    retry: 'fatal',
    message: `${failure.message}, and all attempts are used up`,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    cause: failure.cause ?? failure,
  });
}
