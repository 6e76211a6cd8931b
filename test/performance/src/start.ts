import { systemClock } from '@millrace/foundation';
import type { Bench } from './bench.ts';
import { residentMb, seconds, Workspace } from './workspace.ts';

const RUNS = 7;
const IDLE_MS = 5_000;

export const start: Bench = {
  name: 'start',
  about: 'from nothing to ready, and the memory of an idle worker with its log',
  async run(report) {
    await using workspace = new Workspace();
    const startSeconds: number[] = [];
    const idleMb: number[] = [];
    for (let index = 0; index < RUNS; index++) {
      const folder = workspace.folder();
      startSeconds.push(
        (await seconds(async () => {
          const worker = await workspace.millrace({ 'data.dir': folder });
          if (index === RUNS - 1) {
            await systemClock.sleep(IDLE_MS);
            idleMb.push(residentMb(worker.pid));
          }
          await worker.stop();
        })) - (index === RUNS - 1 ? IDLE_MS / 1_000 : 0),
      );
    }
    report.figure(
      { label: 'start, ready, stop', unit: 's', values: startSeconds },
      'ready in under 1.5 s warm',
    );
    report.figure({ label: 'resident memory, idle', unit: 'MB', values: idleMb }, 'below 150 MB');
  },
};
