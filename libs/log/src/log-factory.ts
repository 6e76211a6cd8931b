import { join } from 'node:path';
import { writeFileAtomically, writeFileUnsynced } from './files.ts';
import type { LogConfig } from './log-config.ts';
import type { CreateLogOptions, LogManagerLimits } from './manager-options.ts';
import type { LogPorts, PartitionLogOptions } from './log-types.ts';
import type { FoundLog } from './open-folders.ts';
import { openPartitionLog, type OpenLogOptions } from './open-log.ts';
import type { PartitionLog } from './partition-log.ts';

const METADATA_FILE = 'partition.metadata';

export interface LogFactoryOptions {
  readonly ports: LogPorts;
  readonly flushPolicy: NonNullable<PartitionLogOptions['flushPolicy']>;
  /** As they are now. */
  readonly limits: () => LogManagerLimits;
  readonly configFor: (topic: string) => LogConfig;
  /** The disk under the log of this name has failed. */
  readonly onOffline: (name: string, cause: unknown) => void;
}

/** Opens logs with what all logs of a manager share: new ones, found ones and copies on their way to another folder. */
export class LogFactory {
  readonly #options: LogFactoryOptions;

  constructor(options: LogFactoryOptions) {
    this.#options = options;
  }

  /** The caller makes its names durable. */
  async create(
    path: string,
    { topic, partition, topicId, config }: CreateLogOptions,
  ): Promise<PartitionLog> {
    const { disk } = this.#options.ports;
    await disk.makeFolder(path);
    await writeFileUnsynced(disk, join(path, METADATA_FILE), metadataOf(topicId));
    return openPartitionLog({ ...this.#shared(topic, partition, path, config), ...empty(0) });
  }

  async openCopy(
    path: string,
    of: PartitionLog,
    fromOffset: number,
    onOffline: (cause: unknown) => void,
  ): Promise<PartitionLog> {
    const { disk } = this.#options.ports;
    await disk.makeFolder(path);
    if (of.topicId !== undefined)
      await writeFileAtomically(disk, join(path, METADATA_FILE), metadataOf(of.topicId));
    return openPartitionLog({
      ...this.#shared(of.topic, of.partition, path, of.config),
      ...empty(fromOffset),
      onOffline,
    });
  }

  openFound(found: FoundLog): Promise<PartitionLog> {
    const { path, name, isClean, recoveryPoint, logStartOffset, summary } = found;
    const dash = name.lastIndexOf('-');
    const topic = name.slice(0, dash);
    return openPartitionLog({
      ...this.#shared(topic, Number(name.slice(dash + 1)), path, this.#options.configFor(topic)),
      ...{ isClean, recoveryPoint, logStartOffset, summary },
    });
  }

  #shared(topic: string, partition: number, folder: string, config: LogConfig): Shared {
    const { ports, flushPolicy, limits, onOffline } = this.#options;
    return {
      ...{ folder, topic, partition, config, flushPolicy, ports },
      appendQueueBytesMax: limits().appendQueueBytesMax,
      producersMax: limits().producersMax,
      producerExpirationMs: () => limits().producerExpirationMs,
      onOffline: (cause) => onOffline(`${topic}-${partition}`, cause),
    };
  }
}

type State = 'isClean' | 'recoveryPoint' | 'logStartOffset' | 'summary';
type Shared = Omit<OpenLogOptions, State>;

/** Of a log without records. */
function empty(logStartOffset: number): Pick<OpenLogOptions, State> {
  return { isClean: true, recoveryPoint: 0, logStartOffset };
}

function metadataOf(topicId: string): string {
  return `version: 0\ntopic_id: ${topicId}\n`;
}
