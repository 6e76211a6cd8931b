import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { lineOutcomes, outcome } from '../outcomes.ts';
import { ensurePython } from '../python.ts';
import type { Suite } from '../suite.ts';

const VERSION = '2.16.0';
const PROGRAM = join(import.meta.dirname, '../../../python/serializers.py');

export const confluentSerializers: Suite = {
  name: 'confluent-serializers',
  about: `Avro, Protobuf and JSON Schema of confluent-kafka ${VERSION} for Python beside our converters and registry`,
  tier: 'ci',
  async run(lab) {
    const python = await ensurePython(lab, [`confluent-kafka[avro,protobuf,json]==${VERSION}`]);
    const registry = `http://127.0.0.1:${await freePort()}`;
    const { address, server } = await lab.startWorker({
      'schema.registry.listeners': registry,
      'consumer.auto.offset.reset': 'earliest',
    });
    const args = [PROGRAM, address, registry, server.rest, lab.makeFolder()];
    const result = await lab.run(python, args, { timeoutMs: 200_000 });
    const outcomes = lineOutcomes(result.stdout);
    return result.code === 0
      ? outcomes
      : [...outcomes, outcome('serializers.py', 'failed', result.tail)];
  },
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
