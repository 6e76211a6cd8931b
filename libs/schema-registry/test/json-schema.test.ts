import { describe, expect, test } from '@jest/globals';
import { jsonSchemaFormat, type ParsedSchema } from '../src/index.ts';

function parseText(text: string, resolved: Readonly<Record<string, string>> = {}): ParsedSchema {
  const schema = jsonSchemaFormat.parse(
    {
      text,
      references: [],
      resolved: Object.entries(resolved).map(([name, referred]) => ({ name, text: referred })),
    },
    true,
  );
  schema.check();
  return schema;
}

function parse(schema: unknown): ParsedSchema {
  return parseText(JSON.stringify(schema));
}

test('the canonical text keeps order and numbers; normalised, members are sorted', () => {
  const schema = parseText(
    '{ "type": "number",\n "maximum": 1.50, "default": 1e2, "const" : 12345678901234567890 }',
  );
  expect(schema.text).toBe(
    '{"type":"number","maximum":1.50,"default":1E+2,"const":12345678901234567890}',
  );
  expect(schema.normalized().text).toBe(
    '{"const":12345678901234567890,"default":1E+2,"maximum":1.50,"type":"number"}',
  );
});

test.each([
  ['no JSON', '{'],
  ['a number', '1'],
  ['an unknown type', '{"type":"text"}'],
  ['a $ref that leads nowhere', '{"$ref":"#/definitions/nobody"}'],
  ['a $ref to elsewhere', '{"$ref":"https://example.com/schema.json"}'],
  ['a pattern that is none', '{"pattern":"("}'],
  ['properties that are no object', '{"properties":[]}'],
  ['a length that is none', '{"maxLength":-1}'],
  ['a $ref to itself', '{"$ref":"#"}'],
  ['depth without end', '{"items":'.repeat(5000)],
])('a schema with %s is refused', (_what, text) => {
  const use = (): unknown => parseText(text).incompatibilities(parse({ type: 'string' }));
  expect(use).toThrow(/./);
});

test('references are found by name, by $id and by pointer', () => {
  const address =
    '{"$id":"https://example.com/address.json","definitions":{"zip":{"type":"string"}}}';
  const schema = (ref: string): unknown =>
    parseText(`{"properties":{"zip":{"$ref":"${ref}"}}}`, { 'address.json': address });
  for (const ref of [
    'address.json#/definitions/zip',
    './address.json',
    'https://example.com/address.json',
  ])
    expect(() => schema(ref)).not.toThrow();
  expect(() => schema('address.json#/definitions/street')).toThrow('could not resolve $ref');
});

describe('compatibility', () => {
  const check = (
    update: unknown,
    original: unknown,
    policy?: 'LENIENT',
  ): readonly (string | undefined)[] =>
    parse(update)
      .incompatibilities(parse(original), policy)
      .map((message) => /errorType:"(\w+)"/.exec(message)?.[1]);

  const open = { type: 'object', properties: { a: { type: 'string' } } };
  const closed = { ...open, additionalProperties: false };
  const more = { properties: { a: { type: 'string' }, b: { type: 'string' } } };

  test.each([
    [
      'a property more, open',
      { ...open, ...more },
      open,
      ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL'],
    ],
    ['a property more, closed', { ...closed, ...more }, closed, []],
    ['a property less, open', open, { ...open, ...more }, []],
    [
      'a property less, closed',
      closed,
      { ...closed, ...more },
      ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL'],
    ],
    ['required', { ...open, required: ['a'] }, open, ['REQUIRED_ATTRIBUTE_ADDED']],
    ['another type', { type: 'string' }, { type: 'integer' }, ['TYPE_CHANGED']],
    ['a type more', { type: ['string', 'integer'] }, { type: 'string' }, []],
    ['number to integer', { type: 'integer' }, { type: 'number' }, ['TYPE_NARROWED']],
    ['a value less', { enum: [1] }, { enum: [1, 2] }, ['ENUM_ARRAY_NARROWED']],
    ['a limit', { type: 'string', maxLength: 3 }, { type: 'string' }, ['MAX_LENGTH_ADDED']],
    ['anything', {}, { type: 'string' }, []],
  ])('%s', (_what, update, original, expected) => {
    expect(check(update, original)).toEqual(expected);
  });

  test('the lenient policy lets open objects have more properties', () => {
    expect(check({ ...open, ...more }, open, 'LENIENT')).toEqual([]);
  });

  test('schemas that contain themselves are compared to the end', () => {
    const tree = (type: string): unknown => ({
      type: 'object',
      additionalProperties: false,
      properties: { value: { type }, children: { type: 'array', items: { $ref: '#' } } },
    });
    expect(check(tree('number'), tree('integer'))).toEqual([]);
    expect(check(tree('string'), tree('integer')).length).toBeGreaterThan(0);
  });

  test('combined types that multiply are given up', () => {
    const parts = (from: number): unknown[] =>
      Array.from({ length: 600 }, (_, index) => ({ const: from + index }));
    const both = { oneOf: parts(0) };
    expect(() => check({ oneOf: parts(1000) }, both)).toThrow('too complex');
  });
});
