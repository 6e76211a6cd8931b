import type { BrokerLoggers } from './broker-loggers.ts';
import {
  must,
  silentLogger,
  type Clock,
  type Logger,
  type MillraceError,
  type Random,
  type RecycledMemory,
} from '@millrace/foundation';
import {
  LogManager,
  resolveLogConfig,
  type Disk,
  type LockedFolder,
  type LogConfig,
} from '@millrace/log';
import { effectiveTopicConfig } from './effective-configs.ts';
import { undecidedFeatures } from './features.ts';
import { LiveSettings } from './live-settings.ts';
import { logChangesOf, logOptionsOf } from './log-options.ts';
import { readLegacyMetadata, retireLegacyMetadata } from './metadata/legacy-metadata.ts';
import { EMPTY_IMAGE, type MetadataImage } from './metadata/metadata-image.ts';
import { METADATA_FOLDER, QuorumOfOne } from './metadata/quorum-of-one.ts';
import type { BrokerSettings } from './settings.ts';
import { brokerLayersOf } from './topics.ts';

/** What the broker takes from outside. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly disk: Disk;
  readonly memory: RecycledMemory;
  readonly loggers: BrokerLoggers;
}

export interface Storage {
  readonly logs: LogManager;
  readonly metadata: QuorumOfOne;
}

/** The metadata first: the settings of the other logs are in it. */
export async function openStorage(
  settings: BrokerSettings,
  ports: Ports,
  onAllFoldersFailed: (error: MillraceError) => void,
): Promise<Storage> {
  const { values, given } = settings;
  const nodeId = values['node.id'];
  let metadata: QuorumOfOne | undefined;
  // Once a topic, not once a partition, while thousands of logs are opened.
  const configs = new Map<string, { readonly image: MetadataImage; readonly config: LogConfig }>();
  try {
    const logs = await LogManager.open({
      ...logOptionsOf(settings),
      nodeId,
      ...(values['cluster.id'] === null ? {} : { clusterId: values['cluster.id'] }),
      foreignLogs: new Set([METADATA_FOLDER]),
      beforeLoad: async ([folder]) => {
        if (folder === undefined) return undefined;
        const opened = await openMetadata(settings, folder, ports);
        metadata = opened;
        const layers = () => brokerLayersOf(opened.image, nodeId, given);
        // What of the settings can't be used is told of when the broker takes them up.
        return logChangesOf(new LiveSettings(settings, layers, silentLogger).current);
      },
      configFor: (topic) => {
        const image = metadata?.image ?? EMPTY_IMAGE;
        const known = configs.get(topic);
        if (known?.image === image) return known.config;
        const overrides = image.topicsByName.get(topic)?.configs ?? {};
        const layers = brokerLayersOf(image, nodeId, given);
        const config = resolveLogConfig(effectiveTopicConfig(overrides, layers));
        configs.set(topic, { image, config });
        return config;
      },
      // acks=all asks for its own fsync; everything else is flushed in the background.
      flushPolicy: 'interval',
      ...ports,
      onAllFoldersFailed,
    });
    return { logs, metadata: must(metadata, 'the metadata is opened with the first folder') };
  } catch (error) {
    await metadata?.close();
    throw error;
  }
}

async function openMetadata(
  { values, listeners }: BrokerSettings,
  { path, directoryId }: LockedFolder,
  { disk, clock, log }: Ports,
): Promise<QuorumOfOne> {
  const nodeId = values['node.id'];
  const [listener] = listeners;
  const metadata = await QuorumOfOne.open({
    logDir: path,
    voter: { nodeId, directoryId, host: listener?.host ?? '', port: listener?.port ?? 0 },
    segmentBytes: values['metadata.log.segment.bytes'],
    bytesBetweenSnapshots: values['metadata.log.max.record.bytes.between.snapshots'],
    bootstrap: async () => [
      ...undecidedFeatures(EMPTY_IMAGE),
      ...(await readLegacyMetadata(disk, path, nodeId)),
    ],
    disk,
    clock,
    log,
  });
  try {
    await retireLegacyMetadata(disk, path);
    // Features that came with a newer release.
    await metadata.change(undecidedFeatures);
    return metadata;
  } catch (error) {
    await metadata.close();
    throw error;
  }
}
