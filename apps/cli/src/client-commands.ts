import type {
  ConfigInfos,
  ConnectorInfo,
  ConnectorStatus,
  CreateConnector,
  PluginInfo,
} from '@millrace/runtime';
import type { CliIo } from './cli-io.ts';
import { readText } from './config.ts';
import { parseConnectorFile } from './connector-file.ts';
import { badUsage } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportProblems } from './problems.ts';
import { RestClient } from './rest-client.ts';
import { table } from './table.ts';

export interface ClientOptions {
  readonly url: string;
  readonly json: boolean;
  readonly failed: boolean;
  readonly io: CliIo;
}

interface Call extends ClientOptions {
  readonly rest: RestClient;
}

interface Answer {
  /** As the worker gave it, for `--json`. */
  readonly json: unknown;
  readonly text: string;
}

interface Command {
  /** What each operand is; without one the command takes none. */
  readonly operand?: 'NAME' | 'FILE';
  readonly run: (call: Call, operand: string) => Promise<Answer>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  connectors: { run: listConnectors },
  plugins: { run: listPlugins },
  health: { run: showHealth },
  status: { operand: 'NAME', run: showStatus },
  config: { operand: 'NAME', run: (call, name) => show(call, `${pathOf(name)}/config`) },
  offsets: { operand: 'NAME', run: (call, name) => show(call, `${pathOf(name)}/offsets`) },
  create: { operand: 'FILE', run: createConnector },
  apply: { operand: 'FILE', run: applyConnector },
  validate: { operand: 'FILE', run: validateConnector },
  delete: { operand: 'NAME', run: (call, name) => change(call, 'DELETE', name, '', 'deleted') },
  pause: { operand: 'NAME', run: (call, name) => change(call, 'PUT', name, '/pause', 'pausing') },
  resume: {
    operand: 'NAME',
    run: (call, name) => change(call, 'PUT', name, '/resume', 'resuming'),
  },
  stop: { operand: 'NAME', run: (call, name) => change(call, 'PUT', name, '/stop', 'stopped') },
  restart: { operand: 'NAME', run: restartConnector },
};

export function isClientCommand(name: string): boolean {
  return Object.hasOwn(COMMANDS, name);
}

/** Runs a command for each operand; one that fails does not keep the others from being tried. */
export async function runClientCommand(
  name: string,
  operands: readonly string[],
  options: ClientOptions,
): Promise<ExitCode> {
  const command = COMMANDS[name];
  if (command === undefined) throw badUsage(`"${name}" is not a command`);
  if (command.operand === undefined && operands.length > 0)
    throw badUsage(`"${name}" takes no "${operands.join(' ')}"`);
  if (command.operand !== undefined && operands.length === 0)
    throw badUsage(`"${name}" needs at least one ${command.operand}`);
  const call = { ...options, rest: new RestClient(options.url) };
  const problems: unknown[] = [];
  for (const operand of command.operand === undefined ? [''] : operands) {
    try {
      const answer = await command.run(call, operand);
      options.io.out(options.json ? JSON.stringify(answer.json ?? null, null, 2) : answer.text);
    } catch (error) {
      problems.push(error);
    }
  }
  return problems.length === 0 ? EXIT.done : reportProblems(problems, options.io);
}

async function listConnectors({ rest }: Call): Promise<Answer> {
  const json = await rest.ask<Record<string, { readonly status: ConnectorStatus }>>(
    'GET',
    '/connectors?expand=status',
  );
  const rows = Object.values(json).map(({ status }) => [
    status.name,
    status.type,
    status.connector.state,
    status.tasks.map(({ state }) => state).join(' ') || 'no tasks',
  ]);
  return { json, text: table(['NAME', 'TYPE', 'STATE', 'TASKS'], rows) };
}

async function listPlugins({ rest }: Call): Promise<Answer> {
  const json = await rest.ask<readonly PluginInfo[]>('GET', '/connector-plugins');
  const rows = json.map((plugin) => [plugin.class, plugin.type, plugin.version ?? '']);
  return { json, text: table(['CLASS', 'TYPE', 'VERSION'], rows) };
}

async function showHealth({ rest }: Call): Promise<Answer> {
  const json = await rest.ask<{ readonly status: string; readonly message: string }>(
    'GET',
    '/health',
  );
  return { json, text: `${json.status}: ${json.message}` };
}

async function showStatus({ rest }: Call, name: string): Promise<Answer> {
  const json = await rest.ask<ConnectorStatus>('GET', `${pathOf(name)}/status`);
  const { connector, tasks } = json;
  const rows = [
    [json.name, connector.state, connector.worker_id],
    ...tasks.map(({ id, state, worker_id }) => [`  task ${id}`, state, worker_id]),
  ];
  const traces = [connector, ...tasks].flatMap(({ trace }) => trace ?? []);
  return { json, text: [table(['NAME', 'STATE', 'WORKER'], rows), ...traces].join('\n') };
}

async function show({ rest }: Call, path: string): Promise<Answer> {
  const json = await rest.ask('GET', path);
  return { json, text: JSON.stringify(json, null, 2) };
}

async function change(
  { rest }: Call,
  method: string,
  name: string,
  verb: string,
  done: string,
): Promise<Answer> {
  const json = await rest.ask(method, pathOf(name) + verb);
  return { json, text: `${name}: ${done}` };
}

async function restartConnector({ rest, failed }: Call, name: string): Promise<Answer> {
  const query = `includeTasks=true&onlyFailed=${failed}`;
  const json = await rest.ask('POST', `${pathOf(name)}/restart?${query}`);
  return { json, text: `${name}: restarting` };
}

async function createConnector({ rest }: Call, fileName: string): Promise<Answer> {
  const { name, config, initialState } = readConnector(fileName);
  const state = initialState === 'STARTED' ? 'RUNNING' : initialState;
  const json = await rest.ask<ConnectorInfo>('POST', '/connectors', {
    name,
    config,
    // Left out when it says nothing, for workers of Connect before 3.7.
    ...(state === 'RUNNING' ? {} : { initial_state: state }),
  });
  return { json, text: `${name}: created` };
}

async function applyConnector({ rest }: Call, fileName: string): Promise<Answer> {
  const { name, config } = readConnector(fileName);
  const json = await rest.ask<ConnectorInfo>('PUT', `${pathOf(name)}/config`, config);
  return { json, text: `${name}: applied` };
}

async function validateConnector({ rest }: Call, fileName: string): Promise<Answer> {
  const { name, config } = readConnector(fileName);
  const plugin = config['connector.class'] ?? '';
  if (plugin === '') throw badUsage(`"${fileName}" has no "connector.class"`);
  const path = `/connector-plugins/${encodeURIComponent(plugin)}/config/validate`;
  const json = await rest.ask<ConfigInfos>('PUT', path, config);
  const errors = json.configs.flatMap(({ value }) => value.errors);
  if (errors.length > 0)
    throw badUsage([`${name} has ${errors.length} errors`, ...errors].join('\n  '));
  return { json, text: `${name}: valid` };
}

function readConnector(fileName: string): CreateConnector {
  return parseConnectorFile(fileName, readText(fileName));
}

function pathOf(name: string): string {
  return `/connectors/${encodeURIComponent(name)}`;
}
