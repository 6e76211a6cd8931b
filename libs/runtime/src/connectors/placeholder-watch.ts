import { isAborted, type Clock, type Logger } from '@millrace/foundation';
import type { ResolvedPlaceholders } from '@millrace/config';
import type { ConnectorConfig } from '../herder.ts';

export interface PlaceholderWatchOptions {
  readonly connector: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly resolve: (config: ConnectorConfig) => Promise<ResolvedPlaceholders>;
  /** A placeholder stands for another value than before. */
  readonly onChanged: () => void;
}

/** A provider that says "ask again at once" is not asked more often. */
const TTL_MIN_MS = 1_000;

/** Asks again for what placeholders stand for when their time is over, if `config.action.reload` wants that (KIP-297). */
export class PlaceholderWatch {
  readonly #options: PlaceholderWatchOptions;
  #stop = new AbortController();

  constructor(options: PlaceholderWatchOptions) {
    this.#options = options;
  }

  /** In place of what was watched before. */
  watch(stored: ConnectorConfig, { config, ttlMs }: ResolvedPlaceholders): void {
    this.close();
    if (ttlMs === undefined) return;
    if ((stored['config.action.reload'] ?? 'restart').toLowerCase() !== 'restart') return;
    this.#stop = new AbortController();
    void this.#untilChanged(stored, config, ttlMs, this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
  }

  async #untilChanged(
    stored: ConnectorConfig,
    before: ConnectorConfig,
    ttlMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { connector, clock, log, resolve, onChanged } = this.#options;
    for (let waitMs = ttlMs; !isAborted(signal);) {
      try {
        await clock.sleep(Math.max(TTL_MIN_MS, waitMs), signal);
        const now = await resolve(stored);
        if (isAborted(signal)) return;
        waitMs = now.ttlMs ?? ttlMs;
        if (!isChanged(before, now.config)) continue;
        log.info({ connector }, 'a placeholder stands for another value; restarting');
        onChanged();
        return;
      } catch (error) {
        if (isAborted(signal)) return;
        log.warn(
          { connector, err: error },
          'placeholders could not be asked for again; the connector goes on with what it has',
        );
      }
    }
  }
}

function isChanged(before: ConnectorConfig, now: ConnectorConfig): boolean {
  return Object.entries(now).some(([key, value]) => before[key] !== value);
}
