import { describe, expect, test } from '@jest/globals';
import {
  MemorySchemaLog,
  MemorySchemaStore,
  SchemaRegistry,
  SchemaRegistryError,
  type SchemaRequest,
} from '../src/index.ts';

const clock = { monotonicMs: () => 0 };

async function openRegistry(log = new MemorySchemaLog()): Promise<SchemaRegistry> {
  const registry = new SchemaRegistry({
    store: new MemorySchemaStore(log),
    clock,
    compatibilityLevel: 'BACKWARD',
    validateFields: false,
    validateNewSchemas: true,
    isModeMutable: true,
    schemaBytesMax: 10_000,
  });
  await registry.open();
  return registry;
}

function record(name: string, fields: string): SchemaRequest {
  return { schema: `{"type":"record","name":"${name}","fields":[${fields}]}` };
}

const A = '{"name":"a","type":"int"}';
const B = '{"name":"b","type":"int","default":1}';
const C = '{"name":"c","type":"int"}';
const plain = { normalize: false };

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SchemaRegistryError ? error.errorCode : error),
  );
}

describe('ids and versions', () => {
  test('a schema keeps its id under every subject of a context', async () => {
    const registry = await openRegistry();
    const first = await registry.register('one', record('R', A), plain);
    const second = await registry.register('one', record('R', `${A},${B}`), plain);
    const again = await registry.register('two', record('R', A), plain);
    expect([first.id, second.id, again.id]).toEqual([1, 2, 1]);
    expect([first.version, second.version, again.version]).toEqual([1, 2, 1]);
    const elsewhere = await registry.register(':.ctx:one', record('R', `${A},${B}`), plain);
    expect(elsewhere.id).toBe(1);
  });

  test('registering twice writes nothing the second time', async () => {
    const log = new MemorySchemaLog();
    const registry = await openRegistry(log);
    await registry.register('one', record('R', A), plain);
    await registry.register(
      'one',
      { schema: `{ "name":"R", "fields":[ ${A} ], "type":"record" }` },
      plain,
    );
    expect(log.entries).toHaveLength(1);
    expect(log.entries[0]).toEqual({
      key: '{"keytype":"SCHEMA","subject":"one","version":1,"magic":1}',
      value:
        '{"subject":"one","version":1,"id":1,"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"R\\",\\"fields\\":[{\\"name\\":\\"a\\",\\"type\\":\\"int\\"}]}","deleted":false}',
      timestampMs: 0,
    });
  });

  test('two registries over one log never give one id to two schemas', async () => {
    const log = new MemorySchemaLog();
    const one = await openRegistry(log);
    const other = await openRegistry(log);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? one : other)
          .register(`s${index % 7}`, record(`R${index % 5}`, A), plain)
          .catch(() => undefined),
      ),
    );
    const byId = new Map<number, string>();
    for (const outcome of outcomes) {
      if (outcome === undefined) continue;
      expect(byId.get(outcome.id) ?? outcome.schema).toBe(outcome.schema);
      byId.set(outcome.id, outcome.schema);
    }
    expect(byId.size).toBeGreaterThan(1);
    const reopened = await openRegistry(log);
    for (const [id, schema] of byId)
      expect(await reopened.read((queries) => queries.byId(id, '')?.schema)).toBe(schema);
  });

  test('a schema that readers of old data could not use is refused with 40901', async () => {
    const registry = await openRegistry();
    await registry.register('one', record('R', A), plain);
    expect(await codeOf(registry.register('one', record('R', `${A},${C}`), plain))).toBe(40901);
    await registry.setConfig('one', { compatibilityLevel: 'NONE' });
    expect((await registry.register('one', record('R', `${A},${C}`), plain)).version).toBe(2);
  });
});

describe('deletion', () => {
  test('a version deleted softly can be used by its id, and is gone for good only the second time', async () => {
    const registry = await openRegistry();
    await registry.register('one', record('R', A), plain);
    expect(await codeOf(registry.deleteSubject('one', true))).toBe(40405);
    expect(await registry.deleteSubject('one', false)).toEqual([1]);
    expect(await codeOf(registry.deleteSubject('one', false))).toBe(40404);
    expect(await registry.read((queries) => queries.byId(1, '')?.deleted)).toBe(true);
    expect(await registry.deleteSubject('one', true)).toEqual([1]);
    expect(await registry.read((queries) => queries.byId(1, ''))).toBeUndefined();
    expect(await codeOf(registry.deleteSubject('one', true))).toBe(40401);
    expect((await registry.register('one', record('R2', A), plain)).id).toBe(2);
  });

  test('what is referred to is not deleted', async () => {
    const registry = await openRegistry();
    await registry.register('inner', record('Inner', A), plain);
    const outer = {
      ...record('Outer', '{"name":"i","type":"Inner"}'),
      references: [{ name: 'Inner', subject: 'inner', version: 1 }],
    };
    await registry.register('outer', outer, plain);
    expect(await codeOf(registry.deleteVersion('inner', 1, false))).toBe(42206);
    await registry.deleteSubject('outer', false);
    expect(await registry.deleteVersion('inner', 1, false)).toBe(1);
    expect(await codeOf(registry.deleteVersion('inner', 1, true))).toBe(42206);
  });
});
