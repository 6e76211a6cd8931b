import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectWorker } from '../connect-worker.ts';
import { KAFKA_VERSION, KafkaJars } from '../java.ts';
import { runScenario } from '../rest-comparison/run.ts';
import { bodies } from '../rest-comparison/scenarios/bodies.ts';
import { components } from '../rest-comparison/scenarios/components.ts';
import { lifecycle, names } from '../rest-comparison/scenarios/lifecycle.ts';
import { loggers } from '../rest-comparison/scenarios/loggers.ts';
import { offsets } from '../rest-comparison/scenarios/offsets.ts';
import { plugins } from '../rest-comparison/scenarios/plugins.ts';
import { surface } from '../rest-comparison/scenarios/surface.ts';
import type { Outcome, Suite } from '../suite.ts';

const CONVERTERS = {
  'group.id': 'java-connect',
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'offset.flush.interval.ms': '500',
};

/** Every call of the REST API to Kafka Connect and to Millrace beside it, answers and effects compared. */
export const connectRest: Suite = {
  name: 'connect-rest',
  about: `each REST call to Kafka Connect ${KAFKA_VERSION} and to Millrace: status, headers, body, effect`,
  tier: 'ci',
  async run(lab) {
    const jars = await KafkaJars.fetch(lab);
    // Of its own: groups and topics of both have the same names.
    const { address } = await lab.startBroker();
    const { server } = await lab.startWorker(CONVERTERS);
    const folder = lab.makeFolder();
    const files = { source: join(folder, 'in.txt'), sink: join(folder, 'out.txt') };
    writeFileSync(files.source, 'one\ntwo\nthree\n');
    const worker = await ConnectWorker.start({ lab, jars, address, folder, settings: CONVERTERS });
    const outcomes: Outcome[] = [];
    try {
      await worker.untilAnswers();
      const scenarios = [
        ...surface,
        ...bodies,
        ...plugins,
        ...components,
        ...loggers,
        ...lifecycle(files),
        ...offsets(files),
        ...names,
      ];
      for (const scenario of scenarios)
        outcomes.push(...(await runScenario({ ours: server.rest, theirs: worker.url }, scenario)));
    } finally {
      appendFileSync(lab.logFile, `${worker.output}\n${server.output}\n`);
      await worker.stop();
    }
    return outcomes;
  },
};
