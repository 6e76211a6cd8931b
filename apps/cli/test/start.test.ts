import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';

const MAIN = join(import.meta.dirname, '../dist/millrace.cjs');
const READY =
  /^millrace ready in \d+ ms: REST (http:\/\/127\.0\.0\.1:\d+), log (127\.0\.0\.1:\d+)\n$/;

let folder: string;
const spawned: ChildProcessWithoutNullStreams[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-start-'));
});
afterEach(() => {
  for (const child of spawned.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** `millrace start` as its own process; needs a build. */
class Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  #out = '';
  #error = '';
  #onOut: () => void = () => undefined;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first`);
    this.child = spawn(process.execPath, [MAIN, 'start', ...args], {
      cwd: folder,
      env: { ...process.env, ...environment },
    });
    spawned.push(this.child);
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.#out += chunk.toString();
      this.#onOut();
    });
    this.child.stderr.on('data', (chunk: Buffer) => (this.#error += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => resolve({ code, out: this.#out, error: this.#error }));
    });
  }

  get error(): string {
    return this.#error;
  }

  /** The address of REST, once the process is ready. */
  async ready(): Promise<string> {
    const line = await Promise.race([
      new Promise<string>((resolve) => {
        this.#onOut = () => {
          if (this.#out.includes('\n')) resolve(this.#out);
        };
        this.#onOut();
      }),
      this.ended.then(({ code, error }) => {
        throw new Error(`ended with ${code}: ${error}`);
      }),
    ]);
    return READY.exec(line)?.[1] ?? `unexpected: ${line}`;
  }
}

const FREE = [
  ...['--set', 'listeners=http://127.0.0.1:0'],
  ...['--set', 'broker.listeners=PLAINTEXT://127.0.0.1:0'],
];

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Waits for a fact that another process brings about. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 1_200; attempt++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await systemClock.sleep(50);
  }
  throw new Error('it did not come about');
}

test('connector files run, one line says ready, SIGTERM commits and ends with 0, and a restart resumes', async () => {
  write('in.txt', 'one\ntwo\n');
  const converter = 'value.converter=org.apache.kafka.connect.storage.StringConverter';
  const source = write(
    'source.properties',
    `name=source\nconnector.class=FileStreamSource\nfile=${folder}/in.txt\ntopic=lines\n${converter}\n`,
  );
  const sink = write('sink.json', {
    name: 'sink',
    config: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      file: join(folder, 'out.txt'),
      topics: 'lines',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
  });
  const written = (): string => {
    const path = join(folder, 'out.txt');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const settings = write('worker.yaml', 'data:\n  dir: state\n');

  const first = new Started(['--config', settings, ...FREE, source, sink]);
  const url = await first.ready();
  await until(() => (written() === 'one\ntwo\n' ? true : undefined));
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await (await fetch(`${url}/connectors`)).json()).toEqual(['sink', 'source']);
  first.child.kill('SIGTERM');
  const { code, out } = await first.ended;
  expect(code).toBe(0);
  expect(out).toMatch(READY);
  expect(existsSync(join(folder, 'state/log'))).toBe(true);

  writeFileSync(join(folder, 'in.txt'), 'three\n', { flag: 'a' });
  const second = new Started(['--config', settings, ...FREE]); // the connectors are in the log
  await second.ready();
  await until(() => (written() === 'one\ntwo\nthree\n' ? true : undefined));
  second.child.kill('SIGINT');
  expect((await second.ended).code).toBe(0);
});

test('a connector file given again updates the connector', async () => {
  const config = (file: string): string =>
    `name=a\nconnector.class=FileStreamSink\ntopics=t\nfile=${folder}/${file}\n`;
  for (const file of ['x', 'y']) {
    const started = new Started([...FREE, write('a.properties', config(file))]);
    const url = await started.ready();
    expect(await (await fetch(`${url}/connectors/a/config`)).json()).toMatchObject({
      file: join(folder, file),
    });
    started.child.kill('SIGTERM');
    expect((await started.ended).code).toBe(0);
  }
});

test('every problem of configuration and files is listed before anything starts; 2', async () => {
  const { code, out, error } = await new Started([
    ...['--config', write('worker.properties', 'listeners=ftp://x\nbroker.num.partitions=many\n')],
    ...['--set', 'nonsense'],
    write('broken.json', '{'),
    write('nameless.properties', 'file=x\n'),
    join(folder, 'missing.json'),
  ]).ended;
  expect([code, out]).toEqual([2, '']);
  for (const named of ['nonsense', 'broken.json', 'nameless.properties', 'missing.json'])
    expect(error).toContain(named);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test('worker keys that are wrong are all named; 2', async () => {
  const { code, error } = await new Started([
    ...['--set', 'listeners=ftp://x', '--set', 'broker.num.partitions=many'],
    ...['--set', 'log.level=loud'],
  ]).ended;
  expect(code).toBe(2);
  for (const key of ['listeners', 'broker.num.partitions', 'log.level'])
    expect(error).toContain(`configuration ${key}`);
});

test('a connector that is refused stops the start with all its problems; 2', async () => {
  const { code, out, error } = await new Started([
    ...FREE,
    write('a.properties', 'name=a\nconnector.class=FileStreamSink\ntasks.max=0\n'),
    write('b.properties', 'name=b\nconnector.class=FileStreamSinc\n'),
  ]).ended;
  expect([code, out]).toEqual([2, '']);
  expect(error).toContain('connector "a" is refused');
  expect(error).toContain('tasks.max');
  expect(error).toContain('topics');
  expect(error).toContain('connector "b" is refused');
});

test('a taken REST port is said with the key that mends it; 1', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, error } = await new Started(['--set', `listeners=http://127.0.0.1:${port}`]).ended;
  expect(code).toBe(1);
  expect(error).toContain(`http://127.0.0.1:${port}`);
  expect(error).toContain('"listeners"');
  await new Promise((resolve) => other.close(resolve));
});

test('the environment is below --set and above the file; unknown keys are warned about', async () => {
  const file = write(
    'worker.properties',
    'data.dir=from-file\nlog.level=info\nofset.flush.interval.ms=1\n',
  );
  const started = new Started(['--config', file, ...FREE], {
    MILLRACE_DATA_DIR: 'from-environment',
  });
  await started.ready();
  expect(existsSync(join(folder, 'from-environment'))).toBe(true);
  expect(existsSync(join(folder, 'from-file'))).toBe(false);
  expect(started.error).toContain('did you mean \\"offset.flush.interval.ms\\"');
  started.child.kill('SIGTERM');
  expect((await started.ended).code).toBe(0);
});

test('while Kafka is not reached, health says starting, and SIGTERM ends with 0', async () => {
  const port = await freePort();
  const listeners = `listeners=http://127.0.0.1:${port}`;
  const started = new Started(['--set', 'bootstrap.servers=127.0.0.1:9', '--set', listeners]);
  await until(() => (started.error.includes('embedded log') ? true : undefined));
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  expect([health.status, await health.json()]).toEqual([
    503,
    expect.objectContaining({ status: 'starting' }),
  ]);
  started.child.kill('SIGTERM');
  expect((await started.ended).code).toBe(0);
});
