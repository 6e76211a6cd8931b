import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@millrace/test-servers';
import { junitOutcomes, outcome } from '../outcomes.ts';
import { ensurePython, fetchPythonSource } from '../python.ts';
import type { Outcome, Suite } from '../suite.ts';
import type { Lab } from '../lab.ts';

const VERSION = '3.0.12';
const TIMEOUT_MS = 420_000;

/** Its fixtures import these; the published sources leave the file out, and an external broker needs none of it. */
const SERVICE = `class ExternalService:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class SpawnedService:
    def __init__(self, *args, **kwargs):
        raise RuntimeError('only an external broker is used')
`;

export const kafkaPython: Suite = {
  name: 'kafka-python',
  about: `integration tests of kafka-python ${VERSION}`,
  tier: 'ci',
  run,
};

async function run(lab: Lab): Promise<readonly Outcome[]> {
  const source = await fetchPythonSource(lab, 'kafka-python', VERSION);
  const python = await ensurePython(lab, [
    'pytest==8.4.2',
    'pytest-mock==3.15.1',
    'pytest-timeout==2.4.0',
    'python-snappy',
    'lz4',
    'zstandard',
    'crc32c',
  ]);
  for (const [file, text] of [
    ['__init__.py', ''],
    ['service.py', SERVICE],
  ] as const) {
    const path = join(source, 'test', file);
    if (!existsSync(path)) writeFileSync(path, text);
  }
  const port = await findFreePort();
  const broker = await lab.startBroker({
    port,
    settings: {
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'node.id': '0',
      'num.partitions': '4',
      'group.min.session.timeout.ms': '1000',
      'group.initial.rebalance.delay.ms': '0',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
    },
  });
  const report = join(lab.makeFolder(), 'report.xml');
  const result = await lab.run(
    python,
    ['-m', 'pytest', 'test/integration', '--timeout', '60', '-q', '--junitxml', report],
    {
      cwd: source,
      timeoutMs: TIMEOUT_MS,
      env: {
        KAFKA_URI: `PLAINTEXT://${broker.address}`,
        KAFKA_VERSION: '4.1.0',
        KAFKA_ROOT: source,
        PYTHONPATH: source,
      },
    },
  );
  if (!existsSync(report)) return [outcome('pytest', 'failed', result.tail)];
  return junitOutcomes(readFileSync(report, 'utf8'));
}
