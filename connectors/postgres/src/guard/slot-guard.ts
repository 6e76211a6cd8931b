import { isAborted, type Clock, type Logger, type MillraceError } from '@millrace/foundation';
import { Session } from '../connection.ts';
import { slotOverBudget } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { dropSlot } from '../slot.ts';
import { forecast, readSlotUsage, type SlotForecast, type SlotUsage } from './slot-usage.ts';

/** Over this time the growth is measured: shorter ones show every checkpoint. */
const WINDOW_MS = 300_000;
/** Whoever has less time left is told. */
const SHORT_SECONDS = 3600;
const DROP_ATTEMPTS = 20;
const DROP_PAUSE_MS = 100;

export interface SlotGuardOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  /** How far the stream came. */
  readonly streamLsn: () => number;
}

/**
 * Looks after the WAL that the server keeps for us: a slot that nobody reads on fills its disk. A loop of its own, with
 * a connection of its own, so that it also sees what happens while the log takes nothing. Stops with its scope.
 */
export class SlotGuard implements AsyncDisposable {
  readonly #options: SlotGuardOptions;
  readonly #stop = new AbortController();
  readonly #finished: Promise<void>;
  #session: Session | undefined;
  #history: SlotUsage[] = [];
  #forecast: SlotForecast = { growthBytesPerSecond: 0, secondsLeft: null };
  #stalledSinceMs: number | undefined;
  #lastStreamLsn = -1;
  #hasWarned = false;
  #hasWarnedOfStall = false;
  #failure: MillraceError | undefined;

  constructor(options: SlotGuardOptions) {
    this.#options = options;
    this.#finished = this.#run(this.#stop.signal);
  }

  /** What has to end the task. */
  get failure(): MillraceError | undefined {
    return this.#failure;
  }

  get metrics(): Readonly<Record<string, number>> {
    const usage = this.#history.at(-1);
    if (usage === undefined) return {};
    const { growthBytesPerSecond, secondsLeft } = this.#forecast;
    return {
      slot_wal_retained_bytes: usage.retainedBytes,
      slot_wal_growth_bytes_per_second: Math.round(growthBytesPerSecond),
      // −1: without end
      slot_wal_safe_bytes: usage.safeBytes ?? -1,
      slot_seconds_left: secondsLeft === null ? -1 : Math.floor(secondsLeft),
      slot_stalled_ms:
        this.#stalledSinceMs === undefined ? 0 : Math.round(usage.atMs - this.#stalledSinceMs),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#finished;
    await this.#session?.close(this.#options.clock);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, settings } = this.#options;
    while (!isAborted(signal) && this.#failure === undefined) {
      try {
        await this.#look(signal);
      } catch (error) {
        if (isAborted(signal)) return;
        // The stream tells what is wrong with the server.
        log.debug({ err: error }, 'the slot could not be looked at');
        await this.#closeSession();
      }
      await clock
        .sleep(settings.config['millrace.slot.check.interval.ms'], signal)
        .catch(() => undefined); // woken by the stop
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    this.#session ??= await Session.open(settings, 'query', signal);
    const session = this.#session;
    const slot = settings.config['slot.name'];
    const usage = await readSlotUsage(session, slot, clock.monotonicMs());
    if (usage === undefined) return; // The stream tells.
    this.#history = [...this.#history, usage].filter(({ atMs }) => usage.atMs - atMs <= WINDOW_MS);
    const budget = settings.config['millrace.slot.wal.bytes.max'];
    this.#forecast = forecast(this.#history[0] ?? usage, usage, budget);
    this.#watchProgress(usage);
    if (budget > 0 && usage.retainedBytes > budget) await this.#overBudget(session, usage, budget);
    else this.#warnInTime(usage);
  }

  /** The server writes and the stream stands: a hung server, or a log that takes nothing. */
  #watchProgress(usage: SlotUsage): void {
    const { streamLsn, settings, log } = this.#options;
    const lsn = streamLsn();
    if (lsn !== this.#lastStreamLsn || lsn >= usage.serverLsn) {
      this.#lastStreamLsn = lsn;
      this.#stalledSinceMs = undefined;
      this.#hasWarnedOfStall = false;
      return;
    }
    this.#stalledSinceMs ??= usage.atMs;
    const stalledMs = usage.atMs - this.#stalledSinceMs;
    if (this.#hasWarnedOfStall || stalledMs < settings.config['millrace.slot.stall.timeout.ms'])
      return;
    this.#hasWarnedOfStall = true;
    log.warn(
      { slot: settings.config['slot.name'], stalledMs, behindBytes: usage.serverLsn - lsn },
      'the stream does not move although the server writes; the slot keeps WAL until it does',
    );
  }

  #warnInTime(usage: SlotUsage): void {
    const { secondsLeft, growthBytesPerSecond } = this.#forecast;
    const isShort =
      (secondsLeft !== null && secondsLeft < SHORT_SECONDS) || usage.walStatus === 'unreserved';
    if (isShort && !this.#hasWarned)
      this.#options.log.warn(
        {
          slot: this.#options.settings.config['slot.name'],
          retainedBytes: usage.retainedBytes,
          growthBytesPerSecond: Math.round(growthBytesPerSecond),
          secondsLeft: secondsLeft === null ? null : Math.floor(secondsLeft),
        },
        'the slot is about to lose its WAL, or to use up its budget',
      );
    this.#hasWarned = isShort;
  }

  async #overBudget(session: Session, usage: SlotUsage, budget: number): Promise<void> {
    const { settings, log } = this.#options;
    const slot = settings.config['slot.name'];
    const action = settings.config['millrace.slot.wal.action'];
    const error = slotOverBudget(slot, usage.retainedBytes, budget, action);
    if (action === 'warn') {
      if (!this.#hasWarned) log.warn({ code: error.code, hint: error.hint }, error.message);
      this.#hasWarned = true;
      return;
    }
    this.#failure = error;
    if (action === 'drop-slot') await this.#drop(session, slot);
  }

  /** Its reader is ended first, which is our own stream. */
  async #drop(session: Session, slot: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await session.query(
        `SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots
         WHERE slot_name = $1 AND active_pid IS NOT NULL`,
        [slot],
      );
      try {
        await dropSlot(session, slot);
        return;
      } catch (error) {
        if (attempt >= DROP_ATTEMPTS) throw error;
        await this.#options.clock.sleep(DROP_PAUSE_MS, this.#stop.signal);
      }
    }
  }

  async #closeSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close(this.#options.clock);
  }
}
