import type { DeadLetterPage } from '@millrace/runtime';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { flattenConfig, parseConfigFile } from '@millrace/config';
import { startMillrace, type MillraceServer } from '@millrace/test-servers';
import { BuiltCli, ROOT, until, type Ended } from './built-cli.ts';

interface PlanJson {
  readonly hash: string;
  readonly connectors: readonly {
    readonly name: string;
    readonly action: string;
    readonly changes: readonly { readonly key: string }[];
  }[];
  readonly unmanaged: readonly string[];
}

let folder: string;
let files: string;
let worker: MillraceServer;
let cli: BuiltCli;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-declarative-'));
  files = join(folder, 'files');
  writeFileSync(join(folder, 'in.txt'), 'one\n{"two": 2}\n');
  const providers = 'config/worker-providers.properties';
  worker = await startMillrace({
    folder,
    settings: flattenConfig(
      providers,
      parseConfigFile(providers, readFileSync(join(ROOT, providers), 'utf8')),
    ),
    env: { LINES_FOLDER: folder },
  });
  cli = new BuiltCli({ MILLRACE_URL: worker.rest });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
/** Each test begins with the example applied, and its own copy of the files. */
beforeEach(async () => {
  rmSync(files, { recursive: true, force: true });
  cpSync(join(ROOT, 'config/declarative'), files, { recursive: true });
  for (const name of await cli.json<string[]>('connectors', 'list').then(Object.keys))
    if (!name.startsWith('lines-')) await cli.run('connectors', 'delete', name);
  expect((await cli.run('apply', files, '--prune')).code).toBe(0);
  await worker.untilRunning('lines-documents');
  await worker.untilRunning('lines-source');
  await worker.untilRunning('lines-copy');
});

const edit = (name: string, from: string, to: string): void => {
  const path = join(files, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
};
const actions = async (...options: string[]): Promise<Record<string, string>> => {
  const { connectors } = await cli.json<PlanJson>('plan', files, ...options);
  return Object.fromEntries(connectors.map(({ name, action }) => [name, action]));
};
const UNCHANGED = {
  'lines-copy': 'unchanged',
  'lines-documents': 'unchanged',
  'lines-source': 'unchanged',
};

test('the example of config/declarative runs, keeps its placeholders, and shows its dead letters', async () => {
  const copy = join(folder, 'copy.txt');
  await until(() =>
    existsSync(copy) && readFileSync(copy, 'utf8') === 'one\n{"two": 2}\n' ? true : undefined,
  );
  expect(await worker.getJson('/connectors/lines-source/config')).toMatchObject({
    file: '${env:LINES_FOLDER}/in.txt',
    topic: '${file:config/declarative/values/lines.properties:topic}',
  });
  const letters = await until(async () => {
    const found = await cli.json<DeadLetterPage>('dead-letters', 'list', 'lines-documents');
    return found.letters.length > 0 ? found.letters : undefined;
  });
  expect(letters).toMatchObject([
    {
      value: { text: 'one' },
      record: { topic: 'lines', partition: 0, offset: 0 },
      error: { stage: 'VALUE_CONVERTER', connector: 'lines-documents' },
    },
  ]);
  const { out } = await cli.run('dead-letters', 'show', 'lines-documents', '0:0');
  expect(out).toMatch(/value +one \(.*serialization error/);
  expect(out).toContain('converter.not_json');
});

test('who applies again changes nothing: 0, also by the detailed code', async () => {
  const again = await cli.run('apply', files);
  expect([again.code, again.error]).toEqual([0, '']);
  expect(again.out).toContain('Nothing to do.');
  expect((await cli.run('plan', files, '--detailed-exitcode')).code).toBe(0);
  expect(await actions()).toEqual(UNCHANGED);
});

test('a changed key restarts what runs, is taken in place by what is paused, and nothing else is touched', async () => {
  edit('lines-copy.yaml', 'copy.txt', 'copy2.txt');
  const plan = await cli.run('plan', files, '--detailed-exitcode');
  expect(plan.code).toBe(2);
  expect(plan.out).toContain('~ lines-copy: restart (its task restarts');
  expect(plan.out).toContain(
    '~ file = "${env:LINES_FOLDER}/copy.txt" -> "${env:LINES_FOLDER}/copy2.txt"',
  );
  expect(await actions()).toEqual({ ...UNCHANGED, 'lines-copy': 'restart' });
  await cli.run('connectors', 'pause', 'lines-copy');
  await until(async () => ((await actions())['lines-copy'] === 'update' ? true : undefined));
  expect((await cli.run('apply', files)).out).toContain('lines-copy: updated');
  expect(await actions()).toEqual(UNCHANGED);
  const status = await worker.getJson<{ connector: { state: string } }>(
    '/connectors/lines-copy/status',
  );
  expect(status.connector.state).toBe('PAUSED');
  await cli.run('connectors', 'resume', 'lines-copy');
});

test('secrets are masked in plans, text and JSON, old and new', async () => {
  edit(
    'lines-copy.yaml',
    'tasks.max: 1',
    'tasks.max: 1\n  some.password: hunter1\n  url: x://me:hunter2@h/?password=hunter3',
  );
  const all: Ended[] = [await cli.run('plan', files), await cli.run('plan', files, '--json')];
  all.push(await cli.run('apply', files), await cli.run('connectors', 'get', 'lines-copy'));
  edit('lines-copy.yaml', 'hunter1', 'hunter4');
  const changed = await cli.run('plan', files);
  expect(changed.out).toContain('~ some.password = "[hidden]" (changed)');
  all.push(changed, await cli.run('apply', files, '--json'));
  for (const { out, error } of all) expect(out + error).not.toContain('hunter');
});

test('what no file describes is left alone, and deleted with --prune', async () => {
  rmSync(join(files, 'lines-copy.yaml'));
  const plan = await cli.json<PlanJson>('plan', files);
  expect(plan.unmanaged).toEqual(['lines-copy']);
  expect((await cli.run('apply', files)).code).toBe(0);
  expect(await actions('--prune')).toEqual({ ...UNCHANGED, 'lines-copy': 'delete' });
  expect((await cli.run('apply', files, '--prune')).out).toContain('lines-copy: deleted');
  expect(await worker.getJson('/connectors')).toEqual(['lines-documents', 'lines-source']);
});

test('a folder without connector files deletes nothing', async () => {
  const { code, error } = await cli.run('apply', join(files, '..', 'data'), '--prune');
  expect(code).toBe(2);
  expect(error).toContain('has no connector files');
  expect(await worker.getJson('/connectors')).toHaveLength(3);
});

test('a plan is refused once a file, the worker or --prune is another', async () => {
  edit('lines-copy.yaml', 'copy.txt', 'copy2.txt');
  const { hash } = await cli.json<PlanJson>('plan', files);
  expect((await cli.json<PlanJson>('plan', files)).hash).toBe(hash);
  const refused = async (): Promise<void> => {
    const { code, error } = await cli.run('apply', files, '--plan', hash, '--prune');
    expect(code).toBe(1);
    expect(error).toContain(`the plan ${hash} is out of date`);
  };
  const original = await worker.getJson<Record<string, string>>('/connectors/lines-source/config');
  await worker.putConnector('lines-source', { ...original, 'batch.size': '7' });
  await refused();
  await worker.putConnector('lines-source', original);
  edit('lines-copy.yaml', 'copy2.txt', 'copy3.txt');
  await refused();
  edit('lines-copy.yaml', 'copy3.txt', 'copy2.txt');
  await worker.putConnector('other', {
    'connector.class': 'FileStreamSink',
    topics: 't',
    file: join(folder, 'x'),
  });
  await refused();
  await worker.send('DELETE', '/connectors/other');
  expect((await cli.run('apply', files, '--plan', hash)).out).toContain('lines-copy: updated');
});

test('a folder with a mistake changes nothing, and the mistake is named with its line', async () => {
  edit('lines-copy.yaml', 'copy.txt', 'copy2.txt');
  edit('lines-documents.properties', 'tasks.max=1', 'tasks.max=none');
  edit('lines-source.json', '${env:LINES_FOLDER}', '${enw:LINES_FOLDER}');
  for (const command of ['plan', 'apply']) {
    const { code, error } = await cli.run(command, files);
    expect(code).toBe(2);
    expect(error).toMatch(/lines-documents\.properties:4: error: .*tasks\.max/);
    expect(error).toMatch(
      /lines-source\.json:6: error: the worker has no config provider "enw".*did you mean "env"/,
    );
  }
  expect(await worker.getJson('/connectors/lines-copy/config')).toMatchObject({
    file: '${env:LINES_FOLDER}/copy.txt',
  });
  expect((await cli.run('plan', files, '--detailed-exitcode')).code).toBe(1);
});

test('two files of one name are refused', async () => {
  cpSync(join(files, 'lines-copy.yaml'), join(files, 'second.yaml'));
  const { code, error } = await cli.run('plan', files);
  expect(code).toBe(2);
  expect(error).toMatch(
    /second\.yaml:2: error: the connector "lines-copy" is described in .*lines-copy\.yaml already/,
  );
});

test('a connector is created in the state that its file asks for', async () => {
  writeFileSync(
    join(files, 'stopped.json'),
    JSON.stringify({
      name: 'stopped',
      initial_state: 'STOPPED',
      config: {
        'connector.class': 'FileStreamSink',
        topics: 'lines',
        file: join(folder, 'stopped.txt'),
      },
    }),
  );
  expect((await cli.run('apply', files)).out).toContain('stopped: created');
  const state = await until(async () => {
    const { out } = await cli.run('connectors', 'status', 'stopped');
    return /STOPPED/.exec(out)?.[0];
  });
  expect(state).toBe('STOPPED');
});

test('without a worker both say so: 1', async () => {
  for (const command of ['plan', 'apply']) {
    const { code, error } = await cli.run(command, files, '--url', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(error).toContain('no worker answers at http://127.0.0.1:9');
  }
});
