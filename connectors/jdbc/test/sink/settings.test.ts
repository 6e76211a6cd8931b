import { describe, expect, test } from '@jest/globals';
import { checkConfig } from '@millrace/config';
import { confluentFields, debeziumFields } from '../../src/sink/fields.ts';
import { confluentSettings, debeziumSettings } from '../../src/sink/settings-from.ts';
import { settingProblems } from '../../src/sink/settings.ts';

const confluent = {
  'connection.url': 'jdbc:postgresql://db/shop',
  'connection.user': 'shop',
};

describe('rules across fields', () => {
  test.each([
    [{}, []],
    [{ 'delete.enabled': 'true' }, ['delete.enabled']],
    [{ 'delete.enabled': 'true', 'pk.mode': 'record_key' }, []],
    [{ 'insert.mode': 'UPSERT' }, ['pk.mode']],
    [{ 'insert.mode': 'update', 'pk.mode': 'kafka' }, ['pk.mode']],
    [{ 'pk.mode': 'record_value' }, ['pk.fields']],
    [{ 'pk.mode': 'kafka', 'pk.fields': 'a,b' }, ['pk.fields']],
    [{ 'connection.url': 'jdbc:postgresql://db/' }, ['connection.url']],
    [{ 'connection.url': 'jdbc:postgresql://db/shop?user=a' }, []],
  ])('%j names %j', (config, keys) => {
    const problems = settingProblems(confluentSettings({ ...confluent, ...config }));
    expect(problems.map(({ key }) => key)).toEqual(keys);
  });

  test('messages speak of the keys that the connector has', () => {
    const settings = debeziumSettings({
      'connection.url': 'jdbc:postgresql://db/shop',
      'insert.mode': 'upsert',
    });
    expect(settingProblems(settings).map(({ key }) => key)).toEqual([
      'primary.key.mode',
      'connection.username',
    ]);
  });
});

test('every key of the originals is known', () => {
  const debezium = checkConfig(debeziumFields, {
    'connection.url': 'jdbc:postgresql://db/shop',
    'connection.pool.max_size': '32',
    'collection.naming.strategy': 'io.debezium.sink.naming.DefaultCollectionNamingStrategy',
    'batch.size': '500',
  });
  expect(debezium.problems).toEqual([]);
  const other = checkConfig(confluentFields, {
    'connection.url': 'mysql://db',
    'insert.mode': 'replace',
    'batch.size': '0',
  });
  expect(other.problems.map(({ key }) => key)).toEqual([
    'connection.url',
    'insert.mode',
    'batch.size',
  ]);
});

test('field lists take names with and without their topic', () => {
  const { isFieldIncluded } = debeziumSettings({
    'connection.url': 'jdbc:postgresql://db/shop',
    'field.include.list': 'a,t1:b',
    'field.exclude.list': 't2:a',
  });
  expect([
    isFieldIncluded('t1', 'a'),
    isFieldIncluded('t1', 'b'),
    isFieldIncluded('t2', 'a'),
    isFieldIncluded('t2', 'b'),
  ]).toEqual([true, true, false, false]);
});
