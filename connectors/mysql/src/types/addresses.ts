import { schemas } from '@millrace/record';
import { WIRE } from '../binlog/events/wire-types.ts';
import type { ColumnCodec } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import type { ValueSettings } from './value-settings.ts';
import { mustBe } from './wire-check.ts';

/** MariaDB's uuid, inet4 and inet6: texts, which the binlog holds as bytes without the zeros at their end. */
export function addressCodec(column: ColumnDefinition, settings: ValueSettings): ColumnCodec {
  const width = column.type === 'inet4' ? 4 : 16;
  const print = PRINTERS[column.type] ?? inet6Text;
  return {
    schema:
      column.type === 'uuid'
        ? schemas.string({ name: 'io.debezium.data.Uuid', version: 1 })
        : schemas.string(),
    zero: '',
    placeholder: settings.placeholderText,
    text: { read: (bytes, start, end) => bytes.toString('latin1', start, end), json: null },
    onWire: (wire) => {
      mustBe(column, wire, WIRE.string);
      return {
        read: (bytes, start, end) => {
          const whole = Buffer.alloc(width);
          bytes.copy(whole, 0, start, Math.min(end, start + width));
          return print(whole);
        },
        json: null,
      };
    },
  };
}

const PRINTERS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  uuid: uuidText,
  inet4: (bytes) => bytes.join('.'),
};

/** Those with a time in them (versions 1 to 5 of the usual variant) are stored with their last part first. */
function uuidText(bytes: Buffer): string {
  const isSwapped = isStoredSwapped(bytes);
  const text = isSwapped
    ? [
        bytes.subarray(12, 16),
        bytes.subarray(10, 12),
        bytes.subarray(8, 10),
        bytes.subarray(6, 8),
        bytes.subarray(0, 6),
      ]
    : [
        bytes.subarray(0, 4),
        bytes.subarray(4, 6),
        bytes.subarray(6, 8),
        bytes.subarray(8, 10),
        bytes.subarray(10, 16),
      ];
  return text.map((part) => part.toString('hex')).join('-');
}

function isStoredSwapped(bytes: Buffer): boolean {
  const variantByte = bytes[6] ?? 0;
  const versionByte = bytes[8] ?? 0;
  return (variantByte & 0x80) !== 0 && versionByte > 0 && versionByte < 0x60;
}

/** The longest run of zero groups, of two at least, is `::`; the last four bytes of mapped and compatible addresses are as of IPv4. */
function inet6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  let gapStart = -1;
  let gapLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > gapLength) {
      gapStart = start;
      gapLength = length;
    }
  }
  const isMapped = gapStart === 0 && (gapLength === 6 || (gapLength === 5 && groups[5] === 0xffff));
  const parts = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  const stop = isMapped ? 6 : 8;
  let text =
    gapStart < 0 ? parts(0, stop) : `${parts(0, gapStart)}::${parts(gapStart + gapLength, stop)}`;
  if (isMapped) text += `${text.endsWith(':') ? '' : ':'}${bytes.subarray(12).join('.')}`;
  return text;
}
