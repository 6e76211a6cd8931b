import { Decimal, type Schema } from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';

/** `hashCode()` of the object that Kafka Connect holds for the value. */
export function javaHash(schema: Schema, value: unknown): number {
  switch (typeof value) {
    case 'string':
      return textHash(value);
    case 'boolean':
      return value ? 1231 : 1237;
    case 'bigint':
      return longHash(value);
    case 'number':
      return numberHash(schema, value);
    default:
      throw notHashed(schema, value);
  }
}

function notHashed(schema: Schema, value: unknown): Error {
  const kind = value instanceof Decimal ? 'Decimal' : (schema.name ?? schema.type);
  return unsuitableRecord(
    `a field of type ${kind} can't decide on a partition: take numbers, texts or booleans`,
  );
}

function textHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

function longHash(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (BigInt.asUintN(64, value) >> 32n)));
}

function numberHash(schema: Schema, value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  switch (schema.type) {
    case 'int64':
      return longHash(BigInt(value));
    case 'float64':
      view.setFloat64(0, value);
      return view.getInt32(0) ^ view.getInt32(4);
    case 'float32':
      view.setFloat32(0, value);
      return view.getInt32(0);
    default:
      return value | 0;
  }
}

const SEED = 9001n;
const word = (value: bigint): bigint => BigInt.asUintN(64, value);

/** MurmurHash3's variant for x64 that Debezium has from Infinispan: the high half of 64 bits. */
export function murmurHash(schema: Schema, value: unknown): number {
  const bytes = typeof value === 'string' ? Buffer.from(value) : intBytes(javaHash(schema, value));
  return Number(BigInt.asIntN(32, murmur(bytes) >> 32n));
}

function intBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function murmur(bytes: Buffer): bigint {
  const state = new MurmurState();
  const whole = bytes.length - (bytes.length % 16);
  for (let at = 0; at < whole; at += 16)
    state.mix(bytes.readBigUInt64LE(at), bytes.readBigUInt64LE(at + 8));
  if (whole < bytes.length) state.mix(tail(bytes, whole), tail(bytes, whole + 8));
  return state.finish(bytes.length);
}

/** Up to eight bytes; each is signed, so that one above 0x7f turns all bits above it. */
function tail(bytes: Buffer, from: number): bigint {
  let block = 0n;
  for (let index = Math.min(bytes.length - from, 8) - 1; index >= 0; index--)
    block ^= word(BigInt(bytes.readInt8(from + index)) << BigInt(8 * index));
  return block;
}

class MurmurState {
  #h1 = 0x9368e53c2f6af274n ^ SEED;
  #h2 = 0x586dcd208f7cd3fdn ^ SEED;
  #c1 = 0x87c37b91114253d5n;
  #c2 = 0x4cf5ad432745937fn;

  mix(k1: bigint, k2: bigint): void {
    const first = word(rotated(word(k1 * this.#c1), 23n) * this.#c2);
    this.#h1 = word((this.#h1 ^ first) + this.#h2);
    this.#h2 = rotated(this.#h2, 41n);
    const second = word(rotated(word(k2 * this.#c2), 23n) * this.#c1);
    this.#h2 = word((this.#h2 ^ second) + this.#h1);
    this.#h1 = word(this.#h1 * 3n + 0x52dce729n);
    this.#h2 = word(this.#h2 * 3n + 0x38495ab5n);
    this.#c1 = word(this.#c1 * 5n + 0x7b7d159cn);
    this.#c2 = word(this.#c2 * 5n + 0x6bce6396n);
  }

  finish(length: number): bigint {
    const h2 = this.#h2 ^ BigInt(length);
    const h1 = word(this.#h1 + h2);
    const left = finished(h1);
    const right = finished(word(h2 + h1));
    return word(left + right);
  }
}

function rotated(value: bigint, bits: bigint): bigint {
  return word((value << bits) | (value >> (64n - bits)));
}

function finished(value: bigint): bigint {
  const once = word((value ^ (value >> 33n)) * 0xff51afd7ed558ccdn);
  const twice = word((once ^ (once >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return twice ^ (twice >> 33n);
}
