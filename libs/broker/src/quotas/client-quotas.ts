import type { SecurityImage } from '../metadata/security-image.ts';
import { QuotaTable, type QuotaKey } from './quota-table.ts';
import { RateSensor, type QuotaWindows } from './rate-sensor.ts';
import { Sensors } from './sensors.ts';
import { TokenBucket } from './token-bucket.ts';

export interface QuotaClient {
  readonly user: string;
  readonly clientId: string;
}

export interface ClientQuotasOptions {
  readonly image: () => SecurityImage;
  readonly windows: QuotaWindows;
  readonly controllerWindows: QuotaWindows;
  readonly nowMs: () => number;
}

type RateKey = 'producer_byte_rate' | 'consumer_byte_rate' | 'request_percentage';

export interface QuotaFigures {
  readonly key: QuotaKey;
  readonly throttledCount: number;
  readonly throttledMs: number;
  readonly sensors: number;
}

/** How much clients use, and how long they have to wait for having used too much. */
export class ClientQuotas {
  readonly #options: ClientQuotasOptions;
  readonly #table: QuotaTable;
  readonly #rates: Readonly<Record<RateKey, Sensors<RateSensor>>>;
  readonly #mutations: Sensors<TokenBucket>;
  readonly #throttled = new Map<QuotaKey, { count: number; ms: number }>();

  constructor(options: ClientQuotasOptions) {
    this.#options = options;
    this.#table = new QuotaTable(options.image);
    const sensors = (): Sensors<RateSensor> => new Sensors(() => new RateSensor(options.windows));
    this.#rates = {
      producer_byte_rate: sensors(),
      consumer_byte_rate: sensors(),
      request_percentage: sensors(),
    };
    this.#mutations = new Sensors(() => new TokenBucket(options.controllerWindows));
  }

  get table(): QuotaTable {
    return this.#table;
  }

  /** Whether anybody at all has a quota of this kind. */
  has(key: QuotaKey): boolean {
    return this.#table.has(key);
  }

  /** Adds up, and answers how long the client has to wait. */
  record(key: RateKey, client: QuotaClient, value: number): number {
    const quota = this.#table.find(key, client.user, client.clientId);
    if (quota === undefined) return 0;
    const nowMs = this.#options.nowMs();
    const sensor = this.#rates[key].of(quota.sensor, nowMs);
    sensor.record(value, nowMs);
    const throttleMs = sensor.throttleMs(quota.bound, nowMs);
    // As Kafka: the share of time is given back within one window, whatever was used.
    return key === 'request_percentage'
      ? Math.min(throttleMs, this.#options.windows.sizeMs)
      : throttleMs;
  }

  /** Takes back what was counted and then not given. */
  unrecord(key: RateKey, client: QuotaClient, value: number): void {
    const quota = this.#table.find(key, client.user, client.clientId);
    if (quota === undefined) return;
    const nowMs = this.#options.nowMs();
    this.#rates[key].of(quota.sensor, nowMs).record(-value, nowMs);
  }

  /** More than this in one answer would be throttled whatever came before. */
  fetchBytesMax(client: QuotaClient): number {
    const quota = this.#table.find('consumer_byte_rate', client.user, client.clientId);
    if (quota === undefined) return Number.MAX_SAFE_INTEGER;
    const { count, sizeMs } = this.#options.windows;
    return Math.max(1, Math.floor((quota.bound * Math.max(1, count - 1) * sizeMs) / 1000));
  }

  /** Until the client may change topics again; 0 when it may now. */
  mutationThrottleMs(client: QuotaClient): number {
    const quota = this.#table.find('controller_mutation_rate', client.user, client.clientId);
    if (quota === undefined) return 0;
    const nowMs = this.#options.nowMs();
    return this.#mutations.of(quota.sensor, nowMs).throttleMs(quota.bound, nowMs);
  }

  /** Counts partitions that are made or deleted; a negative count takes back. */
  takeMutations(client: QuotaClient, count: number): void {
    const quota = this.#table.find('controller_mutation_rate', client.user, client.clientId);
    if (quota === undefined) return;
    const nowMs = this.#options.nowMs();
    this.#mutations.of(quota.sensor, nowMs).take(count, quota.bound, nowMs);
  }

  countThrottled(key: QuotaKey, throttleMs: number): void {
    const so = this.#throttled.get(key) ?? { count: 0, ms: 0 };
    this.#throttled.set(key, { count: so.count + 1, ms: so.ms + throttleMs });
  }

  figures(): readonly QuotaFigures[] {
    const sizes: readonly (readonly [QuotaKey, number])[] = [
      ['producer_byte_rate', this.#rates.producer_byte_rate.size],
      ['consumer_byte_rate', this.#rates.consumer_byte_rate.size],
      ['request_percentage', this.#rates.request_percentage.size],
      ['controller_mutation_rate', this.#mutations.size],
    ];
    return sizes.map(([key, sensors]) => {
      const { count, ms } = this.#throttled.get(key) ?? { count: 0, ms: 0 };
      return { key, throttledCount: count, throttledMs: ms, sensors };
    });
  }
}
