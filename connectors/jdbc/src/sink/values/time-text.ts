import { dateText, infinityOf, isoParts, timestampText, timeText } from './temporal.ts';
import type { ColumnType } from '../write/table.ts';
import { refuse } from './plain-text.ts';

/** Numbers of time are made text when the column is one of time or text; integer columns get the number itself. */

const MICROS_PER_DAY = 86_400_000_000;
const MILLIS_PER_DAY = 86_400_000;

export function dayText(value: unknown, type: ColumnType): string {
  const days = value instanceof Date ? value.getTime() / MILLIS_PER_DAY : value;
  if (typeof days !== 'number' || !Number.isInteger(days))
    return refuse(value, type, 'whole days are expected');
  switch (type.kind) {
    case 'integer':
    case 'numeric':
      return String(days);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'text':
      return dateText(days);
    default:
      return refuse(value, type, 'the source column is a date');
  }
}

/** A time of day in units of which one is `multiplier / divisor` microseconds. */
export function timeOfDayText(
  value: unknown,
  multiplier: number,
  divisor: number,
  type: ColumnType,
): string {
  const raw =
    value instanceof Date ? value.getTime() : typeof value === 'bigint' ? Number(value) : value;
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw))
    return refuse(value, type, 'a time of day is expected');
  if (type.kind === 'integer' || type.kind === 'numeric') return String(raw);
  const micros = (raw * multiplier) / divisor;
  if (!Number.isInteger(micros)) return refuse(value, type, 'it has digits below a microsecond');
  if (type.kind === 'time' && type.isDuration === true) {
    checkFraction(micros, value, type);
    return micros < 0 ? `-${timeText(-micros)}` : timeText(micros);
  }
  switch (type.kind) {
    case 'time':
      if (micros < 0 || micros > MICROS_PER_DAY)
        return refuse(value, type, 'it is not between 00:00 and 24:00; interval holds it');
      checkFraction(micros, value, type);
      return timeText(micros);
    // MySQL's TIME is a duration as well: it may be negative, and longer than a day.
    case 'text':
    case 'interval':
      return micros < 0 ? `-${timeText(-micros)}` : timeText(micros);
    default:
      return refuse(value, type, 'the source column is a time of day');
  }
}

/** A time since the epoch in units of which one is `multiplier / divisor` microseconds. */
export function epochText(
  value: unknown,
  multiplier: number,
  divisor: number,
  type: ColumnType,
): string {
  const raw = value instanceof Date ? value.getTime() : value;
  if (typeof raw !== 'number' && typeof raw !== 'bigint')
    return refuse(value, type, 'a time since the epoch is expected');
  if (type.kind === 'integer' || type.kind === 'numeric') return String(raw);
  if (type.kind !== 'timestamp' && type.kind !== 'timestamptz' && type.kind !== 'text')
    return refuse(value, type, 'the source column is a timestamp');
  const micros = microsOf(raw, multiplier, divisor);
  // The sentinels are microseconds; a column of at most three digits has their thousandth part.
  const infinity = infinityOf(raw) ?? (micros === undefined ? undefined : infinityOf(micros));
  if (infinity !== undefined) return infinity;
  if (micros === undefined) return refuse(value, type, 'it has digits below a microsecond');
  if (type.kind !== 'text') checkFraction(micros, value, type);
  const text = timestampText(micros);
  return type.kind === 'timestamptz' ? withUtc(text) : text;
}

function withUtc(text: string): string {
  return text.endsWith(' BC') ? `${text.slice(0, -3)}+00 BC` : `${text}+00`;
}

function microsOf(
  raw: number | bigint,
  multiplier: number,
  divisor: number,
): number | bigint | undefined {
  if (typeof raw === 'number' && divisor === 1) {
    const micros = raw * multiplier;
    if (Number.isSafeInteger(micros)) return micros;
  }
  if (typeof raw === 'number' && !Number.isInteger(raw)) return undefined;
  const scaled = BigInt(raw) * BigInt(multiplier);
  if (scaled % BigInt(divisor) !== 0n) return undefined;
  const micros = scaled / BigInt(divisor);
  const number = Number(micros);
  return Number.isSafeInteger(number) ? number : micros;
}

/** Digits that a column of lower precision would round away are refused (INV-8). */
function checkFraction(micros: number | bigint, value: unknown, type: ColumnType): void {
  if (type.scale === null || type.scale >= 6) return;
  const unit = 10 ** (6 - type.scale);
  const rest = typeof micros === 'bigint' ? Number(micros % BigInt(unit)) : micros % unit;
  if (Math.abs(rest) !== 0)
    refuse(value, type, `it has more than the ${type.scale} fraction digits of the column`);
}

export function intervalText(value: unknown, divisor: number, type: ColumnType): string {
  if (typeof value !== 'number' && typeof value !== 'bigint')
    return refuse(value, type, 'a duration is expected');
  if (type.kind === 'integer' || type.kind === 'numeric') return String(value);
  if (type.kind !== 'interval' && type.kind !== 'time' && type.kind !== 'text')
    return refuse(value, type, 'the source column is an interval');
  const units = BigInt(value);
  if (units % BigInt(divisor) !== 0n)
    return refuse(value, type, 'it has digits below a microsecond');
  const micros = units / BigInt(divisor);
  // `interval` takes hours beyond a day, which keeps the microseconds exact where seconds as a float would not.
  const sign = micros < 0n ? '-' : '';
  const absolute = micros < 0n ? -micros : micros;
  const seconds = absolute / 1_000_000n;
  const fraction = String(absolute % 1_000_000n).padStart(6, '0');
  const twoDigits = (number: bigint): string => String(number).padStart(2, '0');
  return `${sign}${twoDigits(seconds / 3600n)}:${twoDigits((seconds / 60n) % 60n)}:${twoDigits(seconds % 60n)}.${fraction}`;
}

/** ISO text for a column of time; a zone that the column would drop silently is refused unless it is UTC. */
export function isoText(text: string, type: ColumnType): string {
  if (type.kind === 'time') return timeWithoutZone(text, type);
  if (type.kind === 'timestamptz' && type.scale === 6 && isCommonTimestamp(text)) return text;
  const parts = isoParts(text);
  if (parts === undefined) return text; // infinity, or a form of PostgreSQL's own
  const time = parts.time ?? '00:00:00';
  checkIsoFraction(time, text, type);
  switch (type.kind) {
    case 'date':
      if (parts.time !== undefined && !/^00:00(:00(\.0+)?)?$/.test(parts.time))
        refuse(text, type, 'it has a time of day');
      return `${parts.date}${parts.suffix}`;
    case 'timestamp':
      if (parts.zone !== undefined && !isUtc(parts.zone))
        refuse(
          text,
          type,
          `the zone ${parts.zone} would be dropped`,
          'make the column timestamptz',
        );
      return `${parts.date} ${time}${parts.suffix}`;
    default:
      return `${parts.date} ${time}${parts.zone ?? ''}${parts.suffix}`;
  }
}

/** `2024-05-01T10:00:00.123456Z`, what change events hold, needs no second look. */
function isCommonTimestamp(text: string): boolean {
  return (
    text.length <= 27 &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(10) === 84 &&
    text.endsWith('Z') &&
    !text.startsWith('0000')
  );
}

function timeWithoutZone(text: string, type: ColumnType): string {
  const match = /^(-?\d{2,3}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(text);
  if (match === null) return text;
  const zone = match[2];
  if (zone !== undefined && !isUtc(zone))
    refuse(text, type, `the zone ${zone} would be dropped`, 'make the column timetz');
  checkIsoFraction(match[1] ?? '', text, type);
  return match[1] ?? '';
}

function isUtc(zone: string): boolean {
  return zone === 'Z' || /^[+-]00(:?00)?$/.test(zone);
}

function checkIsoFraction(time: string, text: string, type: ColumnType): void {
  const fraction = /\.(\d*?)0*$/.exec(time)?.[1] ?? '';
  if (fraction.length > Math.min(type.scale ?? 6, 6))
    refuse(
      text,
      type,
      `it has more than the ${Math.min(type.scale ?? 6, 6)} fraction digits of the column`,
    );
}
