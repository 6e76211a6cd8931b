import { dateOf, daysOf } from '@millrace/record';

/** A date with a time, as it was read last; one for all, as rows are read one value after another. */
export const moment = { year: 0, month: 0, day: 0, epochDay: 0, secondOfDay: 0, micros: 0 };

/** Reads a value into `moment`. */
export type MomentReader = (bytes: Buffer, start: number, end: number) => MomentKind;

export const MOMENT = { none: 0, invalid: -1, date: 1 } as const;
/** `none`: the zero date or one without month or day. `invalid`: no day of the calendar, such as 30 February. */
export type MomentKind = (typeof MOMENT)[keyof typeof MOMENT];

const ZERO = 0x30;

let lastDate = -1;
let lastEpochDay = 0;
let lastIsValid = true;

/** Sets the date. Values of one batch mostly share theirs, so the last one is remembered. */
function setDate(year: number, month: number, day: number): MomentKind {
  if (month === 0 || day === 0) return MOMENT.none;
  const date = (year * 16 + month) * 32 + day;
  if (date !== lastDate) {
    lastDate = date;
    lastEpochDay = daysOf(year, month, day);
    lastIsValid = month <= 12 && day <= daysIn(month, year);
  }
  moment.year = year;
  moment.month = month;
  moment.day = day;
  moment.epochDay = lastEpochDay;
  return lastIsValid ? MOMENT.date : MOMENT.invalid;
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Two digits of a year, as MySQL completes them. */
function adjusted(year: number, adjustsYears: boolean): number {
  if (!adjustsYears || year > 99) return year;
  return year <= 69 ? year + 2000 : year + 1900;
}

function readFraction(bytes: Buffer, at: number, digits: number): number {
  switch ((digits + 1) >> 1) {
    case 1:
      return (bytes[at] ?? 0) * 10_000;
    case 2:
      return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) * 100;
    case 3:
      return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    default:
      return 0;
  }
}

/** Three bytes: day, month and year from the lowest bit. */
export function dateReader(adjustsYears: boolean): MomentReader {
  return (bytes, start) => {
    const packed =
      (bytes[start] ?? 0) | ((bytes[start + 1] ?? 0) << 8) | ((bytes[start + 2] ?? 0) << 16);
    moment.secondOfDay = 0;
    moment.micros = 0;
    return setDate(adjusted(packed >> 9, adjustsYears), (packed >> 5) & 15, packed & 31);
  };
}

/** Five bytes from the highest: a sign, 17 bits of year × 13 + month, day, hour, minute, second; then the fraction. */
export function datetime2Reader(digits: number, adjustsYears: boolean): MomentReader {
  return (bytes, start) => {
    const high =
      (((bytes[start] ?? 0) & 0x7f) << 16) |
      ((bytes[start + 1] ?? 0) << 8) |
      (bytes[start + 2] ?? 0);
    const low = ((bytes[start + 3] ?? 0) << 8) | (bytes[start + 4] ?? 0);
    const date = high >> 1;
    const clock = ((high & 1) << 16) | low;
    const yearMonth = date >> 5;
    moment.secondOfDay = ((clock >> 12) & 31) * 3600 + ((clock >> 6) & 63) * 60 + (clock & 63);
    moment.micros = readFraction(bytes, start + 5, digits);
    return setDate(adjusted(Math.floor(yearMonth / 13), adjustsYears), yearMonth % 13, date & 31);
  };
}

/** Before MySQL 5.6.4: a decimal number of fourteen digits. */
export function oldDatetimeReader(adjustsYears: boolean): MomentReader {
  return (bytes, start) => {
    const packed = Number(bytes.readBigInt64LE(start));
    const date = Math.floor(packed / 1_000_000);
    const clock = packed % 1_000_000;
    moment.secondOfDay =
      Math.floor(clock / 10_000) * 3600 + (Math.floor(clock / 100) % 100) * 60 + (clock % 100);
    moment.micros = 0;
    return setDate(
      adjusted(Math.floor(date / 10_000), adjustsYears),
      Math.floor(date / 100) % 100,
      date % 100,
    );
  };
}

let lastTimestampDay = NaN;
let lastTimestampDate = { year: 0, month: 0, day: 0 };

/** Seconds since 1970, from the highest byte, then the fraction. */
export function timestamp2Reader(digits: number): MomentReader {
  return (bytes, start) =>
    setInstant(bytes.readUInt32BE(start), readFraction(bytes, start + 4, digits));
}

/** Before MySQL 5.6.4: from the lowest byte. */
export const oldTimestampReader: MomentReader = (bytes, start) =>
  setInstant(bytes.readUInt32LE(start), 0);

function setInstant(seconds: number, micros: number): MomentKind {
  if (seconds === 0 && micros === 0) return MOMENT.none;
  const epochDay = Math.floor(seconds / 86_400);
  if (epochDay !== lastTimestampDay) {
    lastTimestampDay = epochDay;
    lastTimestampDate = dateOf(epochDay);
  }
  moment.year = lastTimestampDate.year;
  moment.month = lastTimestampDate.month;
  moment.day = lastTimestampDate.day;
  moment.epochDay = epochDay;
  moment.secondOfDay = seconds - epochDay * 86_400;
  moment.micros = micros;
  return MOMENT.date;
}

function two(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? ZERO) - ZERO) * 10 + ((bytes[at + 1] ?? ZERO) - ZERO);
}

/** `YYYY-MM-DD`, and behind it ` hh:mm:ss[.ffffff]`. */
export function textReader(adjustsYears: boolean): MomentReader {
  return (bytes, start, end) => {
    const hasTime = end - start > 10;
    moment.secondOfDay = hasTime
      ? two(bytes, start + 11) * 3600 + two(bytes, start + 14) * 60 + two(bytes, start + 17)
      : 0;
    moment.micros = fractionText(bytes, start + 20, end);
    return setDate(
      adjusted(two(bytes, start) * 100 + two(bytes, start + 2), adjustsYears),
      two(bytes, start + 5),
      two(bytes, start + 8),
    );
  };
}

function fractionText(bytes: Buffer, start: number, end: number): number {
  let micros = 0;
  for (let index = 0; index < 6; index++)
    micros = micros * 10 + (start + index < end ? (bytes[start + index] ?? ZERO) - ZERO : 0);
  return micros;
}

/** Microseconds of a TIME, from −838:59:59 to 838:59:59. */
export type DurationReader = (bytes: Buffer, start: number, end: number) => number;

/** Three bytes and a fraction that are one number from the highest, half of its range above the true one. */
export function time2Reader(digits: number): DurationReader {
  const fraction = (digits + 1) >> 1;
  const unit = 256 ** fraction;
  const scale = fraction === 1 ? 10_000 : fraction === 2 ? 100 : 1;
  return (bytes, start) => {
    const value = bytes.readUIntBE(start, 3 + fraction) - 0x80_0000 * unit;
    const absolute = Math.abs(value);
    const clock = Math.floor(absolute / unit);
    const seconds = ((clock >> 12) & 1023) * 3600 + ((clock >> 6) & 63) * 60 + (clock & 63);
    const micros = seconds * 1_000_000 + (absolute - clock * unit) * scale;
    return value < 0 ? -micros : micros;
  };
}

/** Before MySQL 5.6.4: a decimal number hhmmss. */
export const oldTimeReader: DurationReader = (bytes, start) => {
  const packed = bytes.readIntLE(start, 3);
  const absolute = Math.abs(packed);
  const seconds =
    Math.floor(absolute / 10_000) * 3600 +
    (Math.floor(absolute / 100) % 100) * 60 +
    (absolute % 100);
  return packed < 0 ? -seconds * 1_000_000 : seconds * 1_000_000;
};

/** `[-]hhh:mm:ss[.ffffff]` */
export const timeTextReader: DurationReader = (bytes, start, end) => {
  const isNegative = bytes[start] === 0x2d;
  let at = isNegative ? start + 1 : start;
  let hours = 0;
  while (at < end && bytes[at] !== 0x3a) hours = hours * 10 + (bytes[at++] ?? ZERO) - ZERO;
  const seconds = hours * 3600 + two(bytes, at + 1) * 60 + two(bytes, at + 4);
  const micros = seconds * 1_000_000 + fractionText(bytes, at + 7, end);
  return isNegative ? -micros : micros;
};
