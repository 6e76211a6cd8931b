import { expect, test } from '@jest/globals';
import { ConfigError, defineFields } from '@millrace/config';
import { configFromEnvironment, resolveWorkerConfig, type ServerSettings } from '../src/config.ts';
import { parseHeaderRules } from '../src/rest/response-headers.ts';

const parts = {
  broker: defineFields({
    listeners: { type: 'LIST', default: ['PLAINTEXT://127.0.0.1:9092'], doc: '' },
    'log.dirs': { type: 'LIST', default: ['./data/log'], doc: '' },
    'num.partitions': { type: 'INT', default: 1, doc: '' },
  }),
  runtime: defineFields({
    'group.id': { type: 'STRING', default: 'connect-cluster', doc: '' },
    'offset.flush.interval.ms': { type: 'LONG', default: 60_000, doc: '' },
  }),
};

const resolve = (raw: Record<string, string>): ServerSettings => resolveWorkerConfig(raw, parts);
const warningsOf = (raw: Record<string, string>): readonly string[] =>
  resolve(raw).warnings.map(({ message }) => message);

test('without any key the embedded log and loopback are used, and nothing is warned about', () => {
  const settings = resolve({});
  expect(settings.bootstrap).toBeUndefined();
  expect(settings.listeners).toEqual([{ host: '127.0.0.1', port: 8083 }]);
  expect(settings.brokerConfig).toEqual({ 'log.dirs': './data/log' });
  expect(settings.warnings).toEqual([]);
});

test('the log goes into data.dir unless broker.log.dirs says where', () => {
  expect(resolve({ 'data.dir': '/d' }).brokerConfig).toEqual({ 'log.dirs': '/d/log' });
  expect(resolve({ 'broker.log.dirs': '/e' }).brokerConfig).toEqual({ 'log.dirs': '/e' });
});

test('bootstrap.servers means an external Kafka; a blank one does not', () => {
  expect(resolve({ 'bootstrap.servers': 'a:1,b:2' }).bootstrap).toEqual([
    { host: 'a', port: 1 },
    { host: 'b', port: 2 },
  ]);
  expect(resolve({ 'bootstrap.servers': ' ' }).bootstrap).toBeUndefined();
});

test('every problem is named at once, broker keys with their prefix', () => {
  const raw = {
    'bootstrap.servers': 'nonsense',
    listeners: 'https://x:1,ftp',
    'broker.num.partitions': 'many',
    'offset.flush.interval.ms': 'soon',
    'log.level': 'loud',
    'rest.extension.classes': 'org.example.BasicAuth',
    'response.http.headers.config': 'nothing',
  };
  let error: unknown;
  try {
    resolve(raw);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const keys = (error as ConfigError).problems.map(({ key }) => key).sort();
  expect([...new Set(keys)]).toEqual(Object.keys(raw).sort());
  expect((error as ConfigError).message).toContain('configuration broker.num.partitions');
});

test('an unknown key is accepted with a warning that names the nearest one', () => {
  expect(warningsOf({ 'ofset.flush.interval.ms': '1' })).toEqual([
    'the key "ofset.flush.interval.ms" is not known and has no effect; did you mean "offset.flush.interval.ms"?',
  ]);
  expect(warningsOf({ 'broker.num.partition': '1' })[0]).toContain('"broker.num.partitions"');
  expect(warningsOf({ qqqqqqqqqqqq: '1' })[0]).not.toContain('did you mean');
});

test('keys of Connect that mean nothing here, and those of clients and converters, pass in silence', () => {
  const keys = [
    'client.dns.lookup',
    'producer.linger.ms',
    'key.converter.schemas.enable',
    'rebalance.timeout.ms',
  ];
  expect(warningsOf(Object.fromEntries(keys.map((key) => [key, '1'])))).toEqual([]);
  expect(warningsOf({ 'plugin.path': '/a,b', 'plugin.discovery': 'SERVICE_LOAD' })).toEqual([]);
  expect(() => resolve({ 'plugin.discovery': 'magic' })).toThrow(/String must be one of/);
});

test('a listener that other machines reach is warned about', () => {
  expect(warningsOf({ listeners: 'http://:8083', 'allow.unauthenticated.access': 'true' })).toEqual(
    [expect.stringContaining('no password')],
  );
  expect(warningsOf({ listeners: 'http://localhost:8083,http://[::1]:1' })).toEqual([]);
});

test('broker keys beside bootstrap.servers are warned about', () => {
  const raw = { 'bootstrap.servers': 'a:1', 'broker.num.partitions': '3' };
  expect(warningsOf(raw)).toEqual([expect.stringContaining('external Kafka')]);
});

test('environment variables are keys with underscores; empty and foreign ones are not read', () => {
  const environment = {
    MILLRACE_OFFSET_FLUSH_INTERVAL_MS: '7',
    MILLRACE_BROKER_LOG_DIRS: '/x',
    MILLRACE_REDIS_URL: '',
    PATH: '/bin',
  };
  expect(configFromEnvironment(environment)).toEqual({
    'offset.flush.interval.ms': '7',
    'broker.log.dirs': '/x',
  });
});

test('header rules are read as Connect writes them', () => {
  expect(
    parseHeaderRules('set X-A: b, "add Cache-Control: no-cache, no-store", setDate Expires: 0'),
  ).toEqual([
    { action: 'set', name: 'X-A', value: 'b' },
    { action: 'add', name: 'Cache-Control', value: 'no-cache, no-store' },
    { action: 'setDate', name: 'Expires', value: 'Thu, 01 Jan 1970 00:00:00 GMT' },
  ]);
  expect(parseHeaderRules('')).toEqual([]);
  expect(parseHeaderRules('X-A: b')).toHaveProperty('problem');
});
