import { expect, test } from '@jest/globals';
import { parseConnectorFile } from '../src/connector-file.ts';

const EXPECTED = {
  name: 'a',
  config: { name: 'a', 'connector.class': 'X', 'tasks.max': '2', 'transforms.t.type': 'Y' },
  initialState: 'STARTED',
};

test.each([
  ['a.properties', 'name=a\nconnector.class=X\ntasks.max = 2\n# comment\ntransforms.t.type: Y\n'],
  ['a.json', '{"name":"a","connector.class":"X","tasks.max":2,"transforms.t.type":"Y"}'],
  [
    'a.json',
    '{"name":"a","config":{"connector.class":"X","tasks.max":"2","transforms.t.type":"Y"}}',
  ],
  [
    'a.json',
    '{"config":{"name":"a","connector.class":"X","tasks.max":"2","transforms.t.type":"Y"}}',
  ],
  ['a.yaml', 'name: a\nconnector.class: X\ntasks.max: 2\ntransforms:\n  t:\n    type: Y\n'],
  ['a.yml', 'name: a\nconfig:\n  connector.class: X\n  tasks.max: 2\n  transforms.t.type: Y\n'],
])('%s of every shape gives the same connector', (fileName, content) => {
  expect(parseConnectorFile(fileName, content)).toEqual(EXPECTED);
});

test('initial_state is read whatever its case', () => {
  const content = '{"name":"a","config":{},"initial_state":"paused"}';
  expect(parseConnectorFile('a.json', content).initialState).toBe('PAUSED');
  expect(() => parseConnectorFile('a.json', content.replace('paused', 'asleep'))).toThrow(
    /initial_state/,
  );
  expect(() => parseConnectorFile('a.json', content.replace('"paused"', '7'))).toThrow(
    /initial_state/,
  );
});

test.each([
  ['no name', 'a.json', '{"connector.class":"X"}', /"name" is missing/],
  ['two names', 'a.json', '{"name":"a","config":{"name":"b"}}', /"a" outside and "b"/],
  ['a name that is no text', 'a.json', '{"name":1,"config":{}}', /must be text/],
  [
    'something beside config',
    'a.json',
    '{"name":"a","config":{},"conf":{}}',
    /"conf" stands beside/,
  ],
  [
    'the mask of a secret in place of the secret',
    'a.json',
    '{"name":"a","connection.url":"jdbc:x://u:[hidden]@h","db.password":"[hidden]"}',
    /"connection.url" holds .*"db.password" holds "\[hidden\]"/,
  ],
  ['broken JSON', 'a.json', '{', /a\.json/],
  ['a list', 'a.yaml', '- a', /object of keys/],
])('a file with %s is refused with its name', (_what, fileName, content, message) => {
  expect(() => parseConnectorFile(fileName, content)).toThrow(message);
});
