import { dateOf, daysOf } from '@millrace/record';

const MICROS_PER_SECOND = 1_000_000n;
const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND;
const MS_PER_DAY = 86_400_000;

const TIMESTAMP =
  /^(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(?:([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$/;

/**
 * Microseconds since the epoch of a timestamp or date as PostgreSQL and MySQL print it; one without an offset is taken
 * in `zone`. Undefined for what has no instant: infinity, zero dates.
 */
export function parseInstant(text: string, zone: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const year = match[12] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (month === 0 || day === 0) return undefined;
  const seconds = Number(match[4] ?? 0) * 3600 + Number(match[5] ?? 0) * 60 + Number(match[6] ?? 0);
  const local =
    BigInt(daysOf(year, month, day)) * MICROS_PER_DAY +
    BigInt(seconds) * MICROS_PER_SECOND +
    BigInt((match[7] ?? '').padEnd(6, '0'));
  if (match[8] === undefined) return local - zoneOffset(local, zone);
  const offset = Number(match[9]) * 3600 + Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0);
  return local - BigInt(match[8] === '-' ? -offset : offset) * MICROS_PER_SECOND;
}

/** `YYYY-MM-DD HH:MM:SS.ffffff` of an instant in `zone`, as both databases read it. */
export function formatInstant(micros: bigint, zone: string): string {
  const local = micros + offsetAt(micros, zone);
  const days = floorDivide(local, MICROS_PER_DAY);
  const ofDay = local - days * MICROS_PER_DAY;
  const { year, month, day } = dateOf(Number(days));
  const seconds = Number(ofDay / MICROS_PER_SECOND);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = String(ofDay % MICROS_PER_SECOND).padStart(6, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${time}.${fraction}`;
}

/** Cuts to `digits` digits of a second; -1 cuts to the day in `zone`. */
export function floorInstant(micros: bigint, digits: number, zone: string): bigint {
  if (digits >= 6) return micros;
  if (digits >= 0) {
    const unit = 10n ** BigInt(6 - digits);
    return floorDivide(micros, unit) * unit;
  }
  const local = micros + offsetAt(micros, zone);
  const midnight = floorDivide(local, MICROS_PER_DAY) * MICROS_PER_DAY;
  return midnight - zoneOffset(midnight, zone);
}

/** Days since the epoch of `YYYY-MM-DD`; undefined for what is no day. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4,})-(\d\d)-(\d\d)( BC)?$/.exec(text);
  if (match === null || Number(match[2]) === 0 || Number(match[3]) === 0) return undefined;
  const year = match[4] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  return daysOf(year, Number(match[2]), Number(match[3]));
}

/** Milliseconds of the day of `HH:MM:SS[.ffffff][±offset]`; undefined for what is no time of a day. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::?(\d\d))?)?$/.exec(text);
  if (match === null) return undefined;
  const ms =
    (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000 +
    Math.trunc(Number(`0.${match[4] ?? '0'}`) * 1000);
  if (ms >= MS_PER_DAY) return undefined;
  const offset = (Number(match[6] ?? 0) * 60 + Number(match[7] ?? 0)) * 60_000;
  return (ms + (match[5] === '-' ? offset : -offset) + MS_PER_DAY) % MS_PER_DAY;
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

/** What a local time is ahead of UTC by, in microseconds: found by the instant that it would be. */
function zoneOffset(local: bigint, zone: string): bigint {
  if (isUtc(zone)) return 0n;
  const first = offsetAt(local, zone);
  return offsetAt(local - first, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const ZONES_MAX = 16;

function offsetAt(micros: bigint, zone: string): bigint {
  if (isUtc(zone)) return 0n;
  let format = formats.get(zone);
  if (format === undefined) {
    if (formats.size >= ZONES_MAX) formats.clear();
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const seconds = floorDivide(micros, MICROS_PER_SECOND);
  const parts = new Map<string, string>();
  for (const { type, value } of format.formatToParts(Number(seconds) * 1000))
    parts.set(type, value);
  const number = (type: string): number => Number(parts.get(type) ?? 0);
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  const local =
    daysOf(year, number('month'), number('day')) * 86_400 +
    number('hour') * 3600 +
    number('minute') * 60 +
    number('second');
  return (BigInt(local) - seconds) * MICROS_PER_SECOND;
}

const isUtc = (zone: string): boolean => zone === 'UTC' || zone === 'GMT' || zone === 'Etc/UTC';
