import { acrossCopies } from '@millrace/foundation';
import { badDecimal } from './errors.ts';

/** Unscaled values of so many bytes are handled as numbers, which is much faster. */
const SMALL_BYTES = 6;
const SMALL_BOUND = 2n ** 47n;

/** An exact decimal number: `unscaled × 10^-scale`, as Java's BigDecimal. */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /**
   * Parses plain or scientific notation, and keeps the scale as written ("2.50" has scale 2).
   * @throws MillraceError `record.bad_decimal`
   */
  static parse(text: string): Decimal {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
    const whole = match?.[2] ?? '';
    const fraction = match?.[3] ?? '';
    if (match === null || whole.length + fraction.length === 0) {
      throw badDecimal(text);
    }
    const digits = BigInt(whole + fraction);
    return new Decimal(
      match[1] === '-' ? -digits : digits,
      fraction.length - Number(match[4] ?? 0),
    );
  }

  /** From big-endian two's complement, the wire form of Connect's Decimal. */
  static fromBytes(bytes: Uint8Array, scale: number): Decimal {
    if (bytes.length === 0) return new Decimal(0n, scale);
    if (bytes.length <= SMALL_BYTES) return new Decimal(BigInt(smallNumber(bytes)), scale);
    const magnitude = BigInt(
      `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`,
    );
    return new Decimal(BigInt.asIntN(bytes.length * 8, magnitude), scale);
  }

  /** Minimal big-endian two's complement of the unscaled value, as Java's BigInteger.toByteArray. */
  toBytes(): Buffer {
    if (this.unscaled > -SMALL_BOUND && this.unscaled < SMALL_BOUND)
      return smallBytes(Number(this.unscaled));
    let bytes = 1;
    while (BigInt.asIntN(bytes * 8, this.unscaled) !== this.unscaled) bytes++;
    const hex = BigInt.asUintN(bytes * 8, this.unscaled).toString(16);
    return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex');
  }

  /** The same number with another scale; `undefined` when digits would be lost. */
  withScale(scale: number): Decimal | undefined {
    if (scale === this.scale) return this;
    if (scale > this.scale)
      return new Decimal(this.unscaled * 10n ** BigInt(scale - this.scale), scale);
    const divisor = 10n ** BigInt(this.scale - scale);
    if (this.unscaled % divisor !== 0n) return undefined;
    return new Decimal(this.unscaled / divisor, scale);
  }

  /** Plain notation, never an exponent. */
  toString(): string {
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString();
    return (negative ? '-' : '') + placePoint(digits, this.scale);
  }
}

acrossCopies(Decimal, 'record/Decimal');

function smallNumber(bytes: Uint8Array): number {
  const first = bytes[0] ?? 0;
  let value = first > 0x7f ? first - 0x100 : first;
  for (let index = 1; index < bytes.length; index++) value = value * 0x100 + (bytes[index] ?? 0);
  return value;
}

function smallBytes(value: number): Buffer {
  let count = 1;
  for (let bound = 0x80; value >= bound || value < -bound; bound *= 0x100) count++;
  const bytes = Buffer.allocUnsafe(count);
  bytes.writeIntBE(value, 0, count);
  return bytes;
}

function placePoint(digits: string, scale: number): string {
  if (scale <= 0) return digits === '0' ? digits : digits + '0'.repeat(-scale);
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
