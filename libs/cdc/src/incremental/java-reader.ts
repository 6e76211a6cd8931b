import { keyTypeOfClass, type KeyValue, type KeyValues } from './java-values.ts';

interface ClassDescription {
  readonly name: string;
  readonly flags: number;
  readonly fields: readonly { readonly type: string; readonly name: string }[];
  readonly parent: ClassDescription | null;
}

interface JavaObject {
  readonly className: string;
  readonly fields: ReadonlyMap<string, unknown>;
}

const STREAM_HEADER = 0xaced0005;
const NULL = 0x70;
const REFERENCE = 0x71;
const CLASS = 0x72;
const OBJECT = 0x73;
const STRING = 0x74;
const ARRAY = 0x75;
const BLOCK = 0x77;
const END_OF_BLOCK = 0x78;
const LONG_BLOCK = 0x7a;
const LONG_STRING = 0x7c;
const FIRST_HANDLE = 0x7e0000;
const HAS_WRITE_METHOD = 1;
const IS_EXTERNALIZABLE = 4;
const DEPTH_MAX = 32;

/**
 * Reads `Object[]` as Java serialises it: how Debezium keeps keys in offsets. Only as much of the format as keys need,
 * but nothing is executed or looked up, so any text may be given.
 * @throws RangeError when it is something else; null when it is Java's null
 */
export function readKeyValues(hex: string): KeyValues | null {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw new RangeError('it is not hexadecimal');
  const reader = new JavaReader(Buffer.from(hex, 'hex'));
  const value = reader.content();
  if (value === null) return null;
  if (!Array.isArray(value)) throw new RangeError('it is not an array');
  return value.map(keyValueOf);
}

function keyValueOf(value: unknown): KeyValue | null {
  if (value === null) return null;
  if (typeof value === 'string') return { type: 'string', text: value };
  if (value instanceof Uint8Array)
    return { type: 'bytes', text: Buffer.from(value).toString('hex') };
  if (!isJavaObject(value)) return { type: 'other', text: '' };
  const type = keyTypeOfClass(value.className) ?? 'other';
  switch (type) {
    case 'decimal':
      return { type, text: decimalText(value) };
    case 'integer':
      return { type, text: String(bigIntegerOf(value)) };
    case 'uuid':
      return { type, text: uuidText(value) };
    case 'other':
      return { type, text: '' };
    default:
      return { type, text: String(value.fields.get('value')) };
  }
}

function isJavaObject(value: unknown): value is JavaObject {
  return typeof value === 'object' && value !== null && 'className' in value && 'fields' in value;
}

/** More than any database allows. */
const SCALE_MAX = 100_000;

function integralOf(value: JavaObject, name: string): bigint {
  const field = value.fields.get(name);
  if (typeof field === 'bigint') return field;
  if (typeof field === 'number') return BigInt(field);
  throw new RangeError(`a ${value.className} without "${name}"`);
}

function bigIntegerOf(value: JavaObject): bigint {
  const magnitude = value.fields.get('magnitude');
  if (!(magnitude instanceof Uint8Array)) throw new RangeError('an integer without its magnitude');
  const hex = Buffer.from(magnitude).toString('hex');
  const absolute = hex === '' ? 0n : BigInt(`0x${hex}`);
  return integralOf(value, 'signum') < 0n ? -absolute : absolute;
}

function decimalText(value: JavaObject): string {
  const unscaled = value.fields.get('intVal');
  const scale = Number(integralOf(value, 'scale'));
  if (Math.abs(scale) > SCALE_MAX) throw new RangeError('a decimal of impossible scale');
  if (!isJavaObject(unscaled)) throw new RangeError('a decimal without its digits');
  const integer = bigIntegerOf(unscaled);
  if (scale <= 0) return String(integer * 10n ** BigInt(-scale));
  const sign = integer < 0n ? '-' : '';
  const digits = String(integer < 0n ? -integer : integer).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function uuidText(value: JavaObject): string {
  const half = (name: string): string =>
    BigInt.asUintN(64, integralOf(value, name)).toString(16).padStart(16, '0');
  return (half('mostSigBits') + half('leastSigBits')).replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
}

class JavaReader {
  readonly #bytes: Buffer;
  #at = 4;
  readonly #handles: unknown[] = [];
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    if (bytes.length < 5 || bytes.readUInt32BE(0) !== STREAM_HEADER)
      throw new RangeError('it is no stream of serialised objects');
  }

  /** One value; block data is passed over and gives undefined. */
  content(): unknown {
    if (++this.#depth > DEPTH_MAX) throw new RangeError('it is nested too deeply');
    try {
      return this.#contentOf(this.#byte());
    } finally {
      this.#depth--;
    }
  }

  #contentOf(tag: number): unknown {
    switch (tag) {
      case NULL:
        return null;
      case REFERENCE:
        return this.#reference();
      case OBJECT:
        return this.#object();
      case STRING:
        return this.#keep(this.#text(this.#short()));
      case LONG_STRING:
        return this.#keep(this.#text(Number(this.#long())));
      case ARRAY:
        return this.#array();
      case BLOCK:
        this.#skip(this.#byte());
        return undefined;
      case LONG_BLOCK:
        this.#skip(this.#int());
        return undefined;
      default:
        throw new RangeError(`unexpected tag ${tag} at byte ${this.#at - 1}`);
    }
  }

  #keep<T>(value: T): T {
    this.#handles.push(value);
    return value;
  }

  #reference(): unknown {
    const handle = this.#int() - FIRST_HANDLE;
    if (handle < 0 || handle >= this.#handles.length)
      throw new RangeError('a reference to nothing');
    return this.#handles[handle];
  }

  #classDescription(): ClassDescription | null {
    const tag = this.#byte();
    if (tag === NULL) return null;
    if (tag === REFERENCE) {
      const known = this.#reference();
      if (!isClassDescription(known)) throw new RangeError('a reference to what is no class');
      return known;
    }
    if (tag !== CLASS) throw new RangeError(`unexpected tag ${tag} in place of a class`);
    const name = this.#text(this.#short());
    this.#skip(8);
    const fields: { type: string; name: string }[] = [];
    const description = { name, flags: 0, fields, parent: null as ClassDescription | null };
    this.#handles.push(description);
    description.flags = this.#byte();
    const count = this.#short();
    for (let index = 0; index < count; index++) {
      const type = String.fromCharCode(this.#byte());
      const field = this.#text(this.#short());
      if (type === 'L' || type === '[') this.content();
      fields.push({ type, name: field });
    }
    this.#annotation();
    description.parent = this.#classDescription();
    return description;
  }

  #annotation(): void {
    while (this.#bytes[this.#at] !== END_OF_BLOCK) this.content();
    this.#at++;
  }

  #object(): JavaObject {
    const description = this.#classDescription();
    if (description === null) throw new RangeError('an object without a class');
    const fields = new Map<string, unknown>();
    const object = this.#keep({ className: description.name, fields });
    const lineage: ClassDescription[] = [];
    for (
      let one: ClassDescription | null = description;
      one !== null && lineage.length < DEPTH_MAX;
      one = one.parent
    )
      lineage.unshift(one);
    for (const one of lineage) {
      if ((one.flags & IS_EXTERNALIZABLE) !== 0) {
        this.#annotation();
        continue;
      }
      for (const field of one.fields) fields.set(field.name, this.#field(field.type));
      if ((one.flags & HAS_WRITE_METHOD) !== 0) this.#annotation();
    }
    return object;
  }

  #array(): unknown {
    const description = this.#classDescription();
    const elementType = description?.name.charAt(1) ?? '';
    if (elementType === 'B') {
      const handle = this.#handles.push(null) - 1;
      const bytes = this.#take(this.#int());
      this.#handles[handle] = bytes;
      return bytes;
    }
    const elements = this.#keep<unknown[]>([]);
    const count = this.#int();
    if (count < 0 || count > this.#bytes.length)
      throw new RangeError('an array of impossible size');
    for (let index = 0; index < count; index++) elements.push(this.#field(elementType));
    return elements;
  }

  #field(type: string): unknown {
    switch (type) {
      case 'B':
        return (this.#byte() << 24) >> 24;
      case 'C':
        return String.fromCharCode(this.#short());
      case 'D':
        return this.#take(8).readDoubleBE(0);
      case 'F':
        return this.#take(4).readFloatBE(0);
      case 'I':
        return this.#int();
      case 'J':
        return this.#long();
      case 'S':
        return (this.#short() << 16) >> 16;
      case 'Z':
        return this.#byte() !== 0;
      case 'L':
      case '[':
        return this.content();
      default:
        throw new RangeError(`unknown type of field "${type}"`);
    }
  }

  #byte(): number {
    return this.#take(1).readUInt8(0);
  }

  #short(): number {
    return this.#take(2).readUInt16BE(0);
  }

  #int(): number {
    return this.#take(4).readInt32BE(0);
  }

  #long(): bigint {
    return this.#take(8).readBigInt64BE(0);
  }

  #skip(count: number): void {
    this.#take(count);
  }

  #take(count: number): Buffer {
    if (count < 0 || this.#at + count > this.#bytes.length) throw new RangeError('it is cut off');
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  /** Java's modified UTF-8: surrogates stand alone, and U+0000 takes two bytes. */
  #text(byteCount: number): string {
    const bytes = this.#take(byteCount);
    const units: number[] = [];
    for (let index = 0; index < bytes.length;) {
      const first = bytes.readUInt8(index);
      const follower = (distance: number): number => (bytes[index + distance] ?? 0) & 0x3f;
      if (first < 0x80) {
        units.push(first);
        index += 1;
      } else if (first < 0xe0) {
        units.push(((first & 0x1f) << 6) | follower(1));
        index += 2;
      } else {
        units.push(((first & 0x0f) << 12) | (follower(1) << 6) | follower(2));
        index += 3;
      }
    }
    return units.map((unit) => String.fromCharCode(unit)).join('');
  }
}

function isClassDescription(value: unknown): value is ClassDescription {
  return typeof value === 'object' && value !== null && 'flags' in value && 'parent' in value;
}
