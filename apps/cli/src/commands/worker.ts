import type { PluginInfo } from '@millrace/runtime';
import { table } from '../table.ts';
import { answering, WORKER_OPTIONS, type Command } from './command.ts';

const listPlugins = answering(async ({ rest, options }) => {
  const query = options.all === true ? '?connectorsOnly=false' : '';
  const json = await rest.ask<readonly PluginInfo[]>('GET', `/connector-plugins${query}`);
  const rows = json.map((plugin) => [plugin.class, plugin.type, plugin.version ?? '']);
  return { json, text: table(['CLASS', 'TYPE', 'VERSION'], rows) };
});

const showHealth = answering(async ({ rest }) => {
  const json = await rest.ask<{ readonly status: string; readonly message: string }>(
    'GET',
    '/health',
  );
  return { json, text: `${json.status}: ${json.message}` };
});

export const workerCommands: readonly Command[] = [
  {
    name: 'plugins',
    summary: 'connectors that can be used; --all: converters and transforms too',
    options: [...WORKER_OPTIONS, 'all'],
    run: listPlugins,
  },
  { name: 'health', summary: 'whether the worker works', options: WORKER_OPTIONS, run: showHealth },
];
