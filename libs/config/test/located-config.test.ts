import { expect, test } from '@jest/globals';
import { parseConfigFile } from '../src/files.ts';
import { locateConfig } from '../src/located/located-config.ts';

const lines = (fileName: string, content: string): Record<string, number> =>
  Object.fromEntries(
    locateConfig(fileName, content).values.map(({ path, line }) => [path.join('/'), line]),
  );

const problems = (fileName: string, content: string): readonly string[] =>
  locateConfig(fileName, content).problems.map(({ line, message }) => `${line}: ${message}`);

test('keys of properties stand where their entry starts, with comments, continued lines and any line end', () => {
  const text = '# name\n\nname=a\r\nlist = x,\\\n   y\n! more\n  b: 1\rc 2\n';
  expect(lines('a.properties', text)).toEqual({ name: 3, list: 4, b: 7, c: 8 });
});

test('keys of JSON stand where they are written, however it is laid out', () => {
  const text =
    '\uFEFF{\n\n  "name": "a",\r\n  "config": {"x":\n 1, "y":[1,\n2], "a.b\\u002ec"\n:true\n}}\n';
  expect(lines('a.json', text)).toEqual({
    name: 3,
    'config/x': 4,
    'config/y': 5,
    'config/a.b.c': 6,
  });
  expect(locateConfig('a.json', text).sections.get('config')).toBe(4);
});

test('keys of YAML stand where they are written, in blocks and flows', () => {
  const text =
    '# x\nname: a\nconfig:\n  a.b: |\n    text\n    more\n  c: {d: 1,\n   e: 2}\n  f: [1, 2]\n';
  expect(lines('a.yaml', text)).toEqual({
    name: 2,
    'config/a.b': 4,
    'config/c/d': 7,
    'config/c/e': 8,
    'config/f': 9,
  });
});

test.each([
  ['a.properties', 'a=1\nb=2\na=3\n', ['3: the key "a" is there twice, first in line 1']],
  ['a.json', '{"a":1,\n"b":{"a":1,\n"a":2}}', ['3: the key "b.a" is there twice, first in line 2']],
  ['a.yaml', 'a: 1\nb: 2\n\na: 3\n', ['4: the key "a" is there twice, first in line 1']],
])(
  'a key that is there twice in %s is told, since one of the two is lost',
  (name, text, expected) => {
    expect(problems(name, text)).toEqual(expected);
  },
);

test.each([
  ['{\n "a": 1\n "b": 2\n}', 3, '"," or "}" is expected, but found text'],
  ['{\n "a": 1,\n}', 3, 'a key after the comma is expected'],
  ['{\n "a": tru\n}', 2, 'unexpected "t"'],
  ['{\n "a": "x\n"}', 2, 'not closed'],
  ['{\n "a": "\\x"}', 2, 'wrong escape'],
  ['{"a": 1}\n\n x', 3, 'unexpected "x"'],
  ['{"a": 1}\n\n 7', 3, 'the end of the file is expected'],
  ['{\n"a": 1,\n"b"', 3, '":" is expected, but the file ends'],
  ['{\n"a": 01}', 2, 'is expected'],
  ['[1]', 1, 'an object'],
  ['', 1, 'an object'],
])('JSON that is broken is told with its line: %j', (text, line, message) => {
  const [problem] = locateConfig('a.json', text).problems;
  expect(problem?.line).toBe(line);
  expect(problem?.message).toContain(message);
});

test('YAML that is broken is told with its line', () => {
  expect(problems('a.yaml', 'a: 1\nb: "x\nc: 2\n')[0]).toMatch(/^[34]: /);
  expect(problems('a.yaml', 'a:\n\tb: 2\n')[0]).toMatch(/^2: /);
  expect(problems('a.yaml', '- a\n')).toEqual(['1: an object of keys and values is expected']);
});

test('what JSON.parse takes is read with the same values, and what it refuses is a problem', () => {
  const texts = [
    '{"a":1e3,"b":-0.5,"c":null,"d":"\\u00e9\\n\\/","e":[],"f":[1,[2,"x"]],"g":{},"h":{"i":{"j":""}}}',
    ' {\t"a" : [ true , false ] }\n',
  ];
  const read = (text: string): unknown => {
    const { values } = locateConfig('a.json', text);
    return values.map(({ path, value }) => [path.join('.'), value]);
  };
  const flat = (prefix: string, value: unknown): unknown[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, inner]) =>
          flat(prefix === '' ? key : `${prefix}.${key}`, inner),
        )
      : [[prefix, value]];
  for (const text of texts) {
    expect(read(text)).toEqual(flat('', parseConfigFile('a.json', text)));
    // Cut short or damaged anywhere: never a throw, and broken exactly when JSON.parse says so.
    for (let at = 0; at < text.length; at++)
      for (const damaged of [text.slice(0, at), `${text.slice(0, at)}~${text.slice(at + 1)}`]) {
        const isBroken = locateConfig('a.json', damaged).problems.length > 0;
        expect([damaged, isBroken]).toEqual([damaged, !parses(damaged)]);
      }
  }
});

function parses(text: string): boolean {
  try {
    parseConfigFile('a.json', text);
    return true;
  } catch {
    return false;
  }
}

test('what is said about a broken file repeats no value: it may be a secret', () => {
  const broken: readonly (readonly [string, string])[] = [
    ['a.json', '{"password" "hunter2"}'],
    ['a.json', '{"password": "x" "hunter2"}'],
    ['a.json', '{"password": hunter2}'],
    ['a.json', '{"password": "hunter2'],
    ['a.json', '{"password": 1 4711}'],
    ['a.yaml', 'a: "hunter2'],
    ['a.yaml', 'a: x: hunter2'],
    ['a.yaml', 'a: [hunter2'],
    ['a.yaml', 'a: *hunter2'],
    ['a.yaml', 'a: !hunter2 x\n b'],
  ];
  for (const [name, text] of broken) {
    const found = problems(name, text);
    expect([text, found.length > 0]).toEqual([text, true]);
    expect(found.join()).not.toMatch(/hunter|4711/);
  }
});

test('aliases of YAML stand for what they name; those without an anchor, and tags, are told', () => {
  const text = 'base: &base\n  x: 1\na: *base\nb: &l [1, 2]\nc: *l\nd: [*s]\ne: &s y\n';
  expect(problems('a.yaml', text)).toEqual([
    '6: the value of "d" begins with "*" and so is an alias, for which there is no anchor; text belongs in quotes',
  ]);
  const { values } = locateConfig('a.yaml', text);
  expect(values.map(({ path, value, line }) => [path.join('.'), value, line])).toEqual([
    ['base.x', 1, 2],
    ['a.x', 1, 2],
    ['b', [1, 2], 4],
    ['c', [1, 2], 5],
    ['d', [null], 6],
    ['e', 'y', 7],
  ]);
  expect(problems('a.yaml', 'a: 1\npassword: !secret\n')[0]).toMatch(/^2: .*quotes/);
});

test('aliases that contain themselves or multiply are refused, not followed', () => {
  expect(problems('a.yaml', 'a: &a\n  b: *a\n')).toEqual(['2: there are more than 100 aliases']);
  const levels = Array.from({ length: 30 }, (_, index) => index + 1);
  const bomb = levels.map((n) => `k${n}: &k${n} {x: *k${n - 1}, y: *k${n - 1}}`);
  expect(problems('a.yaml', ['k0: &k0 {z: 1}', ...bomb].join('\n')).length).toBeGreaterThan(0);
});
