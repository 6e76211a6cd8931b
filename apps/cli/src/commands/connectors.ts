import type { ConnectorInfo, ConnectorStatus } from '@millrace/runtime';
import { readConnectorFile } from '../connector-file.ts';
import { table } from '../table.ts';
import { answering, forEachOperand, WORKER_OPTIONS, type Call, type Command } from './command.ts';
import { askConnector } from './connector-path.ts';
import { maskSecrets, secretKeysOf } from './secrets.ts';

interface Expanded {
  readonly status: ConnectorStatus;
}

const listConnectors = answering(async ({ rest }) => {
  const json = await rest.ask<Record<string, Expanded>>('GET', '/connectors?expand=status');
  const sorted = Object.entries(json).sort(([left], [right]) => (left < right ? -1 : 1));
  const rows = sorted.map(([, { status }]) => [
    status.name,
    status.type,
    status.connector.state,
    status.tasks.map(({ state }) => state).join(' ') || 'no tasks',
  ]);
  return { json, text: table(['NAME', 'TYPE', 'STATE', 'TASKS'], rows) };
});

const showConnector = forEachOperand(async ({ rest }, name) => {
  const info = await askConnector<ConnectorInfo>(rest, 'GET', name);
  const secrets = await secretKeysOf(rest, info.config);
  const config = maskSecrets(info.config, secrets);
  const rows = Object.entries(config).sort(([left], [right]) => (left < right ? -1 : 1));
  return { json: { ...info, config }, text: table(['KEY', 'VALUE'], rows) };
});

const showStatus = forEachOperand(async ({ rest }, name) => {
  const json = await askConnector<ConnectorStatus>(rest, 'GET', name, '/status');
  const { connector, tasks } = json;
  const rows = [
    [json.name, connector.state, connector.worker_id],
    ...tasks.map(({ id, state, worker_id, restart }) => [
      `  task ${id}`,
      restart?.next_at == null ? state : `${state}, restarts at ${restart.next_at}`,
      worker_id,
    ]),
  ];
  const traces = [connector, ...tasks].flatMap(({ trace }) => trace ?? []);
  return { json, text: [table(['NAME', 'STATE', 'WORKER'], rows), ...traces].join('\n') };
});

const createConnector = forEachOperand(async ({ rest }, fileName) => {
  const { name, config, initialState } = readConnectorFile(fileName);
  const json = await rest.ask<ConnectorInfo>('POST', '/connectors', {
    name,
    config,
    // Left out when it says nothing, for workers of Connect before 3.7.
    ...(initialState === 'STARTED' ? {} : { initial_state: initialState }),
  });
  return { json, text: `${name}: created` };
});

const updateConnector = forEachOperand(async ({ rest }, fileName) => {
  const { name, config } = readConnectorFile(fileName);
  // PUT would create it: a misspelt name is not an update.
  await askConnector(rest, 'GET', name);
  const json = await askConnector<ConnectorInfo>(rest, 'PUT', name, '/config', config);
  return { json, text: `${name}: updated` };
});

const restartConnector = forEachOperand(async ({ rest, options }, name) => {
  const includeTasks = options['connector-only'] !== true;
  const query = `includeTasks=${includeTasks}&onlyFailed=${options.failed === true}`;
  const json = await askConnector(rest, 'POST', name, `/restart?${query}`);
  return { json, text: `${name}: restarting` };
});

function changing(method: string, path: string, done: string): Command['run'] {
  return forEachOperand(async ({ rest }: Call, name) => {
    const json = await askConnector(rest, method, name, path);
    return { json, text: `${name}: ${done}` };
  });
}

const named = {
  operands: 'NAME ...',
  least: 1,
  most: Infinity,
  options: WORKER_OPTIONS,
} as const;
const ofFiles = { ...named, operands: 'FILE ...' } as const;

export const connectorCommands: readonly Command[] = [
  {
    name: 'connectors list',
    summary: 'all connectors and the state of their tasks',
    options: WORKER_OPTIONS,
    run: listConnectors,
  },
  {
    ...named,
    name: 'connectors get',
    summary: 'configuration; secrets are masked',
    run: showConnector,
  },
  {
    ...named,
    name: 'connectors status',
    summary: 'state, with the trace of what has failed',
    run: showStatus,
  },
  {
    ...ofFiles,
    name: 'connectors create',
    summary: 'creates connectors that do not exist',
    run: createConnector,
  },
  {
    ...ofFiles,
    name: 'connectors update',
    summary: 'replaces the configuration of connectors that exist',
    run: updateConnector,
  },
  {
    ...named,
    name: 'connectors delete',
    summary: 'deletes connectors; their topics and offsets stay',
    run: changing('DELETE', '', 'deleted'),
  },
  {
    ...named,
    name: 'connectors pause',
    summary: 'tasks wait, and keep what they hold',
    run: changing('PUT', '/pause', 'pausing'),
  },
  {
    ...named,
    name: 'connectors resume',
    summary: 'runs what was paused or stopped',
    run: changing('PUT', '/resume', 'resuming'),
  },
  {
    ...named,
    name: 'connectors stop',
    summary: 'ends the tasks; offsets may then be changed',
    run: changing('PUT', '/stop', 'stopped'),
  },
  {
    ...named,
    name: 'connectors restart',
    summary: 'starts connectors again, with all tasks',
    options: [...WORKER_OPTIONS, 'failed', 'connector-only'],
    run: restartConnector,
  },
];
