import { expect, test } from '@jest/globals';
import { escapeTopic, escapesTopics, TopicNaming } from '../src/topic-naming.ts';

test('with a Unicode strategy tables of other alphabets keep topics of their own', () => {
  const topics = new TopicNaming({ prefix: 'shop', isEscaped: true });
  expect(topics.table('s', 'аб')).toBe('shop.s._u0430_u0431');
  expect(topics.table('s', 'вг')).toBe('shop.s._u0432_u0433');
  expect(escapeTopic('a_b c')).toBe('a_u005fb_u0020c');
});

test('by default such names collide, which is an error, not a mixture', () => {
  const topics = new TopicNaming({ prefix: 'shop' });
  topics.table('s', 'аб');
  expect(() => topics.table('s', 'вг')).toThrow('"s"."вг"');
});

test.each([
  ['io.debezium.schema.SchemaUnicodeTopicNamingStrategy', true],
  ['io.debezium.schema.DefaultUnicodeTopicNamingStrategy', true],
  ['io.debezium.schema.SchemaTopicNamingStrategy', false],
  [null, false],
])('%s escapes: %s', (strategy, isEscaped) => {
  expect(escapesTopics(strategy)).toBe(isEscaped);
});
