import { MillraceError } from '@millrace/foundation';
import { dateOf, daysOf } from '@millrace/record';

/** Dates and times as PostgreSQL prints them (DateStyle ISO), to numbers and ISO texts. Proleptic Gregorian. */

export interface LocalDateTime {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly secondOfDay: number;
  readonly micros: number;
}

const DATE_TIME =
  /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?$/;

/** A date, timestamp or timestamptz; a zone is subtracted, so that the result is UTC. */
export function parseDateTime(text: string): LocalDateTime & { readonly epochDay: number } {
  const match = DATE_TIME.exec(text);
  if (match === null) throw unreadable('date or timestamp', text);
  const year = match[12] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  const local =
    secondsOf(match[4], match[5], match[6]) - zoneSeconds(match[8], match[9], match[10], match[11]);
  const epochDay = daysOf(year, Number(match[2]), Number(match[3])) + Math.floor(local / 86_400);
  const secondOfDay = local - Math.floor(local / 86_400) * 86_400;
  return { ...dateOf(epochDay), epochDay, secondOfDay, micros: microsOf(match[7]) };
}

export interface TimeOfDay {
  /** 86,400 for 24:00:00. */
  readonly secondOfDay: number;
  readonly micros: number;
  readonly zoneSeconds: number;
}

export function parseTime(text: string): TimeOfDay {
  const match = TIME.exec(text);
  if (match === null) throw unreadable('time', text);
  return {
    secondOfDay: secondsOf(match[1], match[2], match[3]),
    micros: microsOf(match[4]),
    zoneSeconds: zoneSeconds(match[5], match[6], match[7], match[8]),
  };
}

/** `+hh:mm:ss` of a zone as seconds east of Greenwich. */
function zoneSeconds(
  sign: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
): number {
  const amount = secondsOf(hours, minutes, seconds);
  return sign === '-' ? -amount : amount;
}

function secondsOf(
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
): number {
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

function microsOf(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.padEnd(6, '0'));
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** As Java's ISO_LOCAL_DATE: four digits at least, a sign for years before 0 and after 9999. */
export function isoDate(date: { year: number; month: number; day: number }): string {
  const { year } = date;
  const years = year < 0 ? `-${pad(-year, 4)}` : year > 9999 ? `+${year}` : pad(year, 4);
  return `${years}-${pad(date.month, 2)}-${pad(date.day, 2)}`;
}

/**
 * As Java's ISO_LOCAL_TIME; with `digits` between 1 and 6 the fraction has exactly so many digits, else as few as it
 * needs.
 */
export function isoTime(secondOfDay: number, micros: number, digits = 0): string {
  const clock = `${pad(Math.floor(secondOfDay / 3600), 2)}:${pad(Math.floor(secondOfDay / 60) % 60, 2)}:${pad(secondOfDay % 60, 2)}`;
  const fraction = pad(micros, 6);
  if (digits > 0) return `${clock}.${fraction.slice(0, digits)}`;
  const short = fraction.replace(/0+$/, '');
  return short === '' ? clock : `${clock}.${short}`;
}

export interface IntervalParts {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly micros: number;
}

const INTERVAL_UNIT = /([+-]?\d+) (year|mon|day)s?/g;
const INTERVAL_CLOCK = /([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/;

/** An interval of style `postgres`: `1 year 2 mons -3 days 04:05:06.7`. */
export function parseInterval(text: string): IntervalParts {
  const units = { year: 0, mon: 0, day: 0 };
  for (const [, amount, unit] of text.matchAll(INTERVAL_UNIT)) {
    if (unit === 'year' || unit === 'mon' || unit === 'day') units[unit] = Number(amount);
  }
  const clock = INTERVAL_CLOCK.exec(text);
  const sign = clock?.[1] === '-' ? -1 : 1;
  return {
    years: units.year,
    months: units.mon,
    days: units.day,
    hours: sign * Number(clock?.[2] ?? 0) + 0,
    minutes: sign * Number(clock?.[3] ?? 0) + 0,
    micros: sign * (Number(clock?.[4] ?? 0) * 1_000_000 + microsOf(clock?.[5])) + 0,
  };
}

function unreadable(what: string, text: string): MillraceError {
  return new MillraceError({
    code: 'postgres.value_unreadable',
    retry: 'fatal',
    message: `"${text}" is no ${what} as the server prints it`,
  });
}
