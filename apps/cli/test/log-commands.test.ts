import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import { startMillrace, type MillraceServer } from '@millrace/test-servers';
import { BuiltCli, until } from './built-cli.ts';

const STRINGS = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' };

let folder: string;
let worker: MillraceServer;
let cli: BuiltCli;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-log-commands-'));
  writeFileSync(join(folder, 'in.txt'), 'one\ntwo\nthree\n');
  const config = { file: join(folder, 'in.txt'), topic: 'lines', ...STRINGS };
  worker = await startMillrace({
    folder,
    connectors: [
      { name: 'source', config: { 'connector.class': 'FileStreamSource', ...config } },
      {
        name: 'sink',
        config: {
          'connector.class': 'FileStreamSink',
          topics: 'lines',
          file: join(folder, 'out.txt'),
          ...STRINGS,
        },
      },
    ],
  });
  cli = new BuiltCli({ MILLRACE_URL: worker.rest });
  await worker.untilRunning('sink');
  await until(async () => {
    const { out } = await cli.run('topics', 'describe', 'lines');
    return / 3 +3$/m.test(out) ? true : undefined;
  });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test("topics are found by the worker's own address, listed, described with offsets", async () => {
  const listed = await cli.json<{ name: string; partitions: number }[]>('topics', 'list');
  expect(listed.find(({ name }) => name === 'lines')).toMatchObject({ partitions: 1, replicas: 1 });
  const all = await cli.json<{ name: string; internal: boolean }[]>('topics', 'list', '--all');
  expect(all.filter(({ internal }) => internal).map(({ name }) => name)).toContain(
    '__consumer_offsets',
  );
  expect(await cli.json('topics', 'describe', 'lines')).toMatchObject({
    name: 'lines',
    partitions: [{ partition: 0, earliest: 0, latest: 3 }],
  });
});

test.each([
  [[], ['one', 'two', 'three']],
  [['--from', '-1'], ['three']],
  [['--from', '1', '--limit', '1'], ['two']],
  [
    ['--from', 'earliest', '--limit', '2'],
    ['one', 'two'],
  ],
  [['--from', 'latest'], []],
  [['--from', '99'], []],
  [['--limit', '0'], []],
])('tail %j shows %j and ends', async (options, expected) => {
  const { code, out } = await cli.run('topics', 'tail', 'lines', ...options);
  expect(code).toBe(0);
  const values = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[2]);
  expect(values).toEqual(expected);
});

test('tail --follow shows what comes, and ends with Ctrl-C: 0', async () => {
  const child = cli.spawn(['topics', 'tail', 'lines', '--from', '2', '--follow', '--json']);
  const seen: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => seen.push(...chunk.toString().trim().split('\n')));
  await until(() => (seen.length > 0 ? true : undefined));
  appendFileSync(join(folder, 'in.txt'), 'four\n');
  await until(() => (seen.length > 1 ? true : undefined));
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(0);
  expect(seen.map((line): unknown => (JSON.parse(line) as { value: unknown }).value)).toEqual([
    'three',
    'four',
  ]);
});

test('tail into a pipe that closes is no failure', async () => {
  const child = cli.spawn(['topics', 'tail', 'lines', '--follow']);
  let error = '';
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.destroy();
  appendFileSync(join(folder, 'in.txt'), 'five\n');
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, error]).toEqual([0, '']);
});

test('bytes that are no text are shown in base64, control characters do not reach the terminal', async () => {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using client = new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ clientId: 'test', ...ports }),
    ...ports,
  });
  await client.admin.createTopics([{ name: 'bytes', partitions: 2, replicationFactor: 1 }]);
  const producer = client.producer();
  const record = { topic: 'bytes', partition: 1, key: null, timestampMs: 0 };
  const headers = [{ key: 'h', value: Uint8Array.of(1) }];
  const { delivered } = await producer.send([
    { ...record, value: Uint8Array.of(0xff, 0), headers },
    { ...record, value: Buffer.from('\u001b[31mred'), headers: [] },
    { ...record, value: null, headers: [] },
  ]);
  expect((await delivered).failures).toEqual([]);
  const { out } = await cli.run('topics', 'tail', 'bytes', '--partition', '1');
  expect(out).toBe('1:0\tnull\tbase64:/wA=\n1:1\tnull\tbase64:G1szMW1yZWQ=\n1:2\tnull\tnull\n');
  const [first = ''] = (await cli.run('topics', 'tail', 'bytes', '--json')).out.split('\n');
  expect(JSON.parse(first)).toMatchObject({
    value: { base64: '/wA=' },
    headers: [{ key: 'h', value: { base64: 'AQ==' } }],
    timestamp: '1970-01-01T00:00:00.000Z',
  });
  expect((await cli.run('topics', 'tail', 'bytes', '--partition', '7')).error).toContain(
    'has no partition 7',
  );
});

test('groups are listed, and described with lag and readers', async () => {
  const groups = await cli.json<{ group: string }[]>('groups', 'list');
  expect(groups.map(({ group }) => group)).toContain('connect-sink');
  const described = await until(async () => {
    const group = await cli.json<{ partitions: { lag: number }[] }>(
      'groups',
      'describe',
      'connect-sink',
    );
    return group.partitions[0]?.lag === 0 ? group : undefined;
  });
  expect(described).toMatchObject({
    state: 'Stable',
    partitions: [{ topic: 'lines', partition: 0 }],
  });
});

test('offsets are shown, refused while the connector runs, changed and reset once it is stopped', async () => {
  const shown = await cli.json<{ offsets: object[] }>('offsets', 'get', 'sink');
  expect(shown.offsets).toMatchObject([
    { partition: { kafka_topic: 'lines', kafka_partition: 0 } },
  ]);
  const file = join(folder, 'offsets.json');
  const offset = {
    partition: { kafka_topic: 'lines', kafka_partition: 0 },
    offset: { kafka_offset: 1 },
  };
  writeFileSync(file, JSON.stringify({ offsets: [offset] }));
  const running = await cli.run('offsets', 'set', 'sink', '--file', file);
  expect(running.code).toBe(2);
  expect(running.error).toContain('STOPPED state');
  await cli.run('connectors', 'stop', 'sink');
  await until(async () =>
    (await cli.run('offsets', 'set', 'sink', '--file', file)).code === 0 ? true : undefined,
  );
  expect(await cli.json('offsets', 'get', 'sink')).toEqual({ offsets: [offset] });
  expect((await cli.run('offsets', 'reset', 'sink')).out).toContain('reset successfully');
  expect(await cli.json('offsets', 'get', 'sink')).toEqual({ offsets: [] });
  await cli.run('connectors', 'resume', 'sink');
});

test.each([
  [['topics', 'describe', 'linse'], 'there is no topic "linse"', 'did you mean "lines"'],
  [['topics', 'tail', 'linse'], 'there is no topic "linse"', 'did you mean "lines"'],
  [['groups', 'describe', 'connect-sinc'], 'there is no group', 'did you mean "connect-sink"'],
  [['dead-letters', 'list', 'source'], 'has no topic of dead letters', '--topic'],
  [['dead-letters', 'list', 'sorce'], 'there is no connector "sorce"', 'did you mean "source"'],
  [
    ['topics', 'list', '--bootstrap', '127.0.0.1:9'],
    'no log answers at 127.0.0.1:9',
    '--bootstrap',
  ],
])('%j says what is wrong and what helps: 1', async (argv, message, hint) => {
  const { code, error } = await cli.run(...argv);
  expect(code).toBe(1);
  expect(error).toContain(message);
  expect(error).toContain(hint);
});

test.each([
  [['topics', 'tail', 'lines', '--from', 'yesterday'], '--from "yesterday"'],
  [['topics', 'tail', 'lines', '--limit', 'all'], '--limit "all"'],
  [['dead-letters', 'show', '--topic', 'lines', 'x'], '"x" is not PARTITION:OFFSET'],
  [['dead-letters', 'show', '--topic', 'lines', '0:99'], 'no dead letter at 0:99'],
  [['dead-letters', 'list'], '--topic'],
  [['topics', 'list', '--bootstrap', 'nowhere'], 'nowhere'],
])('%j is bad usage: 2', async (argv, message) => {
  const { code, error } = await cli.run(...argv);
  expect(error).toContain(message);
  expect(code).toBe(2);
});

test("the log can be found by a worker's file, and MILLRACE_URL is no key of a worker", async () => {
  const file = join(folder, 'client.properties');
  writeFileSync(file, `bootstrap.servers=${worker.log}\n`);
  const { code, out } = await cli.run(
    'topics',
    'list',
    '--config',
    file,
    '--url',
    'http://127.0.0.1:9',
  );
  expect(code).toBe(0);
  expect(out).toContain('lines');
  const other = mkdtempSync(join(folder, 'other-'));
  await using second = await startMillrace({ folder: other, env: { MILLRACE_URL: worker.rest } });
  expect(second.output).not.toContain('"url"');
});
