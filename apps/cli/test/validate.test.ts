import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROOT } from './built-cli.ts';
import { FakeWorker, run } from './cli-harness.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-validate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';

/** What is said about a file: `LINE: SEVERITY: MESSAGE`. */
async function check(name: string, content: string): Promise<readonly string[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const { code, error } = await run(['validate', path]);
  const lines = error === '' ? [] : error.split('\n').map((line) => line.replace(`${path}:`, ''));
  expect(code).toBe(lines.some((line) => line.includes(': error: ')) ? 2 : 0);
  return lines;
}

test.each([
  [
    'a.properties',
    `# c\n\nname=a\nconnector.class=${SINK}\ntopics=a,\\\n  b\ntasks.max=0\nfiel=/x\nerrors.tolerance=some\n`,
    [7, 8, 9],
  ],
  [
    'a.json',
    `{\n"name":"a",\n"config":{\n"connector.class":"${SINK}",\n"topics":"a",\n"tasks.max":0,\n\n"fiel":"/x","errors.tolerance":\n"some"}}`,
    [6, 8, 8],
  ],
  [
    'a.yaml',
    `name: a\n# c\nconfig:\n  connector.class: ${SINK}\n  topics: [a]\n  tasks.max: 0\n\n  fiel: /x\n  errors:\n    tolerance: some\n`,
    [6, 8, 10],
  ],
])(
  'every problem of %s is named with its line and the nearest key',
  async (name, content, [first, second, third]) => {
    const found = await check(name, content);
    expect(found).toHaveLength(3);
    const sorted = [...found].sort();
    expect(sorted).toEqual(
      [
        `${String(first)}: error: Invalid value 0 for configuration tasks.max: Value must be at least 1`,
        `${String(second)}: error: the key "fiel" is not known; did you mean "file"?`,
        `${String(third)}: error: Invalid value some for configuration errors.tolerance: String must be one of: none, all`,
      ].sort(),
    );
  },
);

test('a missing key is told at what asks for it', async () => {
  const text = [
    'name=a',
    `connector.class=${SINK}`,
    'file=/x',
    'transforms=t',
    'transforms.t.type=org.apache.kafka.connect.transforms.ReplaceField$Valeu',
    'predicates=p',
    'predicates.p.type=org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
  ];
  const found = await check('missing.properties', text.join('\n'));
  expect(found[0]).toBe('2: error: Must configure one of topics or topics.regex');
  expect(found.find((line) => line.startsWith('5: error: '))).toContain(
    'Did you mean org.apache.kafka.connect.transforms.ReplaceField$Value',
  );
  expect(found.find((line) => line.includes('predicates.p.pattern'))).toMatch(/^7: error: /);
});

test('an unknown class is told with the nearest', async () => {
  const [line] = await check('class.yaml', 'name: a\n\nconnector.class: FileStreamSinc\n');
  expect(line).toMatch(/^3: error: .*did you mean "FileStreamSink"\?$/);
});

test('what resembles no key is a warning, since a newer version may know it', async () => {
  const text = `name=a\nconnector.class=${SINK}\ntopics=a\nwholly.different.thing=1\n`;
  expect(await check('warning.properties', text)).toEqual([
    '4: warning: the key "wholly.different.thing" is not known and has no effect',
  ]);
});

test('rules across keys are checked without connecting, and values with placeholders are not judged', async () => {
  const postgres = (more: string): string => `name: a
connector.class: io.debezium.connector.postgresql.PostgresConnector
database.hostname: 192.0.2.1
database.port: 5432
database.user: me
database.password: \${file:/secrets:password}
database.dbname: shop
topic.prefix: shop
${more}`;
  expect(await check('pg.yaml', postgres('tasks.max: ${env:TASKS}'))).toEqual([]);
  const noPlaceholder = postgres('table.include.list: a.b\ntable.exclude.list: a.c').replace(
    /\$\{.*\}/,
    'x',
  );
  const [rule] = await check('rules.yaml', noPlaceholder);
  expect(rule).toMatch(/^(9|10): error: .*table\.(include|exclude)\.list/);
});

test('files that cannot be read as such are all named, and the readable ones are checked too', async () => {
  const paths = ['broken.json', 'twice.yaml', 'nameless.properties'].map((name) =>
    join(folder, name),
  );
  const [broken = '', twice = '', nameless = ''] = paths;
  writeFileSync(broken, '{\n"name": "a"\n"config": {}}');
  writeFileSync(
    twice,
    `name: a\nconnector.class: ${SINK}\ntopics: a\ntasks.max: 1\ntasks.max: 2\n`,
  );
  writeFileSync(nameless, `connector.class=${SINK}\n`);
  const { code, error } = await run(['validate', ...paths]);
  expect(code).toBe(2);
  expect(error).toContain(`${broken}:3: error: "," or "}" is expected, but found text`);
  expect(error).toContain(`${twice}:5: error: the key "tasks.max" is there twice, first in line 4`);
  expect(error).toContain(`${nameless}:1: error: the key "name" is missing`);
});

test.each(['connectors', 'declarative'])('the examples in config/%s are valid', async (name) => {
  const files = await run(['validate', ...filesIn(join(ROOT, 'config', name)), '--json']);
  expect(JSON.parse(files.out)).toMatchObject({ valid: true, problems: [] });
});

function filesIn(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(path, name));
}

test('--online adds what the worker says, with lines', async () => {
  const path = join(folder, 'online.properties');
  writeFileSync(path, `name=a\nconnector.class=${SINK}\ntopics=a\nfile=/nowhere/x\n`);
  const value = { name: 'file', value: '/nowhere/x', errors: ['the folder is missing'] };
  await using worker = await FakeWorker.open(() => [200, { configs: [{ definition: {}, value }] }]);
  const { code, error } = await run(['validate', '--online', path, '--url', worker.url]);
  expect(code).toBe(2);
  expect(error).toBe(`${path}:4: error: the folder is missing`);
  expect(worker.asked[0]).toMatchObject({
    method: 'PUT',
    path: `/connector-plugins/${SINK}/config/validate`,
  });
});

test('--online without a worker is no verdict: 1', async () => {
  const path = join(ROOT, 'config/connectors/file-sink.properties');
  const { code, error } = await run(['validate', '--online', path, '--url', 'http://127.0.0.1:9']);
  expect(code).toBe(1);
  expect(error).toContain('no worker answers');
});

test('a file that is not there is bad usage', async () => {
  const { code, error } = await run(['validate', join(folder, 'absent.json')]);
  expect(code).toBe(2);
  expect(error).toContain('absent.json');
});
