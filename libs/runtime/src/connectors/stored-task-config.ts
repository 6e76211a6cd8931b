import { placeholdersIn, placeholderValues } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { ConnectorConfig } from '../herder.ts';
import { wholeClassName, type ConnectorPlugin } from '../plugins/plugin-registry.ts';

/** A shorter text may stand in a value by chance. */
const COPY_LENGTH_MIN = 8;

/** As Connect stores it: with the class of the task and a sink's topics; values that stood for placeholders as these. */
export function storedTaskConfig(
  own: ComponentConfig,
  stored: ConnectorConfig,
  resolved: ComponentConfig,
  plugin: ConnectorPlugin,
): ConnectorConfig {
  const withPlaceholders = copiesReplaced(stored, resolved);
  const task: Record<string, string> = {};
  for (const [key, value] of Object.entries(own)) {
    const placeholder = stored[key];
    task[key] =
      placeholder !== undefined && resolved[key] === value ? placeholder : withPlaceholders(value);
  }
  task['task.class'] = taskClassOf(wholeClassName(plugin, stored['connector.class'] ?? ''));
  if (plugin.kind === 'sink')
    for (const key of ['topics', 'topics.regex']) {
      const value = stored[key];
      if (value !== undefined) task[key] = value;
    }
  return task;
}

/**
 * A connector may put what it was given under other keys, or into other texts. Kafka Connect stores and shows such a
 * copy; here it is the placeholder again, which the start of the task replaces.
 */
function copiesReplaced(
  stored: ConnectorConfig,
  resolved: ComponentConfig,
): (value: string) => string {
  const templates = new Map<string, string>();
  for (const [key, template] of Object.entries(stored)) {
    const value = resolved[key];
    if (value === undefined || value === template) continue;
    templates.set(value, template);
    const [placeholder, ...more] = placeholdersIn(template);
    const [secret] = placeholderValues(template, value);
    // Of several in one text nobody knows for sure where one ends.
    if (placeholder !== undefined && more.length === 0 && secret !== undefined)
      templates.set(secret, placeholder.text);
  }
  const copies = [...templates.keys()].filter((value) => value.length >= COPY_LENGTH_MIN);
  if (copies.length === 0) return (value) => value;
  const pattern = copies
    .sort((left, right) => right.length - left.length)
    .map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|');
  const anyCopy = new RegExp(pattern, 'g');
  return (value) => value.replace(anyCopy, (copy) => templates.get(copy) ?? copy);
}

/** By the custom of who wrote the connector: a Java worker that takes over starts this class. */
export function taskClassOf(className: string): string {
  if (className.startsWith('io.debezium.')) return `${className}Task`;
  return className.endsWith('Connector')
    ? `${className.slice(0, -'Connector'.length)}Task`
    : className;
}
