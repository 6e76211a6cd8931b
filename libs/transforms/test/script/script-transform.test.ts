import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ComponentConfig, Transform } from '@millrace/connector-api';
import { Decimal, logical, schemas, type ConnectRecord, type SourceRecord } from '@millrace/record';
import { scriptTransform } from '../../src/index.ts';

const opened: Transform[] = [];

afterEach(() => {
  for (const transform of opened.splice(0)) transform.close?.();
});

async function script(source: string, config: ComponentConfig = {}): Promise<Transform> {
  const given = { script: source, ...config };
  const transform = await scriptTransform.create(given);
  opened.push(transform);
  return transform;
}

function record(over: Partial<ConnectRecord> = {}): ConnectRecord {
  return {
    topic: 'orders',
    partition: null,
    keySchema: null,
    key: 'k',
    valueSchema: null,
    value: { id: 1, name: 'ann' },
    timestampMs: 1000,
    headers: [],
    ...over,
  };
}

function all(transform: Transform, given: ConnectRecord): readonly ConnectRecord[] {
  return transform.split?.(given) ?? [];
}

function one(transform: Transform, given: ConnectRecord): ConnectRecord {
  const [first, second] = all(transform, given);
  expect(second).toBeUndefined();
  if (first === undefined) throw new Error('the record was dropped');
  return first;
}

describe('what a script can do', () => {
  test('map: change value, key, topic, timestamp, partition and headers', async () => {
    const transform = await script(`(record) => {
      record.value.name = record.value.name.toUpperCase();
      record.key = record.key + record.value.id;
      record.topic = 'big-' + record.topic;
      record.timestamp += 1;
      record.partition = 3;
      record.headers.push({ key: 'seen', value: true });
      return record;
    }`);
    expect(one(transform, record())).toEqual(
      record({
        topic: 'big-orders',
        partition: 3,
        key: 'k1',
        value: { id: 1, name: 'ANN' },
        timestampMs: 1001,
        headers: [{ key: 'seen', schema: null, value: true }],
      }),
    );
  });

  test('drop: null', async () => {
    const transform = await script('(record) => record.value.id > 1 ? record : null');
    expect(all(transform, record())).toEqual([]);
    expect(all(transform, record({ value: { id: 2 } }))).toHaveLength(1);
  });

  test('split: a list of records, also by spreading the one', async () => {
    const transform = await script(
      '(record) => record.value.items.map((item, index) => ({ ...record, value: item, topic: record.topic + index }))',
    );
    const made = all(transform, record({ value: { items: ['a', 'b', 'c'] } }));
    expect(made.map(({ topic, value, key }) => [topic, value, key])).toEqual([
      ['orders0', 'a', 'k'],
      ['orders1', 'b', 'k'],
      ['orders2', 'c', 'k'],
    ]);
  });

  test('a function in TypeScript, inline', async () => {
    const transform = await script(
      '(record: { value: { id: number } }): unknown => {\n  const two = 2 as number;\n  record.value.id *= two;\n  return record;\n}',
    );
    expect(one(transform, record({ value: { id: 21 } })).value).toEqual({ id: 42 });
  });

  test('a module in TypeScript, from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-script-'));
    try {
      const file = join(folder, 'double.ts');
      writeFileSync(
        file,
        'interface Value { id: number }\nconst factor: number = 2;\n' +
          'export default function (record: { value: Value }) {\n  record.value.id *= factor;\n  return record;\n}\n',
      );
      const config = { 'script.file': file };
      const transform = await scriptTransform.create(config);
      opened.push(transform);
      expect(one(transform, record({ value: { id: 21 } })).value).toEqual({ id: 42 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('remember: variables of the script last as long as its task', async () => {
    const transform = await script(
      'let count = 0;\nexport default (record) => ({ ...record, value: ++count });',
    );
    expect([1, 2, 3].map(() => one(transform, record()).value)).toEqual([1, 2, 3]);
  });
});

describe('nothing changes that the script leaves alone', () => {
  const schema = schemas.struct({
    big: schemas.int64(),
    price: logical.decimal(2),
    at: logical.timestamp(),
    raw: schemas.bytes(),
    tags: schemas.map(schemas.string(), schemas.float64()),
  });
  const value = {
    big: 9007199254740993n,
    price: Decimal.parse('12.30'),
    at: new Date(1_700_000_000_123),
    raw: Buffer.from([0, 255, 128, 7]),
    tags: new Map([
      ['nan', NaN],
      ['zero', -0],
      ['far', Infinity],
    ]),
  };

  test('key and value stay the very objects, the ready-made JSON stays too', async () => {
    const transform = await script("(record) => { record.topic = 'other'; return record; }");
    const given: SourceRecord = {
      ...record({ valueSchema: schema, value }),
      sourcePartition: { a: 1 },
      sourceOffset: { b: 2 },
      json: { key: Buffer.from('"k"'), value: Buffer.from('{}') },
    };
    const [made] = transform.split?.(given) ?? [];
    expect(made?.value).toBe(value);
    expect(made?.valueSchema).toBe(schema);
    expect(made?.json).toEqual(given.json);
    expect(made?.sourceOffset).toBe(given.sourceOffset);
  });

  test('reading is not changing', async () => {
    const transform = await script(
      '(record) => { if (record.value.big !== 9007199254740993n) throw new Error("lost"); return record; }',
    );
    expect(one(transform, record({ valueSchema: schema, value })).value).toBe(value);
  });

  test('what stands beside a change keeps its schema, type and value', async () => {
    const transform = await script(
      '(record) => { record.value.price = "99.5"; record.value.tags.set("n", 1); return record; }',
    );
    const made = one(transform, record({ valueSchema: schema, value }));
    expect(made.valueSchema).toBe(schema);
    expect(made.value).toEqual({
      ...value,
      price: Decimal.parse('99.50'),
      tags: new Map([...value.tags, ['n', 1]]),
    });
  });

  test('a member by the name of the tag, or of the prototype, is a member', async () => {
    const odd = JSON.parse('{"\\u0001":["bigint","1"],"__proto__":{"x":1},"a":1}') as unknown;
    const transform = await script('(record) => { record.value.a = 2; return record; }');
    const made = one(transform, record({ value: odd }));
    expect(JSON.stringify(made.value)).toBe('{"\\u0001":["bigint","1"],"__proto__":{"x":1},"a":2}');
  });
});

describe('schemas follow the value', () => {
  const schema = schemas.struct(
    { id: schemas.int32(), name: schemas.string(), level: schemas.int8({ optional: true }) },
    { name: 'Order', version: 2 },
  );
  const given = record({ valueSchema: schema, value: { id: 1, name: 'ann', level: null } });

  test('new members get an optional schema, lost ones leave it; equal shapes share one object', async () => {
    const transform = await script(
      '({ value, ...rest }) => ({ ...rest, value: { id: value.id, name: value.name, total: 1.5, count: 2n, flag: true, at: new Date(0), list: ["x"] } })',
    );
    const made = one(transform, given);
    expect(made.valueSchema).toEqual(
      schemas.struct(
        {
          id: schemas.int32(),
          name: schemas.string(),
          total: schemas.float64({ optional: true }),
          count: schemas.int64({ optional: true }),
          flag: schemas.boolean({ optional: true }),
          at: logical.timestamp({ optional: true }),
          list: schemas.array(schemas.string({ optional: true }), { optional: true }),
        },
        { name: 'Order', version: 2 },
      ),
    );
    expect(one(transform, given).valueSchema).toBe(made.valueSchema);
  });

  test.each([
    ['a fraction in an int32', 'record.value.id = 1.5', /record\.value\.id is int32 .* fraction/],
    ['too big for an int8', 'record.value.level = 128', /record\.value\.level is int8 .* 128/],
    ['not exact', 'record.value.id = 2 ** 60', /2\^53/],
    ['a list of two kinds', 'record.value.list = [1, "a"]', /several kinds/],
  ])('%s is an error, never another number', async (_what, change, message) => {
    const transform = await script(`(record) => { ${change}; return record; }`);
    expect(() => all(transform, given)).toThrow(message);
  });

  test('a tombstone has no schema', async () => {
    const transform = await script('(record) => ({ ...record, value: null })');
    expect(one(transform, given)).toMatchObject({ valueSchema: null, value: null });
  });
});

describe('the sandbox', () => {
  test.each([
    ['process', 'typeof process'],
    ['require', 'typeof require'],
    ['fetch', 'typeof fetch'],
    ['timers', 'typeof setTimeout'],
    ['console', 'typeof console'],
    ['std', 'typeof std'],
    ['os', 'typeof os'],
    ['the host by a constructor', '(() => {}).constructor("return typeof process")()'],
  ])('has no %s', async (_what, expression) => {
    const transform = await script(`(record) => ({ ...record, value: ${expression} })`);
    expect(one(transform, record()).value).toBe('undefined');
  });

  test('has no modules', async () => {
    await expect(
      script("import fs from 'node:fs';\nexport default (record) => record;"),
    ).rejects.toThrow(/the script failed/);
  });

  test('a loop without end is stopped, and the next record finds a script that works', async () => {
    const transform = await script(
      '(record) => { if (record.value.id === 0) for (;;); return record; }',
      { 'script.timeout.ms': '500' },
    );
    expect(() => all(transform, record({ value: { id: 0 } }))).toThrow(/script\.timeout\.ms=500/);
    expect(all(transform, record())).toHaveLength(1);
  });

  test('a loop that catches everything is stopped too', async () => {
    const transform = await script(
      '(record) => { for (;;) try { for (;;); } catch {} finally { continue; } }',
      { 'script.timeout.ms': '500' },
    );
    expect(() => all(transform, record())).toThrow(/script\.timeout\.ms=500/);
  });

  test('a loop without end at the start is refused', async () => {
    await expect(
      script('for (;;);\nexport default (r) => r;', { 'script.timeout.ms': '500' }),
    ).rejects.toThrow(/script\.timeout\.ms=500/);
  });

  test('memory is limited, and the next record finds a script that works', async () => {
    const transform = await script(
      '(record) => { if (record.value.id !== 0) return record; const all = []; for (;;) all.push("x".repeat(100000) + all.length); }',
      { 'script.memory.bytes.max': '25165824', 'script.timeout.ms': '20000' },
    );
    expect(() => all(transform, record({ value: { id: 0 } }))).toThrow(
      /script\.memory\.bytes\.max=25165824/,
    );
    expect(all(transform, record())).toHaveLength(1);
  });

  test('a recursion without end is an error of the record', async () => {
    const transform = await script('function again(record) { return again(record) + 1; }');
    expect(() => all(transform, record())).toThrow(/the script failed/);
    expect(() => all(transform, record())).toThrow(/the script failed/);
  });
});

describe('mistakes are explained', () => {
  test.each([
    ['nothing returned', '(record) => {}', /returned nothing: return the record/],
    ['a text', '() => "x"', /is no record/],
    ['a promise', 'async (record) => record', /can not wait/],
    ['an unknown member', '(r) => ({ ...r, vlaue: 1 })', /unknown member "vlaue"/],
    ['no topic', '(r) => ({ ...r, topic: "" })', /record\.topic/],
    ['a partition with a fraction', '(r) => ({ ...r, partition: 1.5 })', /record\.partition/],
    ['a bad timestamp', '(r) => ({ ...r, timestamp: NaN })', /record\.timestamp/],
    [
      'a function as a value',
      '(r) => ({ ...r, value: { f() {} } })',
      /record\.value\.f is a function/,
    ],
    ['a set', '(r) => ({ ...r, value: { s: new Set([1]) } })', /record\.value\.s is a Set/],
    ['an error', '(r) => ({ ...r, value: new Error("x") })', /record\.value is a Error/],
    ['a long message', '() => { throw new Error("x".repeat(5000)); }', /x{1000}…/],
    ['an invalid date', '(r) => ({ ...r, value: new Date(NaN) })', /invalid Date/],
    ['a throw, with its line', '(r) => {\n\n throw new Error("no luck");\n}', /no luck \(line 3\)/],
    ['headers that are none', '(r) => ({ ...r, headers: 1 })', /headers must be a list/],
    ['too many records', '(r) => Array(1001).fill(r)', /script\.records\.max allows 1000/],
    [
      'a ring',
      '(r) => { const a = []; a.push(a); return { ...r, value: a }; }',
      /the script failed/,
    ],
  ])('%s', async (_what, source, message) => {
    const transform = await script(source);
    expect(() => all(transform, record())).toThrow(message);
  });

  test.each([
    ['neither script nor file', {}, /either as script or as script\.file/],
    ['both', { script: '(r) => r', 'script.file': 'x.js' }, /either as script or as script\.file/],
    ['no such file', { 'script.file': '/nowhere/x.js' }, /can't be read \(ENOENT\)/],
    ['no function', { script: '42' }, /no function/],
    ['no syntax', { script: '(record) => {' }, /SyntaxError/],
    [
      'TypeScript that needs a build',
      { script: 'enum A { B }\nexport default (r) => r;', 'script.language': 'typescript' },
      /enums and namespaces/,
    ],
  ])('at creation: %s', async (_what, config, message) => {
    await expect(scriptTransform.create(config)).rejects.toThrow(message);
  });
});
