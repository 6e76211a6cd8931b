import { unsuitableRecord } from '../errors.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ZONED =
  /^(?:([+-]?\d{4,9})-(\d{2})-(\d{2})T)?(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|([+-])(\d{2})(?::?(\d{2}))?(?::?(\d{2}))?)$/i;

interface Zoned {
  /** On its own clock, as if that showed UTC; whole seconds. */
  readonly localMs: number;
  /** Digits of the second, without those that say nothing. */
  readonly fraction: string;
  readonly offsetMs: number;
}

/** `2024-05-01T10:00:00.5+02:00` seen in another zone: the same instant. */
export function timestampInZone(
  text: unknown,
  offsetOfLocalMs: (localMs: number) => number,
): string {
  const { localMs, fraction, offsetMs } = parse(text, true);
  const newOffsetMs = offsetOfLocalMs(localMs);
  const moved = new Date(localMs - offsetMs + newOffsetMs);
  return `${dateText(moved)}T${timeText(moved)}${fraction}${offsetText(newOffsetMs)}`;
}

/** The same of a time without a date. */
export function timeInZone(text: unknown, newOffsetMs: number): string {
  const { localMs, fraction, offsetMs } = parse(text, false);
  const moved = (((localMs - offsetMs + newOffsetMs) % DAY_MS) + DAY_MS) % DAY_MS;
  return `${timeText(new Date(moved))}${fraction}${offsetText(newOffsetMs)}`;
}

function parse(text: unknown, hasDate: boolean): Zoned {
  const match = typeof text === 'string' ? ZONED.exec(text) : null;
  if (match === null || (match[1] !== undefined) !== hasDate)
    throw unsuitableRecord(`Text '${String(text)}' could not be parsed as a time with its zone`);
  const [, year, month, day, hour, minute, second = '0', digits = '', , sign, hours, minutes] =
    match;
  const local = new Date(0);
  if (hasDate) local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  const size = Number(hours ?? 0) * 60 * MINUTE_MS + Number(minutes ?? 0) * MINUTE_MS;
  const seconds = Number(match[12] ?? 0) * 1000;
  const fraction = digits.replace(/0+$/, '');
  return {
    localMs: local.getTime(),
    fraction: fraction === '' ? '' : `.${fraction}`,
    offsetMs: (sign === '-' ? -1 : 1) * (size + seconds),
  };
}

/** Years beyond 9999 with their sign, as Java writes them. */
function dateText(date: Date): string {
  const year = date.getUTCFullYear();
  const digits = String(Math.abs(year)).padStart(4, '0');
  const sign = year < 0 ? '-' : year > 9999 ? '+' : '';
  return `${sign}${digits}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function timeText(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return 'Z';
  const seconds = Math.abs(offsetMs) / 1000;
  const rest = seconds % 60;
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return `${offsetMs < 0 ? '-' : '+'}${text}${rest === 0 ? '' : `:${two(rest)}`}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
