import { expect, test } from '@jest/globals';
import { adjustFieldName, adjustSchemaName } from '../src/schema-names.ts';
import { sanitiseTopic, TopicNaming } from '../src/topic-naming.ts';

test('characters that a topic can not have become underscores', () => {
  expect(sanitiseTopic('shop.public.Žluť table$')).toBe('shop.public._lu__table_');
  expect(sanitiseTopic('..')).toBe('__');
  expect(sanitiseTopic('x'.repeat(300))).toHaveLength(249);
});

test('two tables that would share a topic are refused, the same one twice is not', () => {
  const topics = new TopicNaming({ prefix: 'shop' });
  expect(topics.table('public', 'a b')).toBe('shop.public.a_b');
  expect(topics.table('public', 'a b')).toBe('shop.public.a_b');
  expect(() => topics.table('public', 'a$b')).toThrow(
    expect.objectContaining({ code: 'cdc.topic_collision' }),
  );
});

test('the topics beside those of tables have their names', () => {
  const topics = new TopicNaming({ prefix: 'shop' });
  expect([topics.heartbeat(), topics.transaction(), topics.messages()]).toEqual([
    '__debezium-heartbeat.shop',
    'shop.transaction',
    'shop.message',
  ]);
  expect(new TopicNaming({ prefix: 'shop', delimiter: '_' }).messages()).toBe('shop.message');
  expect(
    new TopicNaming({ prefix: 'shop', heartbeatName: 'beats', delimiter: '_' }).table('a', 'b'),
  ).toBe('shop_a_b');
});

test('names are made fit for Avro when asked for', () => {
  expect(adjustSchemaName('none', '1-a.b')).toBe('1-a.b');
  expect(adjustSchemaName('avro', 'a-b.public.t.Value')).toBe('a_b.public.t.Value');
  expect(adjustFieldName('avro', '1st name')).toBe('_1st_name');
  expect(adjustFieldName('avro_unicode', 'a-b_c')).toBe('a_u002db_u005fc');
});
