import { brokerFields } from '@millrace/broker';
import { openConfigProviders, resolvePlaceholders } from '@millrace/config';
import { workerFields } from '@millrace/runtime';
import { compose, type MillraceWorker, type PartOptions } from './compose.ts';
import { resolveWorkerConfig, type ServerSettings } from './config.ts';
import { createLogger } from './logger.ts';
import { realParts } from './parts.ts';

/** @throws ConfigError naming every problem at once */
export function resolveSettings(config: Readonly<Record<string, string>>): ServerSettings {
  return resolveWorkerConfig(config, { broker: brokerFields, runtime: workerFields });
}

/**
 * As `resolveSettings`, after the worker's own placeholders were replaced by what its config providers give (KIP-297).
 * @throws ConfigError, or MillraceError of a provider
 */
export async function loadSettings(
  config: Readonly<Record<string, string>>,
): Promise<ServerSettings> {
  const providers = await openConfigProviders(config, {
    environment: process.env,
    log: createLogger({ level: 'warn' }),
  });
  const resolved = await resolvePlaceholders(config, providers);
  return resolveSettings(resolved.config);
}

/** Runs a worker in this process until it is disposed. */
export function startWorker(options: PartOptions): Promise<MillraceWorker> {
  return compose(realParts, options);
}
