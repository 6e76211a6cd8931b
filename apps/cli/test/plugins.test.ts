import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from './built-cli.ts';
import { PluginFolder } from './plugin-folder.ts';
import { RunningWorker } from './running-worker.ts';

interface Report {
  readonly plugins: readonly Readonly<Record<string, unknown>>[];
  readonly problems: readonly Readonly<Record<string, string>>[];
}

const transform = (name: string, version = '', javaClasses: readonly string[] = []): string =>
  `export const it = {kind:'transform',name:'${name}',version:'${version}',javaClasses:${JSON.stringify(javaClasses)},fields:{},create:()=>({apply:(record)=>record})};`;

const problemsOf = async (worker: RunningWorker): Promise<Record<string, string>> => {
  const { problems } = (await worker.ask('GET', '/api/plugins')) as Report;
  return Object.fromEntries(
    problems.map(({ location = '', code = '', message = '' }) => [
      location.replace(/^.*\//, ''),
      `${code}: ${message}`,
    ]),
  );
};

test('a broken package never stops the worker: it is named with what to mend, and the others are used', async () => {
  using folder = new PluginFolder();
  folder.add('good', {}, { 'index.js': transform('good') });
  folder.add('throws', {}, { 'index.js': "throw new Error('boom');" });
  folder.add('hangs', {}, { 'index.js': 'await new Promise(() => {});' });
  folder.add(
    'waits',
    {},
    { 'index.js': 'setInterval(() => {}, 999); await new Promise(() => {});' },
  );
  folder.add('loops', {}, { 'index.js': 'for (;;);' });
  folder.add('exits', {}, { 'index.js': 'process.exit(3);' });
  folder.add('rejects', {}, { 'index.js': "Promise.reject(new Error('late')); " });
  folder.add('needs', {}, { 'index.js': "import 'no-such-package';" });
  folder.add('empty', {}, { 'index.js': 'export const nothing = 1;' });
  folder.add('shape', {}, { 'index.js': "export const it = { kind: 'source', fields: {} };" });
  folder.add('names', { millrace: { transforms: ['other'] } }, { 'index.js': transform('a') });
  folder.add('kinds', { millrace: { connectors: ['it'] } }, { 'index.js': transform('b') });
  folder.add('typo', { millrace: { transfroms: ['it'] } }, { 'index.js': transform('c') });
  folder.add('api', { millrace: { api: 2 } }, { 'index.js': transform('d') });
  folder.add(
    'peer',
    { peerDependencies: { '@millrace/connector-api': '^9.0.0' } },
    { 'index.js': transform('e') },
  );
  folder.add('source', { main: 'index.ts' }, { 'index.ts': 'export const a: number = 1;' });
  folder.add('unbuilt', { main: 'dist/index.js' }, {});
  folder.add('outside', { main: '../good/index.js' }, {});
  symlinkSync(join(folder.path, 'good/index.js'), join(folder.add('linked', {}, {}), 'index.js'));
  folder.add('silent', { millrace: undefined }, { 'index.js': transform('f') });
  folder.write('broken/package.json', '{');
  folder.write('java/connector.jar', '');
  symlinkSync('/no/such/folder', join(folder.path, 'dangling'));
  await using worker = await RunningWorker.start(folder.path, {
    'plugin.path': `${folder.path},${folder.path}/none`,
    'plugin.load.timeout.ms': '2500',
    'plugin.discovery': 'hybrid_warn',
  });
  const problems = await problemsOf(worker);
  const expected: Readonly<Record<string, RegExp>> = {
    throws: /^plugins.import_failed: .*boom/,
    hangs: /^plugins.import_hangs: /,
    waits: /^plugins.import_hangs: /,
    loops: /^plugins.import_hangs: /,
    exits: /^plugins.import_failed: .*ends the process with code 3/,
    rejects: /^plugins.import_failed: .*late/,
    needs: /^plugins.import_failed: .*no-such-package/,
    empty: /^plugins.bad_export: .*exports no plugin/,
    shape: /^plugins.bad_export: /,
    names: /^plugins.bad_export: .*no export "other"; there are it/,
    kinds: /^plugins.bad_export: .*is a transform, but is named in "connectors"/,
    typo: /^plugins.bad_manifest: .*did you mean "transforms"/,
    api: /^plugins.wrong_api: .*API 2; this worker has API 1/,
    peer: /^plugins.wrong_api: .*\^9.0.0/,
    source: /^plugins.import_failed: .*\.ts/,
    unbuilt: /^plugins.bad_manifest: .*is the package built/,
    outside: /^plugins.bad_manifest: .*leads out of the package/,
    linked: /^plugins.bad_manifest: .*leads out of the package/,
    silent: /^plugins.no_entry: /,
    broken: /^plugins.bad_manifest: .*is not JSON/,
    java: /^plugins.java: /,
    dangling: /^plugins.path_unusable: .*link to nothing/,
    none: /^plugins.path_unusable: .*does not exist/,
  };
  for (const [name, text] of Object.entries(expected))
    expect([name, problems[name]]).toEqual([name, expect.stringMatching(text)]);
  expect(Object.keys(problems).sort()).toEqual(Object.keys(expected).sort());
  const codes = worker.log.flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
  expect(new Set(codes)).toEqual(
    new Set(Object.values(problems).map((text) => text.split(':')[0])),
  );
  expect(await worker.ask('GET', '/connector-plugins?connectorsOnly=false')).toContainEqual({
    class: 'good',
    type: 'transformation',
    version: '1.0.0',
  });
  await expect(
    worker.ask('POST', '/connectors', { name: 'x', config: { 'connector.class': 'unheard.Of' } }),
  ).rejects.toThrow(/may hold it: /);
  expect(await worker.stop()).toBe(0);
}, 150_000);

test('versions of one plugin stand side by side, and ranges choose between them (KIP-891)', async () => {
  using folder = new PluginFolder();
  const java = ['com.example.Mask$Value'];
  for (const version of ['1.0.0', '1.9.0', '2.0.0-rc1'])
    folder.add(
      `mask-${version}`,
      { name: 'mask', version },
      { 'index.js': transform('mask', '', java) },
    );
  folder.add('rival', { version: '3.0.0' }, { 'index.js': transform('mask') });
  // Of the folder in which the worker is started, as CommonJS, and linked as `npm link` does.
  folder.add(
    'elsewhere',
    { type: 'commonjs', main: 'it.js' },
    { 'it.js': transform('found').replace('export const it', 'exports.it') },
  );
  folder.write('run/node_modules/@scope/.keep', '');
  symlinkSync(join(folder.path, 'elsewhere'), join(folder.path, 'run/node_modules/@scope/found'));
  writeFileSync(join(folder.path, 'run/package.json'), '{}');
  await using worker = await RunningWorker.start(join(folder.path, 'run'), {
    'plugin.path': ['mask-1.0.0', 'mask-1.9.0', 'mask-2.0.0-rc1', 'rival']
      .map((each) => join(folder.path, each))
      .join(','),
  });
  const { plugins, problems } = (await worker.ask('GET', '/api/plugins')) as Report;
  expect(plugins.filter(({ package: name }) => name !== null)).toMatchObject([
    {
      class: 'com.example.Mask$Value',
      aliases: ['mask'],
      version: '1.0.0',
      package: 'mask',
    },
    { version: '1.9.0', package: 'mask' },
    { version: '2.0.0-rc1', package: 'mask' },
    { class: 'found', version: '1.0.0', package: 'elsewhere' },
  ]);
  expect(problems).toMatchObject([{ code: 'plugins.name_taken', package: 'rival' }]);
  const chosen = async (version: string | undefined): Promise<readonly string[]> => {
    const infos = (await worker.ask('PUT', '/connector-plugins/FileStreamSource/config/validate', {
      'connector.class': 'FileStreamSource',
      name: 'x',
      topic: 't',
      transforms: 'm',
      'transforms.m.type': 'com.example.Mask$Value',
      ...(version === undefined ? {} : { 'transforms.m.plugin.version': version }),
    })) as {
      configs: {
        definition: { default_value: string } | null;
        value: { name: string; errors: string[] };
      }[];
    };
    const key = infos.configs.find(({ value }) => value.name === 'transforms.m.plugin.version');
    return [key?.definition?.default_value ?? '', ...(key?.value.errors ?? [])];
  };
  expect(await chosen(undefined)).toEqual(['2.0.0-rc1']);
  expect(await chosen('latest')).toEqual(['2.0.0-rc1']);
  expect(await chosen('1.9')).toEqual(['1.9.0']);
  expect(await chosen('[1.0,1.5)')).toEqual(['1.0.0']);
  expect((await chosen('[3.0,)'))[1]).toBe(
    'Invalid value [3.0,) for configuration transforms.m.plugin.version: Plugin com.example.Mask$Value not found that matches the version range [3.0,), available versions: [2.0.0-rc1, 1.9.0, 1.0.0]',
  );
  expect((await chosen('[1.0'))[1]).toMatch(/is no version range/);
  expect(await worker.stop()).toBe(0);
}, 150_000);

/** As a stranger writes it, by what the README says. */
const VAULT = `
import { defineConfigProvider, defineFields, resolveConfig } from '@millrace/connector-api';
const fields = defineFields({
  greeting: { type: 'STRING', importance: 'HIGH', doc: 'What every secret begins with.' },
});
export const vault = defineConfigProvider({
  name: 'vault',
  javaClasses: ['com.example.VaultConfigProvider'],
  fields,
  create(config) {
    const { greeting } = resolveConfig(fields, config);
    return {
      async get(path, keys) {
        if (path === 'broken') throw new Error('the vault is sealed');
        const values = new Map([...keys].map((key) => [key, greeting + path + key]));
        values.delete('none');
        return { values };
      },
    };
  },
});
`;

test('a config provider of a package gives values to the worker and to connectors, and shows in neither', async () => {
  using folder = new PluginFolder();
  const manifest = { millrace: { api: 1, configProviders: ['vault'] } };
  folder.add('vault-plugin', manifest, { 'index.js': VAULT });
  const out = join(folder.path, 'hush-files-out');
  await using worker = await RunningWorker.start(folder.path, {
    'plugin.path': folder.path,
    'config.providers': 'v',
    'config.providers.v.class': 'com.example.VaultConfigProvider',
    'config.providers.v.param.greeting': 'hush-',
    'response.http.headers.config': 'add X-Vault: ${v:rest:Key}',
  });
  const answer = await fetch(`${worker.url}/`);
  expect(answer.headers.get('x-vault')).toBe('hush-restKey');
  const report = (await worker.ask('GET', '/api/plugins')) as Report;
  expect(report.problems).toEqual([]);
  expect(report.plugins.find(({ name }) => name === 'vault')).toMatchObject({
    class: 'com.example.VaultConfigProvider',
    type: 'configprovider',
    version: '1.0.0',
    package: 'vault-plugin',
    aliases: ['vault', 'VaultConfigProvider', 'Vault'],
  });
  // As by Kafka Connect, which lists no providers there.
  const listed = (await worker.ask('GET', '/connector-plugins?connectorsOnly=false')) as object[];
  expect(JSON.stringify(listed)).not.toContain('Vault');
  const config = {
    'connector.class': 'FileStreamSink',
    topics: 'none',
    file: `${folder.path}/\${v:files:-out}`,
  };
  await worker.ask('PUT', '/connectors/sink/config', config);
  expect(await worker.ask('GET', '/connectors/sink/config')).toEqual({ ...config, name: 'sink' });
  await until(() => (existsSync(out) ? true : undefined));
  const broken = { ...config, file: '${v:broken:x}' };
  await expect(worker.ask('PUT', '/connectors/broken/config', broken)).rejects.toThrow(
    'config provider \\"v\\" failed: the vault is sealed',
  );
  expect(await worker.stop()).toBe(0);
}, 150_000);

test('a config provider that is not there ends the start, with the names of those that are', async () => {
  using folder = new PluginFolder();
  folder.add('vault-plugin', {}, { 'index.js': VAULT });
  const start = RunningWorker.start(folder.path, {
    'plugin.path': folder.path,
    'config.providers': 'v',
    'config.providers.v.class': 'com.example.Volt',
  });
  await expect(start).rejects.toThrow(
    /com.example.Volt is not known; there are .*VaultConfigProvider/,
  );
}, 150_000);
