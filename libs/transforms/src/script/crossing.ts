import { Decimal } from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';

/**
 * How values cross into the sandbox and back: JSON, where `{"\u0001": [kind, payload]}` stands for what JSON lacks
 * (bigint, NaN and infinities, bytes, Date, Map). A Decimal crosses as its digits.
 */
const TAG = '\u0001';

/** Deeper values are refused on either side, before they exhaust a stack. */
const DEPTH_MAX = 200;

export interface PackedText {
  readonly text: string;
  /** Whether the other side has to look for tags. */
  readonly isTagged: boolean;
}

/** @throws MillraceError for what no record holds */
export function packText(value: unknown): PackedText {
  const packing = new Packing();
  const packed = packing.pack(value, 0);
  return { text: JSON.stringify(packed), isTagged: packing.isTagged };
}

class Packing {
  isTagged = false;

  /** The value itself where JSON can say it, a copy where something inside needs a tag. */
  pack(value: unknown, depth: number): unknown {
    if (depth > DEPTH_MAX) throw tooDeep();
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return value;
        return this.#tag('number', Object.is(value, -0) ? '-0' : String(value));
      case 'bigint':
        return this.#tag('bigint', String(value));
      case 'object':
        return value === null ? null : this.#packObject(value, depth);
      default:
        throw unsuitableRecord(`a ${typeof value} can't be given to a script`);
    }
  }

  #packObject(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#packArray(value, depth);
    if (value instanceof Decimal) return value.toString();
    if (value instanceof Date) return this.#tag('date', value.getTime());
    if (value instanceof Uint8Array)
      return this.#tag(
        'bytes',
        Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
      );
    if (value instanceof Map) {
      const entries = Array.from(value, ([key, item]: [unknown, unknown]) => [
        this.pack(key, depth + 1),
        this.pack(item, depth + 1),
      ]);
      return this.#tag('map', entries);
    }
    return this.#packMembers(value, depth);
  }

  #packArray(value: readonly unknown[], depth: number): readonly unknown[] {
    let copy: unknown[] | undefined;
    for (const [index, item] of value.entries()) {
      const packed = this.pack(item, depth + 1);
      if (packed === item) continue;
      copy ??= [...value];
      copy[index] = packed;
    }
    return copy ?? value;
  }

  #packMembers(value: object, depth: number): unknown {
    const entries = Object.entries(value);
    const packed = entries.map(([name, item]): [string, unknown] => [
      name,
      this.pack(item, depth + 1),
    ]);
    if (entries.some(([name]) => name === TAG || name === '__proto__'))
      return this.#tag('object', packed);
    return packed.every(([, item], index) => item === entries[index]?.[1])
      ? value
      : Object.fromEntries(packed);
  }

  #tag(kind: string, payload: unknown): unknown {
    this.isTagged = true;
    return { [TAG]: [kind, payload] };
  }
}

/** What `JSON.parse` made of packed text, with the tags replaced; also of what a hostile script made up. */
export function unpack(value: unknown, depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (depth > DEPTH_MAX) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => unpack(item, depth + 1));
  const tagged: unknown = Object.hasOwn(value, TAG) ? Object.values(value)[0] : undefined;
  if (tagged === undefined)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, unpack(item, depth + 1)]),
    );
  const [kind, payload] = listOf(tagged);
  switch (kind) {
    case 'bigint':
      return BigInt(String(payload));
    case 'number':
      return Number(payload);
    case 'bytes':
      return Buffer.from(String(payload), 'base64');
    case 'date':
      return new Date(Number(payload));
    case 'map':
      return new Map(entriesOf(payload, depth));
    case 'object':
      return Object.fromEntries(
        entriesOf(payload, depth).map(([name, item]) => [String(name), item]),
      );
    default:
      throw unsuitableRecord('the script returned a value of an unknown kind');
  }
}

function entriesOf(payload: unknown, depth: number): readonly (readonly [unknown, unknown])[] {
  if (!Array.isArray(payload)) throw unsuitableRecord('the script returned a broken map');
  return payload.map((entry: unknown) => {
    const [key, item] = listOf(entry);
    return [unpack(key, depth + 1), unpack(item, depth + 1)] as const;
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function tooDeep(): Error {
  return unsuitableRecord(`values of a script may not be nested deeper than ${DEPTH_MAX} levels`);
}
