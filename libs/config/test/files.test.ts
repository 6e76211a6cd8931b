import { expect, test } from '@jest/globals';
import { flattenConfig, parseConfigFile } from '../src/files.ts';

test('the three formats give the same flat configuration', () => {
  const expected = { name: 'a', 'tasks.max': '2', topics: 'x,y', 'errors.log.enable': 'true' };
  const read = (name: string, text: string): Record<string, string> =>
    flattenConfig(name, parseConfigFile(name, text));
  expect(
    read('c.properties', '# comment\nname=a\ntasks.max = 2\ntopics=x,y\nerrors.log.enable: true\n'),
  ).toEqual(expected);
  expect(
    read(
      'c.json',
      '{"name":"a","tasks.max":2,"topics":["x","y"],"errors":{"log":{"enable":true}}}',
    ),
  ).toEqual(expected);
  expect(
    read('c.yaml', 'name: a\ntasks.max: 2\ntopics: [x, y]\nerrors:\n  log.enable: true\n'),
  ).toEqual(expected);
});

test('properties keep backslash continuation, escapes and unicode', () => {
  const document = parseConfigFile('c.properties', 'a=one\\\n  two\nb=\\u00e4\\tx\nc\\:d=1\n');
  expect(document).toEqual({ a: 'onetwo', b: 'ä\tx', 'c:d': '1' });
});

test.each([
  ['c.json', '{"a":'],
  ['c.yaml', 'a: [1'],
  ['c.json', '[1]'],
])('an unreadable %s is named', (name, text) => {
  expect(() => parseConfigFile(name, text)).toThrow(`"${name}" can't be read as configuration`);
});
