import type { ConfigProblem } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { Connections } from '../clients/own-clients.ts';
import { isExactlyOnce } from '../connectors/generation-fence.ts';
import type { ClientKind } from './client-keys.ts';
import { connectionOf, isConnectionKey } from './connection-keys.ts';
import { withoutPrefix } from './prefixes.ts';
import type { WorkerSettings } from './worker-fields.ts';

const KINDS: readonly ClientKind[] = ['producer', 'consumer', 'admin'];

/** What keeps a connector's own connections from being made. */
export function connectionProblems(
  connectorKind: 'source' | 'sink',
  connector: ComponentConfig,
  worker: WorkerSettings,
  connections: Connections | undefined,
): readonly ConfigProblem[] {
  const problems = KINDS.flatMap((kind) => {
    const prefix = `${kind}.override.`;
    const overridden = Object.keys(withoutPrefix(connector, prefix)).filter(isConnectionKey);
    const own = overridden.length === 0 ? undefined : connectionOf(kind, worker, connector);
    if (own === undefined || connections === undefined) return [];
    return connections.problems(own).map(({ key, message }) => ({
      key: `${prefix}${key}`,
      message: message.replaceAll(key, `${prefix}${key}`),
    }));
  });
  return [...problems, ...clusterProblems(connectorKind, connector, worker)];
}

/** INV-1: records and the position behind them are one transaction, which no two clusters share. */
function clusterProblems(
  connectorKind: 'source' | 'sink',
  connector: ComponentConfig,
  worker: WorkerSettings,
): readonly ConfigProblem[] {
  const key = 'producer.override.bootstrap.servers';
  const servers = connector[key];
  if (connectorKind === 'sink' || servers === undefined || !isExactlyOnce(worker)) return [];
  if (servers === worker.raw['bootstrap.servers']) return [];
  return [
    {
      key,
      message: `Invalid value ${servers} for configuration ${key}: with exactly.once.source.support=enabled the records must be in the cluster of the worker's offsets`,
    },
  ];
}
