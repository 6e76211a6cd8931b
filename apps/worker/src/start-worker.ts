import { brokerFields } from '@millrace/broker';
import { workerFields } from '@millrace/runtime';
import { compose, type MillraceWorker, type PartOptions } from './compose.ts';
import { resolveWorkerConfig, type ServerSettings } from './config.ts';
import { realParts } from './parts.ts';

/** @throws ConfigError naming every problem at once */
export function resolveSettings(config: Readonly<Record<string, string>>): ServerSettings {
  return resolveWorkerConfig(config, { broker: brokerFields, runtime: workerFields });
}

/** Runs a worker in this process until it is disposed. */
export function startWorker(options: PartOptions): Promise<MillraceWorker> {
  return compose(realParts, options);
}
