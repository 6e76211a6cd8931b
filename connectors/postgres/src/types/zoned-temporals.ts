import { schemas } from '@millrace/record';
import { codec, type CodecMaker } from './codec.ts';
import { isInfinite } from './infinity.ts';
import { structuredZonedTime, structuredZonedTimestamp } from './structured-temporals.ts';
import { isoTime, parseTime } from './temporal-text.ts';
import { fractionDigits, isoTimestamp } from './temporals.ts';

/** Times with a zone: texts in UTC, unless the mode is `structured`. */

export const timestamptzCodec: CodecMaker = ({ modifier, settings }) => {
  const digits = fractionDigits(modifier);
  if (settings.timeMode === 'structured') return structuredZonedTimestamp(digits);
  return codec(
    schemas.string({ name: 'io.debezium.time.ZonedTimestamp', version: 1 }),
    (text) => (isInfinite(text) ? text : isoTimestamp(text, digits)),
    '1970-01-01T00:00:00Z',
    {
      json: { kind: 'zoned-timestamp', fractionDigits: digits },
      placeholder: settings.placeholderText,
    },
  );
};

export const timetzCodec: CodecMaker = ({ modifier, settings }) => {
  if (settings.timeMode === 'structured') return structuredZonedTime(fractionDigits(modifier));
  return codec(
    schemas.string({ name: 'io.debezium.time.ZonedTime', version: 1 }),
    (text) => {
      const { secondOfDay, micros, zoneSeconds } = parseTime(text); // 24:00 in UTC is 00:00: no other text of it is ISO
      const moved = (((secondOfDay - zoneSeconds) % 86_400) + 86_400) % 86_400;
      return `${isoTime(moved, micros)}Z`;
    },
    '00:00:00Z',
  );
};
