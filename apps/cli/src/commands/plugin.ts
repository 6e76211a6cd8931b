import type { PluginProblem, PluginReport } from '@millrace/runtime';
import { badUsage } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { ownVersion } from '../own-version.ts';
import { createPlugin } from '../plugin/create-plugin.ts';
import type { PluginKind } from '../plugin/templates/template.ts';
import { table } from '../table.ts';
import { answering, WORKER_OPTIONS, type Call, type Command } from './command.ts';

const KINDS = ['source', 'sink', 'transform', 'converter'] as const satisfies readonly PluginKind[];
/** How long the import of a plugin may take while it is checked. */
const LOAD_LIMIT_MS = 10_000;

const create = answering(({ operands: [name = ''], options }) => {
  const chosen = KINDS.filter((kind) => options[kind] === true);
  const [kind = 'source'] = chosen;
  if (chosen.length > 1)
    throw badUsage(`a plugin is one of --${chosen.join(' and --')}`, 'create a package for each');
  const created = createPlugin(name, kind, { parent: process.cwd(), version: ownVersion() });
  const text = [
    ...created.files.map((file) => `  ${file}`),
    '',
    `created a ${kind} in ${created.folder}; go on with:`,
    `  cd ${created.folder} && npm install && npm test`,
  ].join('\n');
  return Promise.resolve({ json: { kind, ...created }, text });
});

const list = answering(async ({ rest }) => {
  const json = await rest.ask<PluginReport>('GET', '/api/plugins');
  return { json, text: reportText(json) };
});

/** Loads packages as a worker would, and runs nothing of them. */
async function check({ operands, options, io }: Call): Promise<ExitCode> {
  const { loadPlugins, shippedPlugins } = await import('@millrace/worker');
  const { PluginRegistry } = await import('@millrace/runtime');
  const loaded = await loadPlugins({
    paths: operands,
    workingFolder: undefined,
    apiVersion: ownVersion(),
    limitMs: LOAD_LIMIT_MS,
  });
  const report = new PluginRegistry(shippedPlugins, loaded.plugins, loaded.problems).report();
  const plugins = report.plugins.filter((each) => each.package !== null);
  const problems = [...report.problems];
  if (plugins.length === 0 && problems.length === 0) problems.push(...operands.map(nothingIn));
  const isUsable = !problems.some(({ severity }) => severity === 'error');
  if (options.json === true)
    io.out(JSON.stringify({ valid: isUsable, plugins, problems }, null, 2));
  else {
    for (const problem of problems) io.error(problemText(problem));
    io.out(plugins.length === 0 ? 'no plugin can be used' : pluginTable(plugins));
  }
  return isUsable ? EXIT.done : EXIT.refused;
}

function nothingIn(folder: string): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.no_entry',
    location: folder,
    message: 'there is no package with a "millrace" entry in its package.json',
    hint: 'name the folder of a package, or of several; "millrace plugin create" writes one',
  };
}

function reportText({ plugins, problems }: PluginReport): string {
  return [pluginTable(plugins), ...problems.map(problemText)].join('\n');
}

function pluginTable(plugins: PluginReport['plugins']): string {
  const rows = plugins.map((each) => [
    each.class,
    each.type,
    each.version ?? '',
    each.package ?? '',
  ]);
  return table(['CLASS', 'TYPE', 'VERSION', 'PACKAGE'], rows);
}

function problemText({ severity, location, package: name, message, hint }: PluginProblem): string {
  const where = name === undefined ? location : `${name} (${location})`;
  return `${severity}: ${where}: ${message}${hint === undefined ? '' : `\n  to mend it: ${hint}`}`;
}

export const pluginCommands: readonly Command[] = [
  {
    name: 'plugin create',
    operands: 'NAME',
    least: 1,
    most: 1,
    summary: 'writes a package with a plugin to begin with, and its tests',
    details: `NAME is that of the package; the folder is made in this one, and nothing is ever overwritten. TypeScript, with
the contract suite of @millrace/testkit, an example and a README. Without an option it is a source.`,
    options: [...KINDS, 'json'],
    run: create,
  },
  {
    name: 'plugin check',
    operands: 'DIR ...',
    least: 1,
    most: Infinity,
    summary: 'loads packages as a worker would, and names what is wrong',
    details: 'Needs no worker. DIR is a package, or a folder of packages, as in plugin.path.',
    options: ['json'],
    run: check,
  },
  {
    name: 'plugin list',
    summary: 'plugins of the worker with their packages, and packages that it could not load',
    options: WORKER_OPTIONS,
    run: list,
  },
];
