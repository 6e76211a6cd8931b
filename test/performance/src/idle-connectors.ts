import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import type { Bench } from './bench.ts';
import { processorMs, residentMb, seconds, until, Workspace } from './workspace.ts';

const CONNECTORS = 1_000;
const AT_A_TIME = 20;
const SETTLE_MS = 5_000;
const WATCH_MS = 20_000;

/** Half of them sources of a file that is not there, half sinks of a topic without records. */
export const idleConnectors: Bench = {
  name: 'idle-connectors',
  about: `${CONNECTORS} connectors without work: start, memory, processor`,
  async run(report) {
    await using workspace = new Workspace();
    const folder = workspace.folder();
    const first = await workspace.millrace({ 'data.dir': folder });
    const configs = Array.from({ length: CONNECTORS }, (_, index) => configOf(index, folder));
    for (let from = 0; from < CONNECTORS; from += AT_A_TIME)
      await Promise.all(
        configs
          .slice(from, from + AT_A_TIME)
          .map((config, index) => first.send('PUT', `/connectors/c${from + index}/config`, config)),
      );
    await first.stop();
    let worker = first;
    const took = await seconds(async () => {
      worker = await workspace.millrace({ 'data.dir': folder });
      await until(async () => (await runningTasks(worker.rest)) === CONNECTORS, 120_000, 100);
    });
    report.figure(
      { label: 'start until all tasks run', unit: 's', values: [took] },
      'ready in under 5 s',
    );
    await systemClock.sleep(SETTLE_MS);
    const before = processorMs(worker.pid);
    await systemClock.sleep(WATCH_MS);
    const percent = ((processorMs(worker.pid) - before) / WATCH_MS) * 100;
    report.figure({ label: 'one core', unit: '%', values: [percent] }, 'less than 5 %');
    report.figure(
      { label: 'resident memory', unit: 'MB', values: [residentMb(worker.pid)] },
      'below 600 MB',
    );
  },
};

function configOf(index: number, folder: string): Readonly<Record<string, string>> {
  return index % 2 === 0
    ? {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
        file: join(folder, `none-${index}`),
        topic: 'idle',
      }
    : {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        file: join(folder, `out-${index}`),
        topics: 'idle',
      };
}

async function runningTasks(rest: string): Promise<number> {
  const text = await (await fetch(`${rest}/metrics`)).text();
  return [...text.matchAll(/^kafka_connect_worker_connector_running_task_count\{[^}]*\} (\d+)$/gm)]
    .map(([, count]) => Number(count))
    .reduce((total, count) => total + count, 0);
}
