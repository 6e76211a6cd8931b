import { parentPort, workerData } from 'node:worker_threads';
import { lendApi } from './lend-api.ts';

/** What the thread says when the import came to an end. */
export type TrialAnswer =
  | { readonly kind: 'imported' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined };

/** The thread in which a module is imported for the first time, where it can harm nobody. */
async function tryImport(): Promise<TrialAnswer> {
  lendApi();
  try {
    await import(String(workerData));
    // Promises that were left rejected are found now, not in the worker.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    return { kind: 'imported' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    return {
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
      code,
    };
  }
}

const answer = await tryImport();
parentPort?.postMessage(answer);
