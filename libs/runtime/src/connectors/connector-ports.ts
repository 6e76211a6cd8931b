import type { ResolvedPlaceholders } from '@millrace/config';
import type { Clock, Logger, Random } from '@millrace/foundation';
import type { LogClient } from '../clients/log-client.ts';
import type { Connections } from '../clients/own-clients.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { ConnectorConfig } from '../herder.ts';
import type { TaskThreads } from '../isolation/thread-runner.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { ConfigStore } from '../stores/config-store.ts';
import type { OffsetStores } from '../stores/offset-stores.ts';
import type { StatusStore } from '../stores/status-store.ts';
import type { Tracer } from '../tracing/tracer.ts';

/** What all connectors of a worker share. */
export interface ConnectorPorts {
  readonly worker: WorkerSettings;
  readonly registry: PluginRegistry;
  readonly client: LogClient;
  readonly configs: ConfigStore;
  readonly offsets: OffsetStores;
  readonly statuses: StatusStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `${provider:path:key}` replaced by what it stands for. */
  readonly resolve: (config: ConnectorConfig) => Promise<ResolvedPlaceholders>;
  readonly tracer?: Tracer;
  readonly threads: TaskThreads | undefined;
  readonly connections: Connections | undefined;
}
