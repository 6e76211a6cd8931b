import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flattenConfig, parseConfigFile } from '@millrace/config';
import { silentLogger } from '@millrace/foundation';
import { resolveSettings, startWorker, type MillraceWorker } from '@millrace/worker';
import { parseConnectorFile } from '../src/connector-file.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CONNECTORS = join(ROOT, 'config/connectors');

/** What a connector says when the server of the example is not there. */
const NEEDS_A_SERVER = new Set([
  'database.hostname',
  'database.port',
  'database.user',
  'database.password',
  'database.dbname',
  'connection.url',
  'connection.username',
  'connection.user',
]);

let folder: string;
let worker: MillraceWorker;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'));
  worker = await startWorker({
    settings: resolveSettings({
      'data.dir': folder,
      listeners: 'http://127.0.0.1:0',
      'broker.listeners': 'PLAINTEXT://127.0.0.1:0',
    }),
    log: silentLogger,
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test.each(readdirSync(CONNECTORS))(
  'the example %s is valid and has no unknown key',
  async (name) => {
    const connector = parseConnectorFile(name, readFileSync(join(CONNECTORS, name), 'utf8'));
    const plugin = connector.config['connector.class'] ?? '';
    const { configs } = await worker.herder.validateConfig(plugin, connector.config);
    const unknown = configs.filter(({ definition }) => definition === null);
    expect(unknown.map(({ value }) => value.name)).toEqual([]);
    const errors = configs.filter(({ value }) => value.errors.length > 0);
    expect(errors.filter(({ value }) => !NEEDS_A_SERVER.has(value.name))).toEqual([]);
  },
);

const workerFiles = readdirSync(join(ROOT, 'config')).filter((name) => name.startsWith('worker'));

test.each([...workerFiles, 'docker.properties'])(
  'the worker file %s has neither problem nor unknown key',
  (name) => {
    const text = readFileSync(join(ROOT, 'config', name), 'utf8');
    const { warnings } = resolveSettings(flattenConfig(name, parseConfigFile(name, text)));
    expect(warnings.filter(({ message }) => !message.includes('password'))).toEqual([]);
  },
);

test('docker-compose.yml publishes on loopback only, and builds the worker from the Dockerfile', () => {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const compose = parseConfigFile('docker-compose.yml', text) as unknown as {
    services: Record<string, { ports: string[]; build?: string }>;
  };
  expect(Object.keys(compose.services).sort()).toEqual([
    'elasticsearch',
    'mariadb',
    'postgres',
    'redis',
    'worker',
  ]);
  for (const { ports } of Object.values(compose.services))
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  expect(compose.services['worker']?.build).toBe('.');
});

/** The keys and values of the files that Kafka ships. */
const SHIPPED_WITH_KAFKA = {
  'connect-standalone.properties': `
bootstrap.servers=localhost:9092
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=true
value.converter.schemas.enable=true
offset.storage.file.filename=/tmp/connect.offsets
offset.flush.interval.ms=10000
#plugin.path=
`,
  'connect-distributed.properties': `
bootstrap.servers=localhost:9092
group.id=connect-cluster
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=true
value.converter.schemas.enable=true
offset.storage.topic=connect-offsets
offset.storage.replication.factor=1
#offset.storage.partitions=25
config.storage.topic=connect-configs
config.storage.replication.factor=1
status.storage.topic=connect-status
status.storage.replication.factor=1
#status.storage.partitions=5
offset.flush.interval.ms=10000
#listeners=HTTP://:8083
#rest.advertised.host.name=
plugin.path=/usr/local/share/java,/opt/connectors,
`,
};

test.each(Object.entries(SHIPPED_WITH_KAFKA))('%s of Kafka is accepted', (name, text) => {
  const settings = resolveSettings(flattenConfig(name, parseConfigFile(name, text)));
  expect(settings.bootstrap).toEqual([{ host: 'localhost', port: 9092 }]);
  expect(settings.warnings.filter(({ message }) => message.includes('not known'))).toEqual([]);
});
