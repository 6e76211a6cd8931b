import { join } from 'node:path';
import { findFreePort } from '@millrace/test-servers';
import { lineOutcomes, outcome } from '../outcomes.ts';
import { ensurePython } from '../python.ts';
import type { Suite } from '../suite.ts';

const VERSION = '2.16.0';
const PROGRAM = join(import.meta.dirname, '../../../python/schema_registry.py');

export const schemaRegistry: Suite = {
  name: 'schema-registry',
  about: `the registry client and serializers of confluent-kafka ${VERSION} for Python against the embedded schema registry`,
  tier: 'ci',
  async run(lab) {
    const python = await ensurePython(lab, [
      `confluent-kafka[schemaregistry,avro,protobuf,json]==${VERSION}`,
    ]);
    const listener = `http://127.0.0.1:${await findFreePort()}`;
    const { address } = await lab.startWorker({
      'schema.registry.listeners': listener,
      'broker.group.initial.rebalance.delay.ms': '0',
    });
    const result = await lab.run(python, [PROGRAM, listener, address], { timeoutMs: 120_000 });
    const outcomes = lineOutcomes(result.stdout);
    return result.code === 0
      ? outcomes
      : [...outcomes, outcome('schema_registry.py', 'failed', result.tail)];
  },
};
