import { mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/foundation';
import {
  openConfigProviders,
  placeholderValues,
  resolvePlaceholders,
  type ConfigProvider,
} from '../src/index.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-providers-'));
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'db.properties'), 'user=ann\npassword=s:e=c\nempty=\n');
  writeFileSync(join(folder, 'in', 'token'), 'line\n');
  writeFileSync(join(folder, 'out.properties'), 'user=eve\n');
  symlinkSync(join(folder, 'out.properties'), join(folder, 'in', 'link.properties'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KAFKA = 'org.apache.kafka.common.config.provider.';

function open(more: Record<string, string> = {}): Promise<ReadonlyMap<string, ConfigProvider>> {
  const config = {
    'config.providers': 'file, dir,env',
    'config.providers.file.class': `${KAFKA}FileConfigProvider`,
    'config.providers.dir.class': `${KAFKA}DirectoryConfigProvider`,
    'config.providers.env.class': `${KAFKA}EnvVarConfigProvider`,
    ...more,
  };
  const environment = { DB_HOST: 'db', OTHER: 'no', EMPTY: undefined };
  return openConfigProviders(config, { environment, log: silentLogger });
}

async function resolve(text: string, more: Record<string, string> = {}): Promise<string> {
  const { config } = await resolvePlaceholders({ key: text }, await open(more));
  return config['key'] ?? '';
}

test('placeholders are replaced anywhere in a value, many in one', async () => {
  const path = join(folder, 'in', 'db.properties');
  expect(
    await resolve(`jdbc://\${env:DB_HOST}/x?u=\${file:${path}:user}&p=\${file:${path}:password}`),
  ).toBe('jdbc://db/x?u=ann&p=s:e=c');
  expect(await resolve(`[\${file:${path}:empty}]`)).toBe('[]');
  expect(await resolve(`\${dir:${join(folder, 'in')}:token}`)).toBe('line\n');
});

test('what no provider knows stays as it is', async () => {
  for (const text of [
    '${vault:a:b}',
    '${env:MISSING}',
    '${env:EMPTY}',
    '${env}',
    '$${nothing',
    `\${file:${join(folder, 'in', 'db.properties')}:none}`,
    '${file::user}',
    `\${dir:${join(folder, 'in')}:../out.properties}`,
  ])
    expect(await resolve(text)).toBe(text);
});

test('a path that can not be read, and a path for the environment, are errors', async () => {
  await expect(resolve('${file:/nowhere/x.properties:k}')).rejects.toThrow(
    'Could not read properties from file /nowhere/x.properties',
  );
  await expect(resolve('${env:some/path:DB_HOST}')).rejects.toThrow(
    "Path is not supported for EnvVarConfigProvider, invalid value 'some/path'",
  );
});

test('what is no directory, and what is no file in one, stays as it is', async () => {
  for (const place of ['nowhere', 'out.properties', '']) {
    const text = `\${dir:${join(folder, place)}:in}`;
    expect(await resolve(text)).toBe(text);
  }
});

test('allowed.paths bounds what is read, also through links', async () => {
  const more = { 'config.providers.file.param.allowed.paths': join(folder, 'in') };
  const inside = `\${file:${join(folder, 'in', 'db.properties')}:user}`;
  expect(await resolve(inside, more)).toBe('ann');
  for (const outside of ['out.properties', 'in/../out.properties', 'in/link.properties']) {
    const text = `\${file:${folder}/${outside}:user}`;
    expect(await resolve(text, more)).toBe(text);
  }
  await expect(
    resolve(`\${file:${join(folder, 'in', 'gone.properties')}:user}`, more),
  ).rejects.toThrow('Could not read properties from file');
  const param = 'config.providers.file.param.allowed.paths';
  await expect(open({ [param]: 'relative' })).rejects.toThrow('Path relative is not absolute');
  await expect(open({ [param]: '/nowhere' })).rejects.toThrow('Path /nowhere does not exist');
});

test('the environment can be narrowed, and unknown classes are refused', async () => {
  const pattern = { 'config.providers.env.param.allowlist.pattern': 'DB_.*' };
  expect(await resolve('${env:DB_HOST} ${env:OTHER}', pattern)).toBe('db ${env:OTHER}');
  await expect(open({ 'config.providers.env.class': 'x.Y' })).rejects.toThrow(
    'config.providers.env.class=x.Y is not known',
  );
  await expect(open({ 'config.providers': 'a' })).rejects.toThrow('set config.providers.a.class');
});

test('the shortest time to live counts', async () => {
  const path = join(folder, 'in', 'db.properties');
  const providers = await open({ 'config.providers.file.param.ttl.ms': '500' });
  const resolved = await resolvePlaceholders({ a: `\${file:${path}:user}` }, providers);
  expect(resolved).toEqual({ config: { a: 'ann' }, ttlMs: 500 });
  expect((await resolvePlaceholders({ a: '${env:DB_HOST}' }, providers)).ttlMs).toBeUndefined();
});

test('the values of placeholders are told from template and result', () => {
  expect(placeholderValues('jdbc://${env:H}/${file:/p:k}?x', 'jdbc://db/secret?x')).toEqual([
    'db',
    'secret',
  ]);
  expect(placeholderValues('plain', 'plain')).toEqual([]);
  expect(placeholderValues('${env:NONE}', '${env:NONE}')).toEqual([]);
});

const pluggedAs = (get: ConfigProvider['get'], limitMs = 60_000): Promise<string> =>
  openConfigProviders(
    { 'config.providers': 'v', 'config.providers.v.class': 'Vault' },
    {
      environment: {},
      log: silentLogger,
      plugged: {
        find: () => ({ create: () => ({ get }) }),
        names: [],
        clock: systemClock,
        limitMs,
      },
    },
  )
    .then((providers) => resolvePlaceholders({ key: '${v:a:b}' }, providers))
    .then(({ config }) => config['key'] ?? '');

test("a stranger's provider may answer with a map or an object; anything else is refused, and it has a limit", async () => {
  expect(await pluggedAs(() => Promise.resolve({ values: new Map([['b', 'x']]) }))).toBe('x');
  const loose = (values: unknown): ConfigProvider['get'] =>
    (() => Promise.resolve({ values })) as never; // as code without types may answer
  expect(await pluggedAs(loose({ b: 'x' }))).toBe('x');
  expect(await pluggedAs(loose({}))).toBe('${v:a:b}');
  await expect(pluggedAs(loose({ b: 5 }))).rejects.toThrow('did not answer { values }');
  await expect(pluggedAs(loose(undefined))).rejects.toThrow('did not answer { values }');
  const hangs = (): Promise<never> => new Promise(() => undefined);
  await expect(pluggedAs(hangs, 10)).rejects.toThrow('it did not answer within 10 ms');
  await expect(
    pluggedAs(() => {
      throw new Error('sealed');
    }),
  ).rejects.toThrow('config provider "v" failed: sealed');
});
