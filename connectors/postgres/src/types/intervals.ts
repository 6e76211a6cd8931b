import { Decimal, int64, schemas } from '@millrace/record';
import { notRepresentable } from '../errors.ts';
import { codec, type CodecMaker } from './codec.ts';
import { structuredDuration } from './structured-temporals.ts';
import { parseInterval } from './temporal-text.ts';

/** `interval`, by `interval.handling.mode`, or in its parts with `time.precision.mode=structured`. */

const DAYS_PER_MONTH = 365.25 / 12;

export const intervalCodec: CodecMaker = ({ modifier, settings }) => {
  if (settings.timeMode === 'structured') return structuredDuration(secondDigits(modifier));
  if (settings.intervalMode === 'string')
    return codec(
      schemas.string({ name: 'io.debezium.time.Interval', version: 1 }),
      isoInterval,
      'P0Y0M0DT0H0M0S',
    );
  return codec(
    schemas.int64({ name: 'io.debezium.time.MicroDuration', version: 1 }),
    microDuration,
    0,
  );
};

const FULL_PRECISION = 0xffff;

/** The modifier has the fields that are kept in its upper half. */
function secondDigits(modifier: number): number {
  const digits = modifier & FULL_PRECISION;
  return modifier < 0 || digits === FULL_PRECISION ? 6 : digits;
}

function microDuration(text: string): number | bigint {
  const parts = parseInterval(text);
  const days = (parts.years * 12 + parts.months) * DAYS_PER_MONTH + parts.days;
  const seconds = ((days * 24 + parts.hours) * 60 + parts.minutes) * 60;
  const micros = Math.trunc(seconds * 1e6 + parts.micros);
  if (Math.abs(micros) >= 2 ** 63)
    throw notRepresentable('interval', text, 'set interval.handling.mode=string');
  return int64(BigInt(micros));
}

function isoInterval(text: string): string {
  const { years, months, days, hours, minutes, micros } = parseInterval(text);
  const seconds = new Decimal(BigInt(micros), 6).toString().replace(/0+$/, '').replace(/\.$/, '');
  return `P${years}Y${months}M${days}DT${hours}H${minutes}M${seconds}S`;
}
