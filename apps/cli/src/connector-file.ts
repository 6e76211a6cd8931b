import { flattenConfig, parseConfigFile } from '@millrace/config';
import type { CreateConnector } from '@millrace/runtime';
import { readText } from './config.ts';
import { badConnectorFile } from './errors.ts';

/**
 * A connector as a file: flat keys with a `name`, as `connect-standalone` takes them, or `{name, config,
 * initial_state}`, as the REST API does. Nested YAML or JSON objects become dotted keys.
 * @throws MillraceError `config.unreadable_file` or `cli.bad_connector_file`
 */
export function parseConnectorFile(fileName: string, content: string): CreateConnector {
  const document = parseConfigFile(fileName, content);
  const { config, name, initial_state: state } = document;
  if (!isObject(config))
    return connectorFrom(fileName, flattenConfig(fileName, document), 'RUNNING');
  const extra = Object.keys(document).filter(
    (key) => key !== 'name' && key !== 'config' && key !== 'initial_state',
  );
  if (extra.length > 0)
    throw badConnectorFile(fileName, `"${extra.join('", "')}" stands beside "config"`);
  const flat = flattenConfig(fileName, config);
  if (name === undefined) return connectorFrom(fileName, flat, state);
  if (typeof name !== 'string') throw badConnectorFile(fileName, '"name" must be text');
  if (flat['name'] !== undefined && flat['name'].trim() !== name.trim())
    throw badConnectorFile(
      fileName,
      `"name" is "${name}" outside and "${flat['name']}" in "config"`,
    );
  return connectorFrom(fileName, { ...flat, name }, state);
}

/** @throws MillraceError as `parseConnectorFile`, or `cli.unreadable_file` */
export function readConnectorFile(fileName: string): CreateConnector {
  return parseConnectorFile(fileName, readText(fileName));
}

function connectorFrom(
  fileName: string,
  config: Readonly<Record<string, string>>,
  state: unknown,
): CreateConnector {
  const name = config['name']?.trim() ?? '';
  if (name === '') throw badConnectorFile(fileName, 'the key "name" is missing');
  return { name, config: { ...config, name }, initialState: initialState(fileName, state) };
}

function initialState(fileName: string, state: unknown): CreateConnector['initialState'] {
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
      throw badConnectorFile(fileName, '"initial_state" must be RUNNING, PAUSED or STOPPED');
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
