import { MillraceError } from '@millrace/foundation';
import { getProperties } from 'properties-file';
import { parse as parseYaml } from 'yaml';

export type ConfigFormat = 'properties' | 'json' | 'yaml';

export function configFormatOf(fileName: string): ConfigFormat {
  if (fileName.endsWith('.json')) return 'json';
  if (fileName.endsWith('.yaml') || fileName.endsWith('.yml')) return 'yaml';
  return 'properties';
}

/**
 * Parses a `.properties`, JSON or YAML document into an object. Properties are flat and all text.
 * @throws MillraceError `config.unreadable_file` naming the file and, where known, the place
 */
export function parseConfigFile(
  fileName: string,
  content: string,
): Readonly<Record<string, unknown>> {
  // Editors of Windows begin files with a byte order mark.
  const document = parseDocument(fileName, content.replace(/^\uFEFF/, ''));
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw unreadable(fileName, 'an object of keys and values is expected');
  }
  return Object.fromEntries(Object.entries(document));
}

function parseDocument(fileName: string, content: string): unknown {
  try {
    switch (configFormatOf(fileName)) {
      case 'json':
        return JSON.parse(content);
      case 'yaml':
        return parseYaml(content);
      case 'properties':
        return getProperties(content);
    }
  } catch (error) {
    throw unreadable(fileName, error instanceof Error ? error.message : String(error), error);
  }
}

function unreadable(fileName: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'config.unreadable_file',
    retry: 'fatal',
    message: `"${fileName}" can't be read as configuration: ${reason}`,
    hint: 'use .properties (key=value lines), .json or .yaml',
    cause,
  });
}

/**
 * Nested objects as dotted keys, scalars as text, lists joined by commas: the flat form that Kafka's keys have.
 * @throws MillraceError `config.unreadable_file`
 */
export function flattenConfig(
  fileName: string,
  document: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  const visit = (prefix: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) flat[prefix] = value.map((item) => String(item)).join(',');
    else if (typeof value === 'object') {
      for (const [key, inner] of Object.entries(value))
        visit(prefix === '' ? key : `${prefix}.${key}`, inner);
    } else if (typeof value === 'string') flat[prefix] = value;
    else if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
      flat[prefix] = String(value);
    else
      throw unreadable(
        fileName,
        `the value of "${prefix}" is neither text, number, boolean, list nor object`,
      );
  };
  visit('', document);
  return flat;
}
