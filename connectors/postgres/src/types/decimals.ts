import { Decimal, logical, schemas } from '@millrace/record';
import { notRepresentable } from '../errors.ts';
import type { ValueSettings } from '../settings.ts';
import { codec, type CodecMaker, type ColumnCodec } from './codec.ts';

/** `numeric` and `money`, by `decimal.handling.mode`. */

export const numericCodec: CodecMaker = ({ modifier, settings }) => {
  if (settings.decimalMode === 'string')
    return codec(schemas.string(), (text) => SPECIAL_DECIMALS.get(text) ?? text, '0');
  if (settings.decimalMode === 'double') return codec(schemas.float64(), Number, 0);
  return modifier < 4 ? variableScaleDecimal(settings) : fixedDecimal(modifier, settings);
};

const SPECIAL_DECIMALS: ReadonlyMap<string, string> = new Map([
  ['NaN', 'NAN'],
  ['Infinity', 'POSITIVE_INFINITY'],
  ['-Infinity', 'NEGATIVE_INFINITY'],
]);

function fixedDecimal(modifier: number, settings: ValueSettings): ColumnCodec {
  const packed = modifier - 4;
  const precision = (packed >> 16) & 0xffff;
  const scale = ((packed & 0x7ff) ^ 1024) - 1024; // eleven bits, signed since PostgreSQL 15
  return codec(
    logical.decimal(scale, { parameters: { 'connect.decimal.precision': String(precision) } }),
    (text) => {
      const decimal = finite(text, settings);
      return decimal === null ? null : (decimal.withScale(scale) ?? decimalFails(text));
    },
    new Decimal(0n, scale),
    scale >= 0 ? { json: { kind: 'decimal', scale } } : {},
  );
}

const VARIABLE_SCALE_DECIMAL = schemas.struct(
  { scale: schemas.int32(), value: schemas.bytes() },
  { name: 'io.debezium.data.VariableScaleDecimal', version: 1, doc: 'Variable scaled decimal' },
);

function variableScaleDecimal(settings: ValueSettings): ColumnCodec {
  return codec(
    VARIABLE_SCALE_DECIMAL,
    (text) => {
      const decimal = finite(text, settings);
      if (decimal === null) return null;
      const stripped = Decimal.parse(
        text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text,
      );
      return { scale: stripped.scale, value: stripped.toBytes() };
    },
    { scale: 0, value: Buffer.from([0]) },
  );
}

function finite(text: string, settings: ValueSettings): Decimal | null {
  if (!SPECIAL_DECIMALS.has(text)) return Decimal.parse(text);
  if (settings.onUnrepresentable === 'null') return null;
  return decimalFails(text);
}

function decimalFails(text: string): never {
  throw notRepresentable(
    'numeric',
    text,
    'set decimal.handling.mode=string or double, or event.converting.failure.handling.mode=warn for null instead',
  );
}

export const moneyCodec: CodecMaker = ({ settings }) => {
  const scale = settings.moneyFractionDigits;
  const zero = new Decimal(0n, scale);
  const decimalOf = (text: string): Decimal => {
    // lc_monetary is C in our sessions: $1,234.56 and -$1,234.56
    const plain = Decimal.parse(text.replaceAll(/[^\d.-]/g, ''));
    return plain.withScale(scale) ?? roundHalfUp(plain, scale);
  };
  if (settings.decimalMode === 'string')
    return codec(schemas.string(), (text) => decimalOf(text).toString(), zero.toString());
  if (settings.decimalMode === 'double')
    return codec(schemas.float64(), (text) => Number(decimalOf(text).toString()), 0);
  return codec(logical.decimal(scale), decimalOf, zero);
};

function roundHalfUp(value: Decimal, scale: number): Decimal {
  const divisor = 10n ** BigInt(value.scale - scale);
  const half = divisor / 2n;
  const magnitude = value.unscaled < 0n ? -value.unscaled : value.unscaled;
  const rounded = (magnitude + half) / divisor;
  return new Decimal(value.unscaled < 0n ? -rounded : rounded, scale);
}
