import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import type { Bench } from './bench.ts';
import { open } from './pipelined-load.ts';
import { throwRefusal } from './produce-frame.ts';
import { batchOf } from './raw-log.ts';
import type { MillraceServer } from '@millrace/test-servers';
import { processorMs, seconds, until, Workspace } from './workspace.ts';

const RUNS = 3;
const TOPICS = 40;
const PARTITIONS = 100;
const BATCH_BYTES = 1_000;
const BATCHES = 4;
const PRODUCE_VERSION = 9;

const POLL_MS = 10;
const STOP_TIMEOUT_MS = 60_000;

/** By the clock, and by the processor: a machine with other work makes the first one say little. */
interface Took {
  readonly clock: number[];
  readonly processor: number[];
}

/** How long a node with thousands of partitions takes to go and to come back. */
export const partitions: Bench = {
  name: 'partitions',
  about:
    '4,000 partitions: clean stop, start after it, start after SIGKILL, each after writes to all',
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
    const stop = noneYet();
    const after = { clean: noneYet(), kill: noneYet() };
    let worker = first;
    for (let run = 0; run <= RUNS; run++) {
      for (const end of ['clean', 'kill'] as const) {
        await writeToAll(worker.log, names);
        const stopped = end === 'clean' ? await stopTime(worker) : undefined;
        if (end === 'kill') await worker.kill();
        const clock = await seconds(async () => {
          worker = await workspace.millrace({ 'data.dir': folder });
        });
        if (run === 0) continue;
        after[end].clock.push(clock);
        after[end].processor.push(processorMs(worker.pid) / 1_000);
        if (stopped === undefined) continue;
        stop.clock.push(stopped.clock);
        stop.processor.push(stopped.processor);
      }
    }
    const show = (label: string, took: Took, goal: string): void => {
      report.figure({ label, unit: 's', values: took.clock }, goal);
      report.figure({ label: `${label}, processor`, unit: 's', values: took.processor }, goal);
    };
    show('clean stop', stop, 'fast');
    show('start after a clean stop', after.clean, 'below 3 s');
    show('start after SIGKILL', after.kill, 'below 3 s');
  },
};

function noneYet(): Took {
  return { clock: [], processor: [] };
}

/** From SIGTERM to the end of the process; the processor time as the kernel counted it last. */
async function stopTime(worker: MillraceServer): Promise<{ clock: number; processor: number }> {
  const { pid } = worker;
  const beforeMs = processorMs(pid);
  let lastMs = beforeMs;
  // Not `worker.stop()`, which loses patience and kills.
  process.kill(pid, 'SIGTERM');
  const isGone = (): Promise<boolean> => {
    try {
      lastMs = Math.max(lastMs, processorMs(pid));
      return Promise.resolve(false);
    } catch {
      return Promise.resolve(true);
    }
  };
  const clock = await seconds(() => until(isGone, STOP_TIMEOUT_MS, POLL_MS));
  await worker.kill(); // takes note of its end
  return { clock, processor: (lastMs - beforeMs) / 1_000 };
}

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
