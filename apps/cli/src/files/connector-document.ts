import { HIDDEN, locateConfig, type LocatedConfig } from '@millrace/config';
import type { CreateConnector } from '@millrace/runtime';

export interface DocumentProblem {
  readonly line: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** The file can be read all the same: of a key that is there twice one value is lost. */
  readonly isLoss?: boolean;
}

/** A connector as a file describes it, with the lines of its keys. */
export interface ConnectorDocument {
  readonly fileName: string;
  /** Undefined when no connector can be read from the file. */
  readonly connector: Connector | undefined;
  /** What is wrong with the file as such. */
  readonly problems: readonly DocumentProblem[];
  /** Of a key, or of the nearest thing that there is. */
  readonly lineOf: (key: string) => number;
}

export interface Connector {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly initialState: CreateConnector['initialState'];
}

const BESIDE_CONFIG: ReadonlySet<string> = new Set(['name', 'config', 'initial_state']);

/**
 * A connector as a file: flat keys with a `name`, as `connect-standalone` takes them, or `{name, config,
 * initial_state}`, as the REST API does. Nested YAML or JSON objects become dotted keys.
 */
export function readDocument(fileName: string, content: string): ConnectorDocument {
  const located = locateConfig(fileName, content);
  const problems: DocumentProblem[] = located.problems.map(({ kind, line, message }) => ({
    line,
    message,
    severity: 'error',
    isLoss: kind === 'duplicate',
  }));
  const isBroken = located.problems.some(({ kind }) => kind === 'syntax');
  const lines = new Map<string, number>();
  const connector = isBroken ? undefined : connectorFrom(located, lines, problems);
  return { fileName, connector, problems, lineOf: (key) => nearestLine(key, lines) };
}

function connectorFrom(
  located: LocatedConfig,
  lines: Map<string, number>,
  problems: DocumentProblem[],
): Connector | undefined {
  const problem = (line: number, message: string): void => {
    problems.push({ line, message, severity: 'error' });
  };
  const isWrapped = located.sections.has('config');
  const config: Record<string, string> = {};
  let outerName: string | undefined;
  let state: unknown;
  for (const { path, value, line } of located.values) {
    const [first = '', ...rest] = path;
    if (!isWrapped || (first === 'config' && rest.length > 0)) {
      const key = (isWrapped ? rest : path).join('.');
      lines.set(key, line);
      const text = textOf(value);
      if (text === undefined)
        problem(line, `the value of "${key}" is neither text, number, boolean nor a list of them`);
      else if (text?.includes(HIDDEN) === true)
        // As `connectors get` prints it: what a file with the mask would store is no password any more.
        problem(
          line,
          `"${key}" holds "${HIDDEN}", which stands for a secret: write the secret, or a placeholder such as \${env:NAME}`,
        );
      else if (text !== null) config[key] = text;
    } else if (rest.length > 0)
      continue; // its section is named below
    else if (!BESIDE_CONFIG.has(first)) problem(line, `"${path.join('.')}" stands beside "config"`);
    else if (first === 'name') {
      if (typeof value === 'string') outerName = value;
      else problem(line, '"name" must be text');
      if (!lines.has('name')) lines.set('name', line);
    } else {
      state = value;
      lines.set('initial_state', line);
    }
  }
  for (const [section, line] of isWrapped ? located.sections : [])
    if (section !== 'config' && !section.includes('.'))
      problem(line, `"${section}" stands beside "config"`);
  const inner = config['name'];
  if (outerName !== undefined && inner !== undefined && inner.trim() !== outerName.trim())
    problem(lines.get('name') ?? 1, `"name" is "${outerName}" outside and "${inner}" in "config"`);
  const name = (outerName ?? inner ?? '').trim();
  if (name === '' && !problems.some(({ message }) => message.startsWith('"name"')))
    problem(1, 'the key "name" is missing');
  const initialState = initialStateOf(state);
  if (initialState === undefined)
    problem(lines.get('initial_state') ?? 1, '"initial_state" must be RUNNING, PAUSED or STOPPED');
  if (name === '' || initialState === undefined) return undefined;
  return { name, config: { ...config, name }, initialState };
}

/** As `flattenConfig`: scalars as text, lists joined by commas. Null: the key is left out. Undefined: neither. */
function textOf(value: unknown): string | null | undefined {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => (Array.isArray(item) ? undefined : textOf(item)));
    return items.every((item) => typeof item === 'string') ? items.join(',') : undefined;
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  return undefined;
}

function initialStateOf(state: unknown): CreateConnector['initialState'] | undefined {
  switch (typeof state === 'string' ? state.toUpperCase() : state) {
    case undefined:
    case null:
    case 'RUNNING':
      return 'STARTED';
    case 'PAUSED':
      return 'PAUSED';
    case 'STOPPED':
      return 'STOPPED';
    default:
      return undefined;
  }
}

/** Of a missing key the line of what asks for it: a part of it (`transforms.t.type`), or the connector's class. */
function nearestLine(key: string, lines: ReadonlyMap<string, number>): number {
  for (let name = key; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const line = lines.get(name) ?? firstBelow(`${name}.`, lines);
    if (line !== undefined) return line;
  }
  return lines.get('connector.class') ?? lines.get('name') ?? 1;
}

function firstBelow(prefix: string, lines: ReadonlyMap<string, number>): number | undefined {
  // A prefix of one word says nothing: `errors.` is no place for a missing `errors.tolerance`.
  if (prefix.split('.').length < 3) return undefined;
  return [...lines].find(([name]) => name.startsWith(prefix))?.[1];
}
