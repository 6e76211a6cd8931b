import { badSettings } from '../errors.ts';

const DAY_MS = 86_400_000;
const OFFSET = /^([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/;
/** Zones change at quarters of an hour, since their days are counted by clocks and not by the sun. */
const QUARTER_MS = 900_000;
/** Before any zone was, and Intl counts days as Java does: from here on. */
const FIRST_MS = Date.UTC(1800, 0, 1);
/** INV-6: records of a stream are of the same days. */
const OFFSETS_MAX = 4096;

/** A time zone: `America/New_York`, or a difference from UTC such as `+08:00`. */
export class Zone {
  readonly #fixedMs: number | undefined;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #known = new Map<number, number>();

  /** @throws MillraceError `transform.bad_settings` */
  constructor(text: string) {
    const [, sign, hours, minutes, seconds = '0'] = OFFSET.exec(text) ?? [];
    if (hours !== undefined) {
      const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      this.#fixedMs = (sign === '-' ? -size : size) * 1000;
      return;
    }
    try {
      if (text === '' || /^[+-]/.test(text)) throw new RangeError(text);
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: text,
        calendar: 'gregory',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw badSettings(
        'Invalid timezone format. Please specify either a geographic timezone (e.g. America/Los_Angeles) or a UTC offset in the format of +/-hh:mm, (e.g. +08:00).',
      );
    }
  }

  /** What the zone is ahead of UTC at that instant. */
  offsetAtMs(instantMs: number): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs;
    const quarter = Math.floor(Math.max(instantMs, FIRST_MS) / QUARTER_MS);
    const known = this.#known.get(quarter);
    if (known !== undefined) return known;
    const offsetMs = this.#offsetOf(quarter * QUARTER_MS);
    if (this.#known.size >= OFFSETS_MAX) this.#known.clear();
    this.#known.set(quarter, offsetMs);
    return offsetMs;
  }

  /** The same where the clocks of the zone show that time: as before the change where they show it twice, or never. */
  offsetOfLocalMs(localMs: number): number {
    const before = this.offsetAtMs(localMs - DAY_MS);
    const after = this.offsetAtMs(localMs + DAY_MS);
    const holds = (offsetMs: number): boolean => this.offsetAtMs(localMs - offsetMs) === offsetMs;
    return before === after || holds(before) || !holds(after) ? before : after;
  }

  #offsetOf(instantMs: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format?.formatToParts(instantMs) ?? []) parts[type] = value;
    const part = (name: string): number => Number(parts[name]);
    const local = new Date(0);
    local.setUTCFullYear(part('year'), part('month') - 1, part('day'));
    local.setUTCHours(part('hour'), part('minute'), part('second'));
    return local.getTime() - instantMs;
  }
}
