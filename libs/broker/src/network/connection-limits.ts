import { RateSensor, type QuotaWindows } from '../quotas/rate-sensor.ts';
import { Sensors } from '../quotas/sensors.ts';

/** As Kafka: nobody waits longer than this for the rate of connections. */
const DELAY_MS_MAX = 1000;

export interface ConnectionBounds {
  readonly connectionsMax: number;
  readonly perIpMax: number;
  readonly perIpOverrides: ReadonlyMap<string, number>;
  /** New ones a second, of all listeners. */
  readonly ratePerSecond: number;
}

export interface ConnectionLimitsOptions {
  /** As they are now. Who is connected already stays. */
  readonly bounds: () => ConnectionBounds;
  readonly windows: QuotaWindows;
  /** The quota of an address; undefined for none. */
  readonly ipRate: (ip: string) => number | undefined;
  readonly nowMs: () => number;
}

export interface ListenerLimits {
  readonly connectionsMax: number;
  readonly ratePerSecond: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly delayMs: number; readonly leave: () => void }
  /** After the delay, so that who tries again at once gains nothing. */
  | { readonly kind: 'refused'; readonly delayMs: number; readonly reason: string };

/** INV-6: how many connections there are, of whom, and how fast they come. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitsOptions;
  readonly #all: RateSensor;
  readonly #ipRates: Sensors<RateSensor>;
  readonly #byIp = new Map<string, number>();
  readonly #byListener = new Map<string, { count: number; rate: RateSensor }>();
  #count = 0;

  constructor(options: ConnectionLimitsOptions) {
    this.#options = options;
    this.#all = new RateSensor(options.windows);
    this.#ipRates = new Sensors(() => new RateSensor(options.windows));
  }

  admit(ip: string, listener: string, limits: ListenerLimits): Admission {
    const { connectionsMax, perIpMax, perIpOverrides, ratePerSecond } = this.#options.bounds();
    const ofListener = this.#listener(listener);
    const ofIp = this.#byIp.get(ip) ?? 0;
    if (this.#count >= connectionsMax || ofListener.count >= limits.connectionsMax)
      return { kind: 'refused', delayMs: 0, reason: 'max.connections' };
    if (ofIp >= (perIpOverrides.get(ip) ?? perIpMax))
      return { kind: 'refused', delayMs: 0, reason: 'max.connections.per.ip' };
    const ipDelayMs = this.#ipDelayMs(ip);
    if (ipDelayMs > 0)
      return { kind: 'refused', delayMs: ipDelayMs, reason: 'connection_creation_rate' };
    this.#count += 1;
    ofListener.count += 1;
    this.#byIp.set(ip, ofIp + 1);
    const delayMs = this.#rateDelayMs(ofListener.rate, limits.ratePerSecond, ratePerSecond);
    return { kind: 'admitted', delayMs, leave: () => this.#leave(ip, listener) };
  }

  #leave(ip: string, listener: string): void {
    this.#count -= 1;
    this.#listener(listener).count -= 1;
    const left = (this.#byIp.get(ip) ?? 1) - 1;
    if (left === 0) this.#byIp.delete(ip);
    else this.#byIp.set(ip, left);
  }

  #ipDelayMs(ip: string): number {
    const bound = this.#options.ipRate(ip);
    if (bound === undefined) return 0;
    const nowMs = this.#options.nowMs();
    const sensor = this.#ipRates.of(ip, nowMs);
    sensor.record(1, nowMs);
    const delayMs = sensor.throttleMs(bound, nowMs);
    // Refused ones do not count, or who knocks on and on would never get in.
    if (delayMs > 0) sensor.record(-1, nowMs);
    return Math.min(delayMs, DELAY_MS_MAX);
  }

  #rateDelayMs(ofListener: RateSensor, listenerRate: number, rate: number): number {
    const nowMs = this.#options.nowMs();
    const delays = [
      [this.#all, rate],
      [ofListener, listenerRate],
    ] as const;
    let delayMs = 0;
    for (const [sensor, bound] of delays) {
      sensor.record(1, nowMs);
      delayMs = Math.max(delayMs, sensor.throttleMs(bound, nowMs));
    }
    return Math.min(delayMs, DELAY_MS_MAX);
  }

  #listener(name: string): { count: number; rate: RateSensor } {
    const known = this.#byListener.get(name);
    if (known !== undefined) return known;
    const made = { count: 0, rate: new RateSensor(this.#options.windows) };
    this.#byListener.set(name, made);
    return made;
  }
}

/** `host:count,host:count`; undefined when it is not written so. */
export function parseIpOverrides(text: string): ReadonlyMap<string, number> | undefined {
  const overrides = new Map<string, number>();
  for (const entry of text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')) {
    const colon = entry.lastIndexOf(':');
    const count = Number(entry.slice(colon + 1));
    if (colon <= 0 || !Number.isInteger(count) || count < 0) return undefined;
    overrides.set(entry.slice(0, colon).replace(/^\[|\]$/g, ''), count);
  }
  return overrides;
}
