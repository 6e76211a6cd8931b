import { Worker } from 'node:worker_threads';
import type {
  CleanedGroup,
  CompactionJob,
  CompactionOutcome,
  CompactionRunner,
  TakeGroup,
} from './compaction-job.ts';

/** To the thread: a job, or whether the group it has told of was taken. */
export type ToThread =
  | { readonly kind: 'job'; readonly job: CompactionJob }
  | { readonly kind: 'taken'; readonly isTaken: boolean };

/** From the thread. `code` is an errno name where the disk failed. */
export type FromThread =
  | { readonly kind: 'group'; readonly group: CleanedGroup }
  | { readonly kind: 'done'; readonly outcome: CompactionOutcome }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string };

/** Compactions on threads of their own, so that the event loop does not feel them. One job a thread at a time. */
export class CompactionThreads implements CompactionRunner {
  readonly #idle: Worker[] = [];
  readonly #busy = new Set<Worker>();

  /** Threads that died while they had a job: Kafka's `DeadThreadCount`. */
  deadCount = 0;

  async run(job: CompactionJob, takeGroup: TakeGroup): Promise<CompactionOutcome> {
    const worker = this.#idle.pop() ?? new Worker(workerUrl());
    this.#busy.add(worker);
    worker.ref();
    try {
      const outcome = await this.#runOn(worker, job, takeGroup);
      worker.unref();
      this.#idle.push(worker);
      return outcome;
    } catch (error) {
      // Whatever it still does must not touch files any more.
      await worker.terminate();
      throw error;
    } finally {
      this.#busy.delete(worker);
    }
  }

  #runOn(worker: Worker, job: CompactionJob, takeGroup: TakeGroup): Promise<CompactionOutcome> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        worker.off('message', onMessage);
        worker.off('error', onDeath);
        worker.off('exit', onExit);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const onDeath = (error: Error): void => {
        this.deadCount += 1;
        fail(error);
      };
      const onExit = (): void => fail(new Error('the compaction thread has ended'));
      const onMessage = (message: FromThread): void => {
        switch (message.kind) {
          case 'group':
            takeGroup(message.group).then(
              (isTaken) => post(worker, { kind: 'taken', isTaken }),
              fail,
            );
            break;
          case 'done':
            settle();
            resolve(message.outcome);
            break;
          case 'failed': {
            const { code } = message;
            fail(Object.assign(new Error(message.message), code === '' ? {} : { code }));
            break;
          }
        }
      };
      worker.on('message', onMessage);
      worker.on('error', onDeath);
      worker.on('exit', onExit);
      post(worker, { kind: 'job', job });
    });
  }

  /** Gives the memory of the idle threads back. */
  async rest(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()));
  }

  /** Ends all threads, busy ones too: a `.cleaned` file that is half written goes at the next start. */
  async end(): Promise<void> {
    await Promise.all([...this.#busy, ...this.#idle.splice(0)].map((worker) => worker.terminate()));
  }
}

function post(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}

/** Beside this file once compiled; tests that run the sources take the compiled one too. */
function workerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../dist/compaction-worker.js', import.meta.url)
    : new URL('./compaction-worker.js', import.meta.url);
}
