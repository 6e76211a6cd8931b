import type { ConfigInfos } from '@millrace/runtime';
import { MillraceError } from '@millrace/foundation';
import type { RestClient } from '../rest-client.ts';
import { ownVersion } from '../own-version.ts';
import type { ConnectorDocument } from './connector-document.ts';

/** One problem with the place that an editor can jump to. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly key?: string;
}

/** What is wrong with each file as such: syntax, names. */
export function documentProblems(documents: readonly ConnectorDocument[]): readonly FileProblem[] {
  return documents.flatMap(({ fileName, problems }) =>
    problems.map(({ line, message, severity }) => ({ file: fileName, line, severity, message })),
  );
}

/** Two files of one name: only one of them can be what the worker has. */
export function sameNames(documents: readonly ConnectorDocument[]): readonly FileProblem[] {
  const first = new Map<string, ConnectorDocument>();
  return documents.flatMap((document): FileProblem[] => {
    const name = document.connector?.name;
    if (name === undefined) return [];
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, document);
      return [];
    }
    const message = `the connector "${name}" is described in ${earlier.fileName} already`;
    return [problemAt(document, 'name', 'error', message)];
  });
}

export function problemAt(
  document: ConnectorDocument,
  key: string,
  severity: FileProblem['severity'],
  message: string,
): FileProblem {
  return { file: document.fileName, line: document.lineOf(key), severity, message, key };
}

/** How long the import of one package may take. */
const PLUGIN_LOAD_MS = 10_000;

/** Without a worker: fields, rules, unknown keys. Plugins are found as a worker that is started here would. */
export async function offlineProblems(
  documents: readonly ConnectorDocument[],
  pluginPath: readonly string[] = [],
): Promise<readonly FileProblem[]> {
  // Loaded here: all connectors with their drivers. One after the other: the second holds the first, and Jest's loader
  // fails now and then when two imports load one module.
  const { OfflineValidator } = await import('@millrace/runtime');
  const { loadPlugins, shippedPlugins } = await import('@millrace/worker');
  const installed = await loadPlugins({
    paths: pluginPath,
    workingFolder: process.cwd(),
    apiVersion: ownVersion(),
    limitMs: PLUGIN_LOAD_MS,
  });
  const validator = new OfflineValidator(shippedPlugins, installed);
  const problems: FileProblem[] = [];
  for (const document of documents) {
    const found = await validator.check(document.connector?.config ?? {});
    if (document.connector !== undefined)
      for (const { key, severity, message } of merged(found))
        problems.push(problemAt(document, key, severity, message));
  }
  return problems;
}

/** Connect reports some problems at two keys in the same words; a reader needs them once. */
function merged<P extends { readonly message: string }>(problems: readonly P[]): readonly P[] {
  return problems.filter(
    ({ message }, index) => problems.findIndex((each) => each.message === message) === index,
  );
}

/** What the worker has against a connector: it looks placeholders up, and connects. */
export async function onlineProblems(
  rest: RestClient,
  document: ConnectorDocument,
): Promise<readonly FileProblem[]> {
  const config = document.connector?.config ?? {};
  const plugin = (config['connector.class'] ?? '').trim();
  if (plugin === '')
    return [
      problemAt(document, 'connector.class', 'error', 'the key "connector.class" is missing'),
    ];
  const path = `/connector-plugins/${encodeURIComponent(plugin)}/config/validate`;
  try {
    const { configs } = await rest.ask<ConfigInfos>('PUT', path, config);
    const found = configs.flatMap(({ value }) =>
      value.errors.map((message) => ({ key: value.name, message })),
    );
    const unknown = configs
      .filter(({ definition, value }) => definition === null && value.errors.length === 0)
      .filter(({ value }) => value.name in config)
      .map(({ value }) => problemAt(document, value.name, 'warning', unknownKey(value)));
    return [
      ...merged(found).map(({ key, message }) => problemAt(document, key, 'error', message)),
      ...unknown,
    ];
  } catch (error) {
    // A refusal of the request is about the class; anything else is no answer to the question.
    if (!(error instanceof MillraceError) || error.context['status'] === undefined) throw error;
    return [problemAt(document, 'connector.class', 'error', error.message)];
  }
}

function unknownKey(value: ConfigInfos['configs'][number]['value']): string {
  const [nearest] = value.recommended_values;
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return `the key "${value.name}" is not known and has no effect${hint}`;
}

/** `FILE:LINE: error: MESSAGE`, as compilers write it. */
export function problemLine({ file, line, severity, message }: FileProblem): string {
  return `${file}:${line}: ${severity}: ${message}`;
}

export function hasErrors(problems: readonly FileProblem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** By place; what several checks found is said once, and an error says all that a warning of its key would. */
export function sorted(problems: readonly FileProblem[]): readonly FileProblem[] {
  const unique = new Map(problems.map((problem) => [problemLine(problem), problem]));
  for (const [id, { file, key, severity }] of unique) {
    const isSaid = problems.some(
      (other) => other.severity === 'error' && other.file === file && other.key === key,
    );
    if (severity === 'warning' && isSaid) unique.delete(id);
  }
  return [...unique.values()].sort((left, right) =>
    left.file === right.file ? left.line - right.line : left.file < right.file ? -1 : 1,
  );
}
