import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import { createPlugin } from '../src/plugin/create-plugin.ts';
import { pluginName } from '../src/plugin/plugin-name.ts';
import { BuiltCli, ROOT } from './built-cli.ts';
import { run } from './cli-harness.ts';
import { PluginFolder } from './plugin-folder.ts';
import { installPublished } from './published-packages.ts';
import { RunningWorker } from './running-worker.ts';

const folder = new PluginFolder();
const cli = new BuiltCli({});
beforeAll(() => {
  installPublished(folder.path);
}, 150_000);
afterAll(() => folder[Symbol.dispose]());

const KINDS = ['source', 'sink', 'transform', 'converter'] as const;

describe.each(KINDS)('a new %s', (kind) => {
  const name = `@acme/millrace-my-${kind}`;
  const root = join(folder.path, `millrace-my-${kind}`);

  test('is a package whose build and tests pass without a change', () => {
    const created = createPlugin(name, kind, { parent: folder.path, version: '0.1.0' });
    expect(created.folder).toBe(root);
    for (const file of [
      'README.md',
      'package.json',
      `src/${kind}.ts`,
      'test/contract.test.ts',
      'example/connector.json',
    ])
      expect(created.files).toContain(file);
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
      cwd: root,
      stdio: 'inherit',
    });
    const tests = spawnSync(process.execPath, ['--test', 'dist/test/contract.test.js'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(tests.stdout.replace(/^# (duration|tests|pass|suites).*$/gm, '')).toMatch(/# fail 0/);
    expect([tests.status, Number(/# pass (\d+)/.exec(tests.stdout)?.[1] ?? 0) > 8]).toEqual([
      0,
      true,
    ]);
  }, 150_000);

  test('passes the check, and its README and example name it as configurations do', async () => {
    const checked = await cli.run('plugin', 'check', root);
    expect(checked).toMatchObject({ code: 0, error: '' });
    expect(checked.out).toMatch(new RegExp(`^my-${kind} +\\w+ +0\\.1\\.0 +${name}$`, 'm'));
    expect(readFileSync(join(root, 'example/connector.json'), 'utf8')).toContain(`"my-${kind}"`);
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`npm install ${name}`);
  });
});

test('new plugins are loaded by a worker, listed, and their examples are valid', async () => {
  await using worker = await RunningWorker.start(folder.path, { 'plugin.path': folder.path });
  const { out } = await cli.run('plugin', 'list', '--url', worker.url);
  for (const kind of KINDS)
    expect(out).toMatch(new RegExp(`my-${kind}.*@acme/millrace-my-${kind}`));
  for (const kind of KINDS) {
    const file = join(folder.path, `millrace-my-${kind}/example/connector.json`);
    const { name, config } = JSON.parse(readFileSync(file, 'utf8')) as {
      name: string;
      config: Record<string, string>;
    };
    const path = `/connector-plugins/${config['connector.class'] ?? ''}/config/validate`;
    expect(await worker.ask('PUT', path, { name, ...config })).toMatchObject({ error_count: 0 });
  }
  expect(await worker.stop()).toBe(0);
}, 150_000);

test('validate knows new plugins without a worker', async () => {
  const root = join(folder.path, 'millrace-my-source');
  const file = folder.write(
    'bad.json',
    '{"name":"x","connector.class":"my-source","topci":"t","url":"u"}',
  );
  const { code, error } = await cli.run('validate', '--plugin-path', root, file);
  expect([code, error]).toEqual([2, expect.stringContaining('did you mean "topic"?')]);
  const good = await cli.run(
    'validate',
    '--plugin-path',
    root,
    join(root, 'example/connector.json'),
  );
  expect(good).toMatchObject({ code: 0, error: '' });
}, 150_000);

test('nothing is overwritten', () => {
  const root = join(folder.path, 'taken');
  mkdirSync(root);
  const parent = folder.path;
  createPlugin('taken', 'sink', { parent, version: '0.1.0' }); // an empty folder is as good as none
  writeFileSync(join(root, 'README.md'), 'mine');
  expect(() => createPlugin('taken', 'sink', { parent, version: '0.1.0' })).toThrow(MillraceError);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('mine');
  writeFileSync(join(parent, 'a-file'), 'mine');
  expect(() => createPlugin('a-file', 'sink', { parent, version: '0.1.0' })).toThrow(MillraceError);
  expect(readFileSync(join(parent, 'a-file'), 'utf8')).toBe('mine');
  rmSync(root, { recursive: true });
});

test.each(['', 'Upper', '../out', 'a/b', '@scope', '9lives', 'a b', '.hidden'])(
  'the name "%s" is refused, and nothing is written',
  async (name) => {
    const { code, error } = await run(['plugin', 'create', name]);
    expect([code, error]).toEqual([2, expect.stringContaining("can't be the name of a package")]);
    expect(existsSync(join(folder.path, '../out'))).toBe(false);
  },
);

test('names are derived from that of the package', () => {
  expect(pluginName('@acme/millrace-rain-gauge')).toEqual({
    package: '@acme/millrace-rain-gauge',
    folder: 'millrace-rain-gauge',
    plugin: 'rain-gauge',
    type: 'RainGauge',
    identifier: 'rainGaugePlugin',
  });
});

test('a plugin is of one kind', async () => {
  const { code, error } = await run(['plugin', 'create', 'x', '--source', '--sink']);
  expect([code, error]).toEqual([2, expect.stringContaining('--source and --sink')]);
});

test('the check names what is wrong, exits with 2, and says it in JSON too', async () => {
  using broken = new PluginFolder();
  const package_ = broken.add('broken', {}, { 'index.js': 'export const nothing = 1;' });
  const { code, out, error } = await cli.run('plugin', 'check', package_);
  expect([code, out]).toEqual([2, 'no plugin can be used\n']);
  expect(error).toMatch(/error: broken .*: its module exports no plugin\n {2}to mend it: /);
  const inJson = await cli.run('plugin', 'check', package_, '--json');
  expect(JSON.parse(inJson.out)).toMatchObject({
    valid: false,
    problems: [{ code: 'plugins.bad_export' }],
  });
  const empty = await cli.run('plugin', 'check', join(broken.path, 'none'));
  expect([empty.code, empty.error]).toEqual([2, expect.stringContaining('does not exist')]);
});
