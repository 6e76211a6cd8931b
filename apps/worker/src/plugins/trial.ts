import { Worker } from 'node:worker_threads';
import type { TrialAnswer } from './trial-thread.ts';

export type TrialResult = TrialAnswer | { readonly kind: 'hangs' };

/** Imports a module in a thread that is thrown away: an endless loop, or an exit at import, ends there. */
export async function tryImport(url: string, limitMs: number): Promise<TrialResult> {
  const thread = new Worker(new URL('./trial-thread.js', import.meta.url), {
    workerData: url,
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<TrialResult>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'hangs' }), limitMs);
      thread.once('message', resolve);
      thread.once('error', (error) =>
        resolve({ kind: 'failed', message: error.message, code: undefined }),
      );
      thread.once('exit', (code) => resolve(endOf(code)));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

/** Node ends a thread with 13 when nothing is left that could end its top-level await. */
function endOf(code: number): TrialResult {
  return code === 13
    ? { kind: 'hangs' }
    : { kind: 'failed', message: `it ends the process with code ${code}`, code: undefined };
}
