import { expect, test } from '@jest/globals';
import type { Converter } from '@millrace/connector-api';
import { schemas, valuesEqual, type SchemaAndValue } from '@millrace/record';
import fc from 'fast-check';
import { jsonConverter } from '../src/json-converter.ts';
import { samples } from './arbitrary-values.ts';

const TOPIC = 'orders';
const make = (): Converter => jsonConverter.create({}, 'value');

/** What a converter says that has not seen the message's start before, or why it refuses. */
function outcome(converter: Converter, message: string | Uint8Array): SchemaAndValue | string {
  try {
    return converter.toConnect(TOPIC, Buffer.from(message));
  } catch (error) {
    return String(error);
  }
}

function same(left: SchemaAndValue | string, right: SchemaAndValue | string): boolean {
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  return valuesEqual(left.schema, right.schema) && valuesEqual(left.value, right.value);
}

/** The same JSON with white space wherever it may stand. */
function spaced(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token) => ` ${token}\n\t`);
}

/** The first struct of the payload with its fields in another order. */
function reversed(json: string): string {
  const { schema, payload } = JSON.parse(json) as { schema: unknown; payload: unknown };
  const isStruct = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  const turned = isStruct ? Object.fromEntries(Object.entries(payload).reverse()) : payload;
  return JSON.stringify({ schema, payload: turned });
}

test('a message that begins as one before did is read as if it were the first', () => {
  fc.assert(
    fc.property(samples, fc.nat(), ({ schema, value }, place) => {
      const written = make().fromConnect(TOPIC, schema, value);
      if (written === null) return;
      const json = Buffer.from(written).toString();
      const flipped = Buffer.from(written);
      flipped[place % flipped.length] = place % 128;
      for (const message of [
        written,
        spaced(json),
        reversed(json),
        json.slice(0, place % json.length),
        flipped,
      ]) {
        const seasoned = make();
        for (const before of [written, spaced(json), message]) outcome(seasoned, before);
        expect(same(outcome(seasoned, message), outcome(make(), message))).toBe(true);
      }
    }),
  );
});

const row = schemas.struct(
  {
    id: schemas.int64(),
    note: schemas.string({ optional: true }),
    inner: schemas.struct({ a: schemas.float64() }, { optional: true }),
  },
  { name: 'row' },
);

test('fields may be missing, doubled, unknown or in another order, and numbers too large are exact', () => {
  const start = Buffer.from(make().fromConnect(TOPIC, row, { id: 1 }) ?? '')
    .toString()
    .replace(/"payload":.*/, '"payload":');
  for (const payload of [
    '{"id":9007199254740993,"note":"a\\u0041\\"","inner":{"a":1.5e3}}',
    '{"inner":{"a":0},"note":null,"id":-007}',
    '{"id":1}',
    '{"id":1,"id":2,"note":"x","inner":null}',
    '{"id":1,"note":"x","inner":null,"other":[{"__proto__":1}]}',
    '{"id":1.5,"note":"x","inner":null}',
    '{"id":1,"note":"x","inner":{"a":1e400}}',
    '{"id":1,"note":"line\nbreak","inner":null}',
    '{"id":1,"note":"half \\ud800","inner":null}',
    '{"id":,"note":null,"inner":null}',
    'null',
  ]) {
    const seasoned = make();
    outcome(seasoned, `${start}{"id":1,"note":"x","inner":null}}`);
    const message = `${start}${payload}}`;
    expect(same(outcome(seasoned, message), outcome(make(), message))).toBe(true);
  }
});

test('many schemas in one topic are told apart, also beyond those that are remembered', () => {
  const converter = make();
  const versions = Array.from({ length: 40 }, (_, index) =>
    schemas.struct({ [`field${index}`]: schemas.int32() }, { name: 'row', version: index + 1 }),
  );
  for (const round of [1, 2])
    for (const [index, schema] of versions.entries()) {
      const value = { [`field${index}`]: round };
      const read = converter.toConnect(TOPIC, make().fromConnect(TOPIC, schema, value));
      expect(read).toEqual({ schema, value });
    }
});

test('without a schema in its envelope, a value is what its JSON says', () => {
  const converter = make();
  for (const id of ['1', '2', '9007199254740993']) {
    const message = `{"schema":null,"payload":{"id":${id},"at":0.25}}`;
    const { value } = converter.toConnect(TOPIC, Buffer.from(message));
    expect(value).toEqual({ id: id.length > 1 ? BigInt(id) : Number(id), at: 0.25 });
  }
});
