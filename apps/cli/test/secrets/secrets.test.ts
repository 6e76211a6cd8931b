import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BuiltCli, until } from '../built-cli.ts';
import { PluginFolder } from '../plugin-folder.ts';
import { RunningWorker } from '../running-worker.ts';
import { plant, secretsIn } from './planted.ts';

/** Secrets wherever one can be configured, connectors that tell all that they know, and everything read afterwards. */
const folder = new PluginFolder();
const traces: string[] = [];
let collector: Server;
let worker: RunningWorker;
let cli: BuiltCli;
/** What was found where; filled by every request of this file. */
const answers = new Map<string, string>();

const jaas = (secret: string): string =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="${secret}";`;

const REST_PASSWORD = plant('rest');
const WORKER_SECRETS = {
  'producer.sasl.jaas.config': jaas(plant('producer')),
  'producer.ssl.key.password': plant('key-password'),
  'listeners.https.ssl.keystore.password': plant('keystore'),
  'rest.auth.jwt.secret': plant('jwt-which-is-long-enough-for-it'),
  'value.converter.basic.auth.user.info': `me:${plant('registry')}`,
};
const PROVIDED = [plant('file'), plant('multi'), plant('env'), plant('directory')];

/** The secrets of a connector, of each origin. */
const own = (file: string): Record<string, string> => ({
  pin: `\${file:${file}/secrets.properties:pin}`,
  'connection.password': plant('literal-password'),
  note: `before \${env:PLANTED} and \${directory:${file}:planted.txt} after`,
  lines: `\${file:${file}/secrets.properties:lines}`,
  'producer.override.sasl.jaas.config': jaas(plant('override')),
  'producer.override.ssl.keystore.password': `\${file:${file}/secrets.properties:pin}`,
});

const DEAD_LETTERS = {
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': 'letters',
  'errors.deadletterqueue.context.headers.enable': 'true',
  'errors.log.enable': 'true',
  'errors.log.include.messages': 'true',
};
const TRANSFORM = {
  transforms: 't',
  'transforms.t.type': 'talking-transform',
};

interface Told {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  /** What it comes to, so that it has said its secrets by then. */
  readonly state: 'FAILED' | 'RUNNING' | 'CONNECTOR_FAILED';
}

function told(isolation: string): readonly Told[] {
  const source = (
    mood: string,
    state: Told['state'] = 'FAILED',
    more: Readonly<Record<string, string>> = {},
  ): Told => ({
    name: `${isolation}-source-${mood}`,
    config: { 'connector.class': 'talking-source', mood, 'tasks.isolation': isolation, ...more },
    state,
  });
  const sink = (
    mood: string,
    state: Told['state'] = 'FAILED',
    more: Readonly<Record<string, string>> = {},
  ): Told => ({
    name: `${isolation}-sink-${mood}`,
    config: {
      'connector.class': 'talking-sink',
      topics: 'records',
      mood,
      'tasks.isolation': isolation,
      ...more,
    },
    state,
  });
  const transformed = { ...TRANSFORM, 'transforms.t.pin': plant('transform') };
  return [
    source('log', 'RUNNING'),
    source('start'),
    source('poll'),
    source('string'),
    source('object'),
    source('letters', 'RUNNING', { ...transformed, ...DEAD_LETTERS }),
    source('transform', 'FAILED', transformed),
    ...(isolation === 'thread' ? [source('timer')] : [source('taskConfigs', 'CONNECTOR_FAILED')]),
    sink('put'),
    sink('failures', 'RUNNING', DEAD_LETTERS),
  ];
}

interface Status {
  readonly connector?: { readonly state: string };
  readonly tasks?: readonly { readonly state: string }[];
}

async function ask(method: string, path: string, body?: unknown): Promise<string> {
  const response = await fetch(worker.url + path, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`me:${REST_PASSWORD}`).toString('base64')}`,
      'content-type': path.startsWith('/connectors') || method !== 'GET' ? 'application/json' : '',
      accept: '*/*',
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.set(`${method} ${path}`, text);
  return text;
}

async function reached({ name, state }: Told): Promise<void> {
  const path = `/connectors/${name}/status`;
  await until(async () => {
    const { connector, tasks } = JSON.parse(await ask('GET', path)) as Status;
    const isThere =
      state === 'CONNECTOR_FAILED' ? connector?.state === 'FAILED' : tasks?.[0]?.state === state;
    return isThere || undefined;
  }).catch((cause: unknown) => {
    throw new Error(`${name} is not ${state}: ${answers.get(`GET ${path}`) ?? ''}`, { cause });
  });
}

/** Nothing of what was planted, and of what it is called here. */
function expectNoSecret(where: string, text: string): void {
  const planted = [...Object.values(WORKER_SECRETS), ...PROVIDED, REST_PASSWORD];
  expect([where, secretsIn(text, planted)]).toEqual([where, []]);
}

const all = [...told('none'), ...told('thread')];

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      traces.push(`${JSON.stringify(request.headers)} ${body}`);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const address = collector.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const plugin = folder.add('plugins/talker', {}, {});
  copyFileSync(join(import.meta.dirname, 'talker.js'), join(plugin, 'index.js'));
  folder.write('users.properties', `me=${REST_PASSWORD}\n`);
  folder.write(
    'secrets.properties',
    `pin=${plant('file')}\nlines=first "quoted"\\n${plant('multi')}\n`,
  );
  folder.write('planted.txt', plant('directory'));
  worker = await RunningWorker.start(
    folder.path,
    {
      ...WORKER_SECRETS,
      'rest.auth.basic.file': join(folder.path, 'users.properties'),
      'plugin.path': join(folder.path, 'plugins'),
      'data.dir': join(folder.path, 'data'),
      'log.level': 'debug',
      'connector.client.config.override.policy': 'All',
      'config.providers': 'file,env,directory',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
      'config.providers.directory.class':
        'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
      'tracing.otlp.endpoint': `http://127.0.0.1:${port}`,
      'task.shutdown.graceful.timeout.ms': '1000',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    },
    { PLANTED: plant('env') },
  );
  cli = new BuiltCli({
    MILLRACE_URL: worker.url,
    MILLRACE_USER: 'me',
    MILLRACE_PASSWORD: REST_PASSWORD,
  });
  for (const { name, config } of all)
    await ask('POST', '/connectors', { name, config: { ...own(folder.path), ...config } });
  for (const each of all) await reached(each);
}, 120_000);

afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  folder[Symbol.dispose]();
});

test('connectors say their secrets in the ways that this file tries', () => {
  const output = worker.output;
  const said = ['told: ', 'inner ', 'says ', 'odd', '"known"', 'as a key'];
  expect(said.filter((text) => !output.includes(text))).toEqual([]);
  expect(output.split('[hidden]').length).toBeGreaterThan(100);
});

test('no validation tells a secret, of whatever origin, whatever the connector says of it', async () => {
  for (const mood of ['none', 'problems', 'validate', 'rules']) {
    const config = {
      name: 'v',
      'connector.class': 'talking-source',
      mood,
      ...own(folder.path),
      ...TRANSFORM,
      'transforms.t.pin': plant('transform'),
      'transforms.t.mood': mood === 'none' ? 'create' : 'apply',
      'unknown.api.password': plant('unknown'),
      'connection.passwort': plant('misspelt'),
    };
    const path = '/connector-plugins/talking-source/config/validate';
    expectNoSecret(`validate ${mood}`, await ask('PUT', path, config));
    expectNoSecret(
      `create ${mood}`,
      await ask('POST', '/connectors', {
        name: 'v',
        config: { ...config, 'tasks.max': mood === 'none' || mood === 'rules' ? 'x' : '1' },
      }),
    );
    expectNoSecret(
      `no connector ${mood}`,
      await ask('PUT', '/connectors/v/config', { ...config, 'connector.class': 'none' }),
    );
    expectNoSecret(
      `patch ${mood}`,
      await ask('PATCH', '/connectors/none-source-start/config', {
        ...config,
        name: null,
        'tasks.max': 'x',
      }),
    );
  }
});

test('a database that can’t be reached is named without its password', async () => {
  const config = {
    ...own(folder.path),
    'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
    'connection.url': `jdbc:postgresql://127.0.0.1:1/db?user=me&password=${plant('url')}`,
    topics: 'records',
  };
  expectNoSecret('create', await ask('POST', '/connectors', { name: 'jdbc', config }));
  const path = '/connector-plugins/JdbcSinkConnector/config/validate';
  expectNoSecret('validate', withoutLiterals(await ask('PUT', path, { name: 'jdbc', ...config })));
});

test('no answer to a body that can’t be read says what stood in it', async () => {
  const secret = JSON.stringify(plant('body'));
  for (const body of [
    `{"name":"b","config":{"pin":${secret} oops}}`,
    `{"name":"b","config":{"pin":[${secret}]}}`,
    `{"name":"b","password":${secret}}`,
    `[${secret}]`,
    secret,
    `{"pin":${secret}`,
  ])
    for (const [method, path] of [
      ['POST', '/connectors'],
      ['PUT', '/connectors/b/config'],
      ['PATCH', '/connectors/none-source-start/config'],
      ['PUT', '/connector-plugins/talking-source/config/validate'],
    ] as const)
      expectNoSecret(`${method} ${path} ${body}`, await ask(method, path, body));
});

test('no answer to a GET tells a secret; a configuration shows placeholders, and literals as Kafka Connect', async () => {
  const { paths } = JSON.parse(await ask('GET', '/api/openapi.json')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const asked: string[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    if (!('get' in operations)) continue;
    const whose = path.includes('{') ? all.map(({ name }) => name) : [''];
    for (const name of whose) {
      const filled = path
        .replaceAll(/\{(?:name|connector)\}/g, name)
        .replaceAll(/\{(?:task|taskId|partition|offset)\}/g, '0')
        .replaceAll(/\{plugin\w*\}/g, 'talking-source')
        .replaceAll(/\{\w+\}/g, 'x');
      const text = await ask('GET', filled);
      asked.push(filled);
      const shown = isOwnConfig(filled) ? withoutLiterals(text) : text;
      expectNoSecret(filled, shown);
    }
  }
  expect(await ask('GET', '/connectors/none-source-log/tasks')).toContain(
    `"mixed":"both before \${env:PLANTED} and`,
  );
  expect(asked).toEqual(
    expect.arrayContaining([
      '/metrics',
      '/connectors/none-source-poll/status',
      '/api/connectors/none-sink-failures/errors',
    ]),
  );
});

/** The answers that are the configuration itself, which Kafka Connect gives as it was typed. */
function isOwnConfig(path: string): boolean {
  return /^\/connectors\/[^/]+(?:\/config|\/tasks|\/tasks-config)?$/.test(path);
}

function withoutLiterals(text: string): string {
  return [plant('literal-password'), plant('override'), plant('transform'), plant('url')].reduce(
    (shown, literal) => shown.replaceAll(literal, ''),
    text,
  );
}

test('a connector’s own hooks for offsets and its end tell nothing', async () => {
  const name = 'none-source-poll';
  await ask('PUT', `/connectors/${name}/stop`);
  await until(
    async () => (await ask('GET', `/connectors/${name}/status`)).includes('STOPPED') || undefined,
  );
  const offsets = [{ partition: { from: 'here' }, offset: { n: 7 } }];
  expectNoSecret('PATCH offsets', await ask('PATCH', `/connectors/${name}/offsets`, { offsets }));
  expectNoSecret('DELETE offsets', await ask('DELETE', `/connectors/${name}/offsets`));
  expectNoSecret('DELETE', await ask('DELETE', `/connectors/${name}`));
});

test('no command tells a secret', async () => {
  const file = {
    name: 'none-source-start',
    config: {
      ...own(folder.path),
      'connector.class': 'talking-source',
      mood: 'problems',
      'connection.password': plant('changed'),
      'tasks.max': 'x',
    },
  };
  folder.write('file.json', JSON.stringify(file));
  folder.write(
    'files/file.json',
    JSON.stringify({ ...file, config: { ...file.config, 'tasks.max': '1' } }),
  );
  const commands = [
    ['connectors', 'list'],
    ['connectors', 'get', 'none-source-start', 'thread-sink-failures', 'none-source-letters'],
    ['connectors', 'status', 'none-source-start', 'none-source-taskConfigs'],
    ['errors', 'none-sink-failures', 'thread-source-letters'],
    ['dead-letters', 'list', 'none-sink-failures'],
    ['dead-letters', 'show', 'none-sink-failures', '0:0'],
    ['offsets', 'get', 'none-source-log'],
    ['validate', join(folder.path, 'file.json')],
    ['validate', '--online', join(folder.path, 'file.json')],
    ['plan', join(folder.path, 'files')],
    ['plugins'],
    ['worker'],
  ];
  for (const command of commands)
    for (const json of [[], ['--json']]) {
      const { out, error } = await cli.run(...command, ...json);
      expectNoSecret(command.join(' '), out + error);
    }
}, 120_000);

test('no log line, status, dead letter or trace tells a secret', async () => {
  await until(() => (traces.length > 0 ? true : undefined));
  await worker.stop();
  for (const line of worker.output.split('\n')) expectNoSecret('log', line);
  expectNoSecret('traces', traces.join('\n'));
  const data = join(folder.path, 'data');
  const files = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = files.map((file): [string, string] => [file, readFileSync(file, 'latin1')]);
  const ofTopic = (topic: string): string =>
    texts
      .filter(([file]) => file.includes(topic))
      .map(([, text]) => text)
      .join('');
  expect(ofTopic('connect-configs')).toContain(plant('literal-password'));
  expect(ofTopic('connect-status')).toContain('told: ');
  expect(ofTopic('letters')).toContain('told: ');
  for (const [file, text] of texts)
    if (!file.includes('connect-configs')) expectNoSecret(file, text);
  for (const provided of PROVIDED) expect(ofTopic('connect-configs')).not.toContain(provided);
}, 60_000);
