import type { Cluster } from './cluster.ts';
import type { FetchOptions } from './consumer-api.ts';

export type FetchSettings = Required<FetchOptions>;

/** Kafka's defaults. */
export function settingsOf(options: FetchOptions, { settings }: Cluster): FetchSettings {
  return {
    isolationLevel: 'read_uncommitted',
    maxPollRecords: 500,
    fetchMinBytes: 1,
    fetchMaxWaitMs: 500,
    fetchMaxBytes: 50 * 1024 * 1024,
    maxPartitionFetchBytes: 1024 * 1024,
    requestTimeoutMs: settings.requestTimeoutMs,
    retryBackoffMs: settings.retryBackoffMs,
    recyclesMemory: false,
    rackId: '',
    ...options,
  };
}
