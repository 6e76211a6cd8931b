import { deferred, describeError, systemClock } from '@millrace/foundation';
import { parentPort } from 'node:worker_threads';
import { runCompaction, type CompactionJob } from './compaction-job.ts';
import type { FromThread, ToThread } from './compaction-threads.ts';
import { errnoOf } from './errno.ts';
import { FileDisk } from './file-disk.ts';

/** The thread of `CompactionThreads`: does one job after the other on the real disk. */
const disk = new FileDisk();
let answer = deferred<boolean>();

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

async function doJob(job: CompactionJob): Promise<void> {
  try {
    const outcome = await runCompaction(job, disk, systemClock, (group) => {
      answer = deferred<boolean>();
      tell({ kind: 'group', group });
      return answer.promise;
    });
    tell({ kind: 'done', outcome });
  } catch (error) {
    tell({ kind: 'failed', message: describeError(error), code: errnoOf(error) });
  }
}

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'job') void doJob(message.job);
  else answer.resolve(message.isTaken);
});
