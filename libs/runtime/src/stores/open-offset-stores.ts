import type { Clock, Logger } from '@millrace/foundation';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { LogClient } from '../clients/log-client.ts';
import { CompactedTopic } from './compacted-topic.ts';
import { ensureOffsetsTopic } from './internal-topics.ts';
import { OffsetStore } from './offset-store.ts';
import { OffsetStores } from './offset-stores.ts';
import type { TableWriter } from './table-writer.ts';

export interface OffsetStorePorts {
  readonly client: LogClient;
  readonly worker: WorkerSettings;
  readonly writer: TableWriter;
  readonly clock: Clock;
  readonly log: Logger;
  /** The offsets topics that connectors name at present. */
  readonly topicsInUse: () => ReadonlySet<string>;
}

/** The worker's offsets, not read yet, and those of connectors with a topic of their own, made and read when asked for. */
export function openOffsetStores(ports: OffsetStorePorts): OffsetStores {
  const { client, worker, writer, clock, log, topicsInUse } = ports;
  const storeOf = (name: string): OffsetStore =>
    new OffsetStore(new CompactedTopic(client, writer, name), clock, log);
  return new OffsetStores({
    workers: storeOf(worker.fields['offset.storage.topic']),
    open: async (name) => {
      await ensureOffsetsTopic(name, client, worker, log);
      return storeOf(name);
    },
    topicsInUse,
    log,
  });
}
