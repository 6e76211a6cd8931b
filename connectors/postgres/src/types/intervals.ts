import { Decimal, int64, schemas } from '@millrace/record';
import { notRepresentable } from '../errors.ts';
import { codec, type CodecMaker } from './codec.ts';
import { parseInterval } from './temporal-text.ts';

/** `interval`, by `interval.handling.mode`. */

const DAYS_PER_MONTH = 365.25 / 12;

export const intervalCodec: CodecMaker = ({ settings }) => {
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
