import type { Clock, Logger } from '@millrace/foundation';
import { isAborted } from '@millrace/foundation';
import type { SessionSource } from '../relations.ts';
import type { Settings } from '../settings.ts';

export interface SlotXminOptions {
  readonly settings: Settings;
  readonly sessions: SessionSource;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The oldest transaction whose catalogue rows the slot keeps, read every `xmin.fetch.interval.ms`. */
export class SlotXmin {
  readonly #options: SlotXminOptions;
  /** null: not asked for, or not known. */
  value: number | null = null;

  constructor(options: SlotXminOptions) {
    this.#options = options;
  }

  async refresh(): Promise<void> {
    const { log, sessions, settings } = this.#options;
    if (settings.config['xmin.fetch.interval.ms'] === 0) return;
    try {
      const session = await sessions();
      const [row] = await session.query(
        'SELECT catalog_xmin::text AS xmin FROM pg_catalog.pg_replication_slots WHERE slot_name = $1',
        [settings.config['slot.name']],
      );
      const xmin = row?.['xmin'] ?? null;
      this.value = xmin === null ? null : Number(xmin);
    } catch (error) {
      log.debug({ err: error }, 'the xmin of the slot could not be read');
    }
  }

  async keepFresh(stop: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    const intervalMs = settings.config['xmin.fetch.interval.ms'];
    while (intervalMs > 0 && !isAborted(stop)) {
      await clock.sleep(intervalMs, stop).catch(() => undefined); // woken by the end of the stream
      if (!isAborted(stop)) await this.refresh();
    }
  }
}
