import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { ROOT, until } from './built-cli.ts';
import { PluginFolder } from './plugin-folder.ts';
import { installPublished, PUBLISHED } from './published-packages.ts';
import { RunningWorker } from './running-worker.ts';

const README = readFileSync(join(ROOT, 'libs/connector-api/README.md'), 'utf8');

/** Blocks of the README that name a file. */
const files = new Map(
  [...README.matchAll(/```\w+ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
);

function manifestOf(folder: PluginFolder, name: string): Record<string, unknown> {
  const file = join(folder.path, 'node_modules/@millrace', name, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** A web service that has documents, and takes some. */
class WebService implements AsyncDisposable {
  readonly documents = Array.from({ length: 25 }, (_, index) => ({
    id: index + 1,
    name: `n${index}`,
  }));
  readonly taken = new Map<string, unknown>();
  readonly tokens = new Set<string | undefined>();
  failures = 2;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    }).listen(0, '127.0.0.1');
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const text = await bodyOf(request);
    if (this.failures-- > 0) return { status: 503, body: 'not now' };
    if (request.method === 'POST') {
      this.tokens.add(request.headers.authorization);
      for (const { from, value } of JSON.parse(text) as { from: string; value: unknown }[])
        this.taken.set(from, value);
      return { status: 200, body: '' };
    }
    const after = Number(new URL(request.url ?? '', this.url).searchParams.get('after'));
    return {
      status: 200,
      body: JSON.stringify(this.documents.filter(({ id }) => id > after).slice(0, 10)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

beforeAll(() => {
  expect([...files.keys()]).toEqual(['source.ts', 'sink.js', 'package.json']);
});

test.each(['source.ts', 'sink.js'])('%s has at most 40 lines', (name) => {
  expect((files.get(name) ?? '').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});

test('what is published needs nothing that npm can not find, and holds no source, test or other private thing', () => {
  using folder = new PluginFolder();
  installPublished(folder.path);
  for (const name of PUBLISHED) {
    const manifest = manifestOf(folder, name);
    expect(manifest).toMatchObject({ license: 'Apache-2.0', version: '0.1.0', type: 'module' });
    expect(manifest['private']).toBeUndefined();
    const own = Object.keys(manifest['dependencies'] ?? {}).filter((each) =>
      each.startsWith('@millrace/'),
    );
    expect(PUBLISHED.map((each) => `@millrace/${each}`)).toEqual(expect.arrayContaining(own));
    const root = join(folder.path, 'node_modules/@millrace', name);
    expect(readdirSync(root).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
    const endings = readdirSync(join(root, 'dist'), { recursive: true })
      .map(String)
      .filter((each) => each.includes('.'));
    expect(endings.filter((each) => !/\.(js|d\.ts)$/.test(each))).toEqual([]);
  }
}, 150_000);

test("the README's source and sink compile in a stranger's folder, and move records through a worker", async () => {
  using folder = new PluginFolder();
  installPublished(folder.path);
  for (const [name, text] of files) folder.write(`web/src/${name}`, text);
  folder.write('web/src/index.ts', "export * from './source.js';\nexport * from './sink.js';\n");
  folder.write(
    'web/tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        lib: ['es2022', 'esnext.disposable'],
        module: 'nodenext',
        strict: true,
        allowJs: true,
        checkJs: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        skipLibCheck: false,
        types: ['node'],
        rootDir: 'src',
        outDir: '../plugins/web',
      },
      include: ['src/*.ts', 'src/*.js'],
    }),
  );
  folder.write('web/package.json', '{"type":"module"}');
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'web'], {
    cwd: folder.path,
    stdio: 'inherit',
  });
  // The plugin alone, without the API beside it: the worker lends its own.
  using plugins = new PluginFolder();
  cpSync(join(folder.path, 'plugins'), plugins.path, { recursive: true });
  plugins.write('web/package.json', files.get('package.json') ?? '');

  await using service = new WebService();
  const settings = { 'plugin.path': plugins.path, 'offset.flush.interval.ms': '100' };
  const converter = {
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
  };
  await using first = await RunningWorker.start(folder.path, settings);
  expect(await first.ask('GET', '/connector-plugins')).toEqual(
    expect.arrayContaining([
      { class: 'web-source', type: 'source', version: '1.0.0' },
      { class: 'web-sink', type: 'sink', version: '1.0.0' },
    ]),
  );
  await first.ask('PUT', '/connectors/in/config', {
    'connector.class': 'web-source',
    url: service.url,
    topic: 'documents',
    'poll.interval.ms': '50',
    'tasks.isolation': 'thread', // where the API is lent as well
    ...converter,
  });
  await first.ask('PUT', '/connectors/out/config', {
    'connector.class': 'web-sink',
    'tasks.max': '2',
    topics: 'documents',
    url: service.url,
    token: 'planted-secret',
    ...converter,
  });
  await until(() => (service.taken.size === 25 ? true : undefined));
  expect([...service.taken.values()]).toEqual(service.documents);
  expect([...service.tokens]).toEqual(['Bearer planted-secret']);
  expect(await first.ask('GET', '/connectors/out/status')).toMatchObject({
    type: 'sink',
    tasks: [{ version: '1.0.0' }, {}],
  });
  expect(JSON.stringify(first.log)).not.toContain('planted-secret');
  expect(await first.stop()).toBe(0);

  // After a restart it goes on behind what was delivered.
  for (let id = 26; id <= 30; id++) service.documents.push({ id, name: 'later' });
  service.taken.clear();
  await using second = await RunningWorker.start(folder.path, settings);
  await until(() => (service.taken.size === 5 ? true : undefined));
  expect([...service.taken.values()]).toEqual(service.documents.slice(25));
  expect(await second.stop()).toBe(0);
}, 150_000);
