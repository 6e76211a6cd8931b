import { expect, test } from '@jest/globals';
import { shippedConverters } from '@millrace/converters';
import { systemClock } from '@millrace/foundation';
import { shippedTransforms } from '@millrace/transforms';
import { validateConnector } from '../src/config/validation.ts';
import { resolveWorkerSettings } from '../src/config/worker-fields.ts';
import type { ConfigInfos, RawConnectorConfig } from '../src/herder.ts';
import { PluginRegistry } from '../src/plugins/plugin-registry.ts';
import { Collector } from './harness.ts';

const plugin = new Collector().plugin();
const registry = new PluginRegistry([...shippedConverters, ...shippedTransforms, plugin]);
const TRANSFORMS = 'org.apache.kafka.connect.transforms.';
const CONVERTERS = 'org.apache.kafka.connect.';

async function infosFor(raw: RawConnectorConfig): Promise<ConfigInfos> {
  const given = { name: 'c', 'connector.class': plugin.name, topics: 't', ...raw };
  const worker = resolveWorkerSettings({}, false);
  return (await validateConnector(plugin, given, { registry, worker, clock: systemClock })).infos;
}

async function infoOf(
  key: string,
  raw: RawConnectorConfig,
): Promise<ConfigInfos['configs'][number] | undefined> {
  return (await infosFor(raw)).configs.find(({ value }) => value.name === key);
}

const errorsOf = async (key: string, raw: RawConnectorConfig): Promise<readonly string[]> =>
  (await infoOf(key, raw))?.value.errors ?? [];

// What is expected here was read from Kafka Connect 4.1, asked the same.

test('the keys of a transform are listed as Kafka embeds them: required ones, important ones, by name', async () => {
  const { configs } = await infosFor({
    transforms: 't',
    'transforms.t.type': `${TRANSFORMS}TimestampConverter$Value`,
    'transforms.t.target.type': 'unix',
  });
  const own = configs.filter(({ value }) => value.name.startsWith('transforms.t.'));
  expect(own.map(({ value, definition }) => [value.name.slice(13), definition?.order])).toEqual([
    ['type', 0],
    ['plugin.version', 1],
    ['target.type', 2],
    ['field', 3],
    ['format', 4],
    ['negate', 5],
    ['predicate', 6],
    ['replace.null.with.default', 7],
    ['unix.precision', 8],
  ]);
});

test('a value is shown as it was understood', async () => {
  const shown = async (key: string, text: string): Promise<string | null | undefined> =>
    (await infoOf(key, { [key]: text }))?.value.value;
  expect(await shown('tasks.max', '+01')).toBe('1');
  expect(await shown('errors.log.enable', ' TRUE ')).toBe('true');
  expect(await shown('errors.retry.timeout', '9223372036854775807')).toBe('9223372036854775807');
  expect(await shown('topics', ' a , b')).toBe('a,b');
});

test('control characters of all kinds are no part of a name; spaces of other scripts are', async () => {
  for (const code of [0x1f, 0x7f, 0x85, 0x9f]) {
    const name = `a${String.fromCharCode(code)}b`;
    expect(await errorsOf('name', { name })).toEqual([
      `Invalid value ${name} for configuration name: String may not contain control sequences but had the following ASCII chars: ${code}`,
    ]);
  }
  for (const name of ['\u00a0', '\u3000a', 'a\u0001'])
    expect(await errorsOf('name', { name })).toEqual([]);
  expect((await infoOf('name', { name: '\u3000a' }))?.value.value).toBe('\u3000a');
});

test('a converter that the connector chooses is told what it converts', async () => {
  const key = 'value.converter.converter.type';
  const info = await infoOf(key, { 'value.converter': `${CONVERTERS}converters.LongConverter` });
  expect(info).toMatchObject({
    definition: { required: true, default_value: null, order: -1, display_name: 'converter.type' },
    value: { value: 'value', errors: [] },
  });
  expect(await infoOf(key, {})).toBeUndefined();
});

test('a converter of headers alone converts no keys and values', async () => {
  const name = `${CONVERTERS}storage.SimpleHeaderConverter`;
  for (const role of ['key', 'value'])
    expect(await errorsOf(`${role}.converter`, { [`${role}.converter`]: name })).toEqual([
      expect.stringContaining('does not implement the Converter interface'),
    ]);
  expect(await errorsOf('header.converter', { 'header.converter': name })).toEqual([]);
});

test('what a client is told is described as by Kafka; secrets of it are hidden', async () => {
  const raw = {
    'consumer.override.max.poll.records': '7',
    'consumer.override.sasl.jaas.config': 'password="hidden-one";',
    'consumer.override.no.such': 'x',
  };
  expect(await infoOf('consumer.override.max.poll.records', raw)).toMatchObject({
    definition: { type: 'INT', default_value: '500', order: -1, display_name: 'max.poll.records' },
    value: { value: '7', errors: [] },
  });
  const jaas = await infoOf('consumer.override.sasl.jaas.config', raw);
  expect([jaas?.definition?.type, jaas?.value.value]).toEqual(['PASSWORD', '[hidden]']);
  expect((await infoOf('consumer.override.no.such', raw))?.definition).toBeNull();
});

test('numbers that would stop a client from starting are refused with the configuration', async () => {
  const refused: readonly [string, string][] = [
    ['consumer.override.max.poll.records', '0'],
    ['consumer.override.fetch.min.bytes', '-1'],
    ['consumer.override.session.timeout.ms', '0'],
    ['producer.override.max.in.flight.requests.per.connection', '0'],
    ['producer.override.batch.size', '-1'],
    ['producer.override.compression.gzip.level', '10'],
    ['producer.override.transaction.timeout.ms', '0'],
  ];
  for (const [key, value] of refused)
    expect(await errorsOf(key, { [key]: value })).toEqual([
      expect.stringContaining(`Invalid value ${value} for configuration ${key}: Value must be`),
    ]);
  const gzip = 'producer.override.compression.gzip.level';
  for (const value of ['-1', '1', '9']) expect(await errorsOf(gzip, { [gzip]: value })).toEqual([]);
});
