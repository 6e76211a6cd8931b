import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, test } from '@jest/globals';

import { parseSchema } from '../generator/parse-schema.mjs';

test('src/generated is what the schemas generate', () => {
  const generator = fileURLToPath(new URL('../generator/generate.mjs', import.meta.url));
  expect(() =>
    execFileSync(process.execPath, [generator, '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
});

test.each([
  ['api X 1 versions 0-1\n  request\n    a: int33\n  response\n', 'int33 is not defined'],
  ['api X 1 versions 0-1\n  request\n    a int32\n  response\n', 'not a field'],
  [
    'api X 1 versions 0-1\n  request\n    a: int32\n    a: int32\n  response\n',
    'a field is there twice',
  ],
  ['api X 1 versions 0-1\n  request\n    a: int32 5+\n  response\n', 'no version has this field'],
  ['message X versions 0-1\n   a: int32\n', 'odd indentation'],
  ['thing X\n', 'expected "api" or "message"'],
])('a schema that makes no sense is refused with its place: %j', (text, message) => {
  expect(() => parseSchema(text, 'x.schema')).toThrow(message);
});
