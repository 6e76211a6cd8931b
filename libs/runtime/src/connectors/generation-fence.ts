import type { Logger } from '@millrace/foundation';
import type { WorkerSettings } from '../config/worker-fields.ts';
import { generationNotFenced } from '../errors.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { ConfigStore } from '../stores/config-store.ts';

export interface GenerationFenceOptions {
  readonly connector: string;
  /** How many tasks the generation has that is to start. */
  readonly taskCount: number;
  readonly worker: WorkerSettings;
  readonly configs: ConfigStore;
  readonly client: LogClient;
  readonly log: Logger;
}

/** Kafka Connect's name for the producer of a task with exactly-once delivery. */
export function transactionalIdOf(
  { fields }: WorkerSettings,
  connector: string,
  task: number,
): string {
  return `${fields['group.id']}-${connector}-${task}`;
}

export function isExactlyOnce({ fields }: WorkerSettings): boolean {
  return fields['exactly.once.source.support'].toLowerCase() === 'enabled';
}

/**
 * Shuts out every task of the former generation, wherever it still runs, and says how many tasks the new one has: with
 * fewer tasks than before nobody else would fence the surplus ones (KIP-618, INV-9). To be called when no task of the
 * connector runs here. A single task is fenced by its single successor.
 */
export async function fenceFormerGeneration(options: GenerationFenceOptions): Promise<void> {
  const { connector, taskCount, worker, configs, client, log } = options;
  const former = configs.fencing(connector);
  if (!former.isPending) return;
  const formerCount = former.taskCount ?? 0;
  if (formerCount > 0 && (formerCount !== 1 || taskCount !== 1)) {
    log.debug({ connector, formerCount, taskCount }, 'the former generation of tasks is shut out');
    const ids = Array.from({ length: formerCount }, (_, task) =>
      transactionalIdOf(worker, connector, task),
    );
    await Promise.all(
      ids.map(async (id) => {
        await client.operations.fenceProducer(id).catch((error: unknown) => {
          throw generationNotFenced(connector, id, error);
        });
      }),
    );
  }
  await configs.putTaskCount(connector, taskCount);
}
