/**
 * What runs inside the sandbox before the user's script. `$open(transform)` makes the function that the host calls for
 * each record; all that crosses is text: JSON, in which `{"\u0001": [kind, payload]}` stands for what JSON lacks
 * (see `crossing.ts`).
 *
 * Key, value and headers are parsed when the script first touches them. What it never touched, or left as it was, does
 * not travel back, so that the host keeps its own and nothing changes on the way (INV-8).
 */
export const GUEST_PRELUDE = String.raw`
'use strict';
globalThis.$open = (() => {
  const TAG = '\u0001';
  const { parse, stringify } = JSON;
  const { isArray, from: arrayFrom } = Array;
  const keysOf = Object.keys;
  const { apply } = Reflect;
  const { toString } = Object.prototype;
  const BUILT_IN = ['Set', 'WeakMap', 'WeakSet', 'WeakRef', 'RegExp', 'Error', 'String', 'Number', 'Boolean', 'BigInt', 'Symbol', 'Int8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView', 'SharedArrayBuffer', 'Generator', 'Arguments'];
  const FIELDS = ['topic', 'partition', 'key', 'value', 'timestamp', 'headers', 'offset'];

  const fromBase64 = (text) => {
    const codes = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const clean = text.replace(/=+$/, '');
    const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4));
    let at = 0;
    for (let index = 0, bits = 0, held = 0; index < clean.length; index++) {
      held = ((held << 6) | codes.indexOf(clean[index])) & 0xffffff;
      bits += 6;
      if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 0xff;
    }
    return bytes;
  };
  const toBase64 = (bytes) => {
    const codes = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    let text = '';
    for (let index = 0; index < bytes.length; index += 3) {
      const three = (bytes[index] << 16) | ((bytes[index + 1] || 0) << 8) | (bytes[index + 2] || 0);
      text += codes[(three >> 18) & 63] + codes[(three >> 12) & 63];
      text += index + 1 < bytes.length ? codes[(three >> 6) & 63] : '=';
      text += index + 2 < bytes.length ? codes[three & 63] : '=';
    }
    return text;
  };

  const revive = (value) => {
    if (value === null || typeof value !== 'object') return value;
    if (isArray(value)) return value.map(revive);
    const tagged = value[TAG];
    if (tagged === undefined) {
      for (const key of keysOf(value)) value[key] = revive(value[key]);
      return value;
    }
    const [kind, payload] = tagged;
    switch (kind) {
      case 'bigint': return BigInt(payload);
      case 'number': return Number(payload);
      case 'bytes': return fromBase64(payload);
      case 'date': return new Date(payload);
      case 'map': return new Map(payload.map(([key, item]) => [revive(key), revive(item)]));
      case 'object': {
        const object = {};
        for (const [key, item] of payload)
          Object.defineProperty(object, key, { value: revive(item), writable: true, enumerable: true, configurable: true });
        return object;
      }
      default: throw new TypeError('unknown kind ' + kind);
    }
  };

  const tag = (kind, payload) => ({ [TAG]: [kind, payload] });
  /** A copy only where something needs another form. */
  const pack = (value, path) => {
    switch (typeof value) {
      case 'string':
      case 'boolean': return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : tag('number', Object.is(value, -0) ? '-0' : String(value));
      case 'bigint': return tag('bigint', String(value));
      case 'object': break;
      default: throw new TypeError(path + ' is a ' + typeof value + ', which a record cannot hold');
    }
    if (value === null) return null;
    if (isArray(value)) {
      let copy;
      for (let index = 0; index < value.length; index++) {
        const item = value[index] === undefined ? null : value[index];
        const packed = pack(item, path + '[' + index + ']');
        if (packed !== value[index]) (copy ??= value.slice())[index] = packed;
      }
      return copy ?? value;
    }
    if (value instanceof Date) {
      const ms = value.getTime();
      if (ms !== ms) throw new TypeError(path + ' is an invalid Date');
      return tag('date', ms);
    }
    if (value instanceof Uint8Array) return tag('bytes', toBase64(value));
    if (value instanceof ArrayBuffer) return tag('bytes', toBase64(new Uint8Array(value)));
    if (value instanceof Map)
      return tag('map', arrayFrom(value, ([key, item]) => [pack(key, path), pack(item, path + '.' + String(key))]));
    if (typeof value.then === 'function') throw new TypeError(path + ' is a Promise: a script can not wait');
    // A Set, a RegExp or an Error has nothing of its own to list, and would become an empty object.
    const kind = apply(toString, value, []).slice(8, -1);
    if (BUILT_IN.includes(kind)) throw new TypeError(path + ' is a ' + kind + ', which a record cannot hold');
    const names = keysOf(value);
    if (names.includes(TAG) || names.includes('__proto__'))
      return tag('object', names.map((name) => [name, pack(value[name], path + '.' + name)]));
    let copy;
    for (const name of names) {
      const item = value[name];
      const packed = item === undefined ? undefined : pack(item, path + '.' + name);
      if (packed !== item) (copy ??= { ...value })[name] = packed;
    }
    // What has a toJSON of its own is data here.
    if (typeof value.toJSON === 'function') throw new TypeError(path + '.toJSON is a function, which a record cannot hold');
    return copy ?? value;
  };

  /** A record whose parts are parsed when they are first touched. */
  class Record {
    #texts; #parts = {};
    constructor(topic, partition, timestamp, offset, texts) {
      this.topic = topic;
      this.partition = partition;
      this.timestamp = timestamp;
      if (offset !== undefined) this.offset = offset;
      this.#texts = texts;
    }
    static {
      for (const name of ['key', 'value', 'headers'])
        Object.defineProperty(this.prototype, name, {
          enumerable: true,
          get() {
            if (!(name in this.#parts)) {
              const [text, isTagged] = this.#texts[name];
              this.#parts[name] = isTagged ? revive(parse(text)) : parse(text);
            }
            return this.#parts[name];
          },
          set(value) { this.#parts[name] = value; },
        });
    }
    /** Undefined when the part is as it came. */
    static changed(record, name, texts) {
      if (record instanceof Record && #parts in record && !(name in record.#parts)) return undefined;
      const value = record[name];
      const text = stringify(pack(value === undefined ? null : value, 'record.' + name));
      return text === texts[name][0] ? undefined : text;
    }
  }
  /** So that a spread copies key, value and headers too: getters of a prototype are not own properties. */
  const own = (record) => {
    for (const name of ['key', 'value', 'headers'])
      Object.defineProperty(record, name, Object.getOwnPropertyDescriptor(Record.prototype, name));
    return record;
  };

  const out = (given, position, texts) => {
    const what = position === undefined ? 'what the script returned' : 'item ' + position + ' of what the script returned';
    if (given === null || typeof given !== 'object' || isArray(given))
      throw new TypeError(what + ' is no record: return the record, a list of records, or null to drop it');
    if (typeof given.then === 'function') throw new TypeError(what + ' is a Promise: a script can not wait');
    for (const name of keysOf(given))
      if (!FIELDS.includes(name)) throw new TypeError(what + ' has an unknown member "' + name + '"; a record has ' + FIELDS.join(', '));
    const { topic, partition, timestamp } = given;
    if (typeof topic !== 'string' || topic === '') throw new TypeError('record.topic of ' + what + ' must be a text');
    if (partition !== null && partition !== undefined && !(Number.isInteger(partition) && partition >= 0))
      throw new TypeError('record.partition of ' + what + ' must be a whole number or null');
    if (timestamp !== null && timestamp !== undefined && !Number.isSafeInteger(timestamp))
      throw new TypeError('record.timestamp of ' + what + ' must be whole milliseconds or null');
    let text = '{"topic":' + stringify(topic) + ',"partition":' + stringify(partition ?? null) + ',"timestamp":' + stringify(timestamp ?? null);
    for (const name of ['key', 'value', 'headers']) {
      const part = Record.changed(given, name, texts);
      if (part !== undefined) text += ',"' + name + '":' + part;
    }
    return text + '}';
  };

  return (transform, maxRecords) => {
    if (typeof transform !== 'function') throw new TypeError('the script is no function');
    return (topic, partition, timestamp, offset, key, keyTagged, value, valueTagged, headers, headersTagged) => {
      const texts = { key: [key, keyTagged], value: [value, valueTagged], headers: [headers, headersTagged] };
      const given = transform(own(new Record(topic, partition, timestamp, offset, texts)));
      if (given === null) return '[]';
      if (given === undefined)
        throw new TypeError('the script returned nothing: return the record, a list of records, or null to drop it');
      if (!isArray(given)) return '[' + out(given, undefined, texts) + ']';
      if (given.length > maxRecords) throw new RangeError('the script returned ' + given.length + ' records; script.records.max allows ' + maxRecords);
      return '[' + given.map((each, index) => out(each, index, texts)).join(',') + ']';
    };
  };
})();
`;
