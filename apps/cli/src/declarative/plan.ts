import type { ConnectorInfo, ConnectorStatus } from '@millrace/runtime';
import type { Connector, ConnectorDocument } from '../files/connector-document.ts';
import type { RestClient } from '../rest-client.ts';
import { changedKeys, type KeyChange } from './changed-keys.ts';

export type Action = 'create' | 'update' | 'restart' | 'delete' | 'unchanged';

/** What is to be done with one connector. */
export interface PlannedConnector {
  readonly name: string;
  readonly action: Action;
  /** Why it is this action, for a reader. */
  readonly effect: string;
  readonly changes: readonly KeyChange[];
  /** Of a connector that a file describes. */
  readonly document?: ConnectorDocument;
  readonly wanted?: Connector;
  readonly live?: LiveConnector;
}

export interface LiveConnector {
  readonly info: ConnectorInfo;
  readonly status: ConnectorStatus;
}

export interface Plan {
  readonly connectors: readonly PlannedConnector[];
  /** Connectors of the worker that no file describes and nobody asked to delete. */
  readonly unmanaged: readonly string[];
}

export type LiveConnectors = Readonly<Record<string, LiveConnector>>;

export function readLive(rest: RestClient): Promise<LiveConnectors> {
  return rest.ask<LiveConnectors>('GET', '/connectors?expand=info&expand=status');
}

/** Files against what the worker has; decides, and does nothing. */
export function makePlan(
  documents: readonly ConnectorDocument[],
  live: LiveConnectors,
  options: { readonly prune: boolean },
): Plan {
  const described = new Set(documents.flatMap(({ connector }) => connector?.name ?? []));
  const others = Object.keys(live).filter((name) => !described.has(name));
  const wanted = documents.flatMap((document) =>
    document.connector === undefined ? [] : [planned(document, document.connector, live)],
  );
  const deleted = options.prune ? others.map((name) => deletion(name, live[name])) : [];
  return {
    connectors: [...wanted, ...deleted].sort((left, right) => (left.name < right.name ? -1 : 1)),
    unmanaged: options.prune ? [] : others.sort(),
  };
}

function planned(
  document: ConnectorDocument,
  wanted: Connector,
  live: LiveConnectors,
): PlannedConnector {
  const { name, config, initialState } = wanted;
  const current = Object.hasOwn(live, name) ? live[name] : undefined;
  const common = { name, document, wanted };
  if (current === undefined) {
    const effect = initialState === 'STARTED' ? 'starts' : `is created ${initialState}`;
    return { ...common, action: 'create', effect, changes: changedKeys({}, config) };
  }
  const changes = changedKeys(current.info.config, config);
  const { connector, tasks } = current.status;
  if (changes.length === 0) {
    const failed = [connector, ...tasks].some(({ state }) => state === 'FAILED');
    const effect = failed ? 'has FAILED; see "millrace connectors status"' : '';
    return { ...common, live: current, action: 'unchanged', effect, changes };
  }
  // Tasks that wait or are not there take the new configuration when they are resumed.
  const isIdle = connector.state === 'PAUSED' || connector.state === 'STOPPED';
  const effect = isIdle ? `it is ${connector.state}` : restartOf(tasks.length);
  return { ...common, live: current, action: isIdle ? 'update' : 'restart', effect, changes };
}

function restartOf(taskCount: number): string {
  if (taskCount === 0) return 'it has no task yet';
  const what =
    taskCount === 1 ? 'its task restarts and goes' : `its ${taskCount} tasks restart and go`;
  return `${what} on from the stored offsets`;
}

function deletion(name: string, live: LiveConnector | undefined): PlannedConnector {
  const changes: readonly KeyChange[] = [];
  const effect = 'no file describes it; its topics and offsets stay';
  return { name, action: 'delete', effect, changes, ...(live === undefined ? {} : { live }) };
}

export function hasWork({ connectors }: Plan): boolean {
  return connectors.some(({ action }) => action !== 'unchanged');
}
