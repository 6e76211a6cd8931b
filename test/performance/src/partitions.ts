import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import type { Bench } from './bench.ts';
import { open } from './pipelined-load.ts';
import { throwRefusal } from './produce-frame.ts';
import { batchOf } from './raw-log.ts';
import { seconds, Workspace } from './workspace.ts';

const RUNS = 3;
const TOPICS = 40;
const PARTITIONS = 100;
const BATCH_BYTES = 1_000;
const BATCHES = 4;
const PRODUCE_VERSION = 9;

/** How long a node with thousands of partitions takes to come back. */
export const partitions: Bench = {
  name: 'partitions',
  about: 'start with 4,000 partitions: after a clean stop, and after SIGKILL under writes to all',
  async run(report) {
    await using workspace = new Workspace();
    const folder = workspace.folder();
    const names = Array.from({ length: TOPICS }, (_, index) => `many-${index}`);
    const first = await workspace.millrace({ 'data.dir': folder });
    await workspace
      .client(first.log)
      .admin.createTopics(names.map((name) => ({ name, partitions: PARTITIONS })));
    report.setting(
      `${(TOPICS * PARTITIONS).toLocaleString('en-US')} partitions, before each start ${BATCHES} batches of ${BATCH_BYTES} bytes to each of them, acks=1; from the start of the process to its line "ready", with its REST API; files in page cache`,
    );
    const after = { clean: [] as number[], kill: [] as number[] };
    let worker = first;
    for (let run = 0; run <= RUNS; run++) {
      for (const end of ['clean', 'kill'] as const) {
        await writeToAll(worker.log, names);
        if (end === 'clean') await worker.stop();
        else await worker.kill();
        const took = await seconds(async () => {
          worker = await workspace.millrace({ 'data.dir': folder });
        });
        if (run > 0) after[end].push(took);
      }
    }
    report.figure(
      { label: 'start after a clean stop', unit: 's', values: after.clean },
      'below 3 s',
    );
    report.figure({ label: 'start after SIGKILL', unit: 's', values: after.kill }, 'below 3 s');
  },
};

/** A request for each topic with a batch for each of its partitions. */
function writeToAll(address: string, names: readonly string[]): Promise<void> {
  const { bytes } = batchOf(BATCH_BYTES);
  const partitionData = Array.from({ length: PARTITIONS }, (_, index) => ({
    index,
    records: bytes,
  }));
  return new Promise((resolve, reject) => {
    let left = names.length * BATCHES;
    const socket = open(address, (answer) => {
      throwRefusal(answer);
      left--;
      if (left > 0) return;
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      for (let count = 0; count < BATCHES; count++) {
        for (const name of names) {
          socket.write(
            encodeRequestFrame(apis.produce, PRODUCE_VERSION, 1, 'bench', {
              transactionalId: null,
              acks: 1,
              timeoutMs: 30_000,
              topicData: [{ name, partitionData }],
            }),
          );
        }
      }
    });
  });
}
