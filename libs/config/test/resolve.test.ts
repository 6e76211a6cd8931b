import { expect, test } from '@jest/globals';
import { defineFields } from '../src/field.ts';
import { checkConfig, ConfigError, resolveConfig } from '../src/resolve.ts';
import { nearestName } from '../src/suggest.ts';
import { atLeast, oneOf } from '../src/validators.ts';

const fields = defineFields({
  name: { type: 'STRING', doc: 'Name.' },
  'tasks.max': { type: 'INT', default: 1, doc: 'Tasks.', validate: atLeast(1) },
  mode: { type: 'STRING', default: 'a', doc: 'Mode.', validate: oneOf('a', 'b') },
  tables: { type: 'LIST', default: [], doc: 'Tables.' },
  secret: { type: 'PASSWORD', default: null, doc: 'Secret.', validate: () => 'too weak' },
  'retry.ms': { type: 'LONG', default: 5, doc: 'Wait.', aliases: ['retry.millis'] },
  on: { type: 'BOOLEAN', default: true, doc: 'On.' },
});

test('values are parsed, defaults filled in, and the result is frozen', () => {
  const config = resolveConfig(fields, {
    name: ' x ',
    tables: 'a, b ,c',
    on: 'FALSE',
    'retry.millis': '7',
  });
  expect(config).toEqual({
    name: 'x',
    'tasks.max': 1,
    mode: 'a',
    tables: ['a', 'b', 'c'],
    secret: null,
    'retry.ms': 7,
    on: false,
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test('all problems are named at once, in the words of Kafka', () => {
  const { problems } = checkConfig(fields, {
    'tasks.max': '0',
    mode: 'c',
    on: 'yes',
    'retry.ms': '1.5',
  });
  expect(problems.map(({ message }) => message)).toEqual([
    'Missing required configuration "name" which has no default value.',
    'Invalid value 0 for configuration tasks.max: Value must be at least 1',
    'Invalid value c for configuration mode: String must be one of: a, b',
    'Invalid value 1.5 for configuration retry.ms: Not a number of type LONG',
    'Invalid value yes for configuration on: Expected value to be either true or false',
  ]);
  expect(() => resolveConfig(fields, {})).toThrow(ConfigError);
});

test('a password never appears in a problem', () => {
  const { problems } = checkConfig(fields, { name: 'x', secret: 'hunter2' });
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  expect(problems[0]?.message).toContain('[hidden]');
});

test('the largest Java long is taken as "for ever"', () => {
  expect(resolveConfig(fields, { name: 'x', 'retry.ms': '9223372036854775807' })['retry.ms']).toBe(
    2 ** 63,
  );
  expect(
    checkConfig(fields, { name: 'x', 'retry.ms': '9223372036854775808' }).problems,
  ).toHaveLength(1);
});

test('a misspelt key finds the one that was meant', () => {
  expect(nearestName('task.max', Object.keys(fields))).toBe('tasks.max');
  expect(nearestName('completely.different', Object.keys(fields))).toBeUndefined();
});
