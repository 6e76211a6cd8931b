import type { Clock } from '@millrace/foundation';
import { Session } from './connection.ts';
import type { Settings } from './settings.ts';

/** A connection that is idle for longer may be dead without a word: firewalls forget it. */
const IDLE_MAX_MS = 30_000;

/** The session for the catalogue; opened again when it broke. */
export class ControlSession {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  #session: Session | undefined;
  #usedMs = 0;

  constructor(settings: Settings, clock: Clock, stop: AbortSignal) {
    this.#settings = settings;
    this.#clock = clock;
    this.#stop = stop;
  }

  async get(): Promise<Session> {
    const nowMs = this.#clock.monotonicMs();
    const idleMs = nowMs - this.#usedMs;
    this.#usedMs = nowMs;
    if (this.#session?.isUsable === true && idleMs < IDLE_MAX_MS) return this.#session;
    this.discard();
    this.#session = await Session.open(this.#settings, 'query', this.#stop);
    return this.#session;
  }

  /** For a call that has a signal of its own. */
  async open(signal: AbortSignal = NEVER): Promise<Session> {
    if (this.#session?.isUsable === true) return this.#session;
    this.#session = await Session.open(this.#settings, 'query', signal);
    this.#usedMs = this.#clock.monotonicMs();
    return this.#session;
  }

  /** It may be broken without having noticed. */
  discard(): void {
    const session = this.#session;
    this.#session = undefined;
    void session?.close(this.#clock); // never throws, and ends by itself
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close(this.#clock);
  }
}

/** What must still be done when everything stops. */
const NEVER = new AbortController().signal;
