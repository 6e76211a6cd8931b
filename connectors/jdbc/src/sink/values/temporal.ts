/** Times as numbers to PostgreSQL's input text: proleptic Gregorian, exact, any year, infinity. */

import { dateOf } from '@millrace/record';

const MICROS_PER_SECOND = 1_000_000;
const SECONDS_PER_DAY = 86_400;
const MICROS_PER_DAY = 86_400_000_000;

/** What Debezium's sources send for an infinite timestamp, whatever the unit. */
const INFINITY_NUMBERS = new Set([9_223_372_036_825_200_000n, 9_223_372_036_854_775_807n]);
const MINUS_INFINITY_NUMBERS = new Set([-9_223_372_036_832_400_000n, -9_223_372_036_854_775_808n]);

let rememberedDays = Number.NaN;
let rememberedDate = '';
let rememberedIsBc = false;

function civil(days: number): void {
  if (days === rememberedDays) return;
  const { year, month, day } = dateOf(days);
  rememberedIsBc = year <= 0;
  const shownYear = rememberedIsBc ? 1 - year : year;
  rememberedDate = `${String(shownYear).padStart(4, '0')}-${two(month)}-${two(day)}`;
  rememberedDays = days;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** `2024-05-01`, or `0044-03-15 BC`. */
export function dateText(days: number): string {
  if (days === 2_147_483_647) return 'infinity';
  if (days === -2_147_483_648) return '-infinity';
  civil(days);
  return rememberedIsBc ? `${rememberedDate} BC` : rememberedDate;
}

/** `10:00:00.5`, up to `24:00:00`. */
export function timeText(micros: number): string {
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const fraction = micros - seconds * MICROS_PER_SECOND;
  const hours = Math.floor(seconds / 3600);
  const text = `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}

/** `2024-05-01 10:00:00.123456`; the sentinels of infinity become `infinity`. */
export function timestampText(micros: number | bigint): string {
  if (typeof micros === 'bigint') return bigTimestampText(micros);
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  return joined(
    days,
    (seconds - days * SECONDS_PER_DAY) * MICROS_PER_SECOND + (micros - seconds * MICROS_PER_SECOND),
  );
}

function bigTimestampText(micros: bigint): string {
  const day = BigInt(MICROS_PER_DAY);
  const microsOfDay = ((micros % day) + day) % day;
  return joined(Number((micros - microsOfDay) / day), Number(microsOfDay));
}

function joined(days: number, microsOfDay: number): string {
  civil(days);
  const text = `${rememberedDate} ${timeText(microsOfDay)}`;
  return rememberedIsBc ? `${text} BC` : text;
}

/** `infinity`, `-infinity`, or undefined when the number is an ordinary one. */
export function infinityOf(value: number | bigint): string | undefined {
  if (typeof value === 'number') return undefined;
  if (INFINITY_NUMBERS.has(value)) return 'infinity';
  return MINUS_INFINITY_NUMBERS.has(value) ? '-infinity' : undefined;
}

const ISO =
  /^([+-]?)(\d{4,})(-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/;

export interface IsoParts {
  readonly date: string;
  readonly time: string | undefined;
  readonly zone: string | undefined;
  readonly suffix: string;
}

/** The parts of an ISO 8601 date or date-time as PostgreSQL wants them (years before 1 as BC); undefined if it is none. */
export function isoParts(text: string): IsoParts | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const year = Number(match[2]);
  const isBc = match[1] === '-' || year === 0;
  const shownYear = match[1] === '-' ? year + 1 : year === 0 ? 1 : year;
  return {
    date: `${String(shownYear).padStart(4, '0')}${match[3] ?? ''}`,
    time: match[4],
    zone: match[5],
    suffix: isBc ? ' BC' : '',
  };
}
