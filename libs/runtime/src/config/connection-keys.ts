import type { ComponentConfig } from '@millrace/connector-api';
import type { ClientKind } from './client-keys.ts';
import { withoutPrefix } from './prefixes.ts';
import type { WorkerSettings } from './worker-fields.ts';

/** Whether the key says where a client connects, as whom, or how it is called there. */
export function isConnectionKey(key: string): boolean {
  return (
    key === 'bootstrap.servers' ||
    key === 'client.id' ||
    key === 'security.protocol' ||
    key.startsWith('sasl.') ||
    key.startsWith('ssl.')
  );
}

/**
 * How the clients of a kind are to be connected for this connector: the worker's connection, then its `producer.*`,
 * then the connector's `producer.override.*`. Undefined when that is the worker's own connection.
 */
export function connectionOf(
  kind: ClientKind,
  { raw }: WorkerSettings,
  connector: ComponentConfig,
): ComponentConfig | undefined {
  const workers = connectionKeys(raw);
  const own = {
    ...workers,
    ...connectionKeys(withoutPrefix(raw, `${kind}.`)),
    ...connectionKeys(withoutPrefix(connector, `${kind}.override.`)),
  };
  return Object.entries(own).every(([key, value]) => workers[key] === value) ? undefined : own;
}

function connectionKeys(config: ComponentConfig): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => isConnectionKey(key)));
}
