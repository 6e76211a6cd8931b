import {
  anyObject,
  body,
  boolean,
  errors,
  inPath,
  inQuery,
  integer,
  json,
  listOf,
  oneOf,
  record,
  ref,
  text,
  textOrNull,
  type Surface,
} from './surface.ts';

const plugin = inPath('name', 'A class name, a simple name, or one without its suffix.');

/** What can be used, and whether a configuration fits. */
export const pluginsSurface: Surface = {
  tag: 'plugins',
  description: "Kafka Connect's plugins and validation; /api/plugins says what was found where.",
  paths: {
    '/connector-plugins': {
      get: {
        operationId: 'listPlugins',
        summary: 'What is installed.',
        parameters: [
          inQuery('connectorsOnly', 'false: converters, transforms and predicates too.', boolean),
        ],
        responses: { 200: json('The plugins.', listOf(ref('PluginInfo'))), ...errors() },
      },
    },
    '/connector-plugins/{name}/config': {
      get: {
        operationId: 'getPluginConfig',
        summary: 'The keys of a plugin.',
        parameters: [plugin, inQuery('version', 'Of this version.')],
        responses: { 200: json('The keys.', listOf(ref('ConfigKeyInfo'))), ...errors(404) },
      },
    },
    '/connector-plugins/{name}/config/validate': {
      put: {
        operationId: 'validateConfig',
        summary: 'What is wrong with a configuration, key by key.',
        parameters: [plugin],
        requestBody: body(ref('GivenConfig')),
        responses: { 200: json('Valid or not.', ref('ConfigInfos')), ...errors(400) },
      },
    },
    '/api/plugins': {
      get: {
        operationId: 'getPluginReport',
        summary: 'Every plugin with its package, and what is wrong with packages that were found.',
        responses: { 200: json('What was found.', ref('PluginReport')), ...errors() },
      },
    },
  },
  schemas: {
    PluginInfo: record(
      {
        class: text,
        type: oneOf(
          'sink',
          'source',
          'transformation',
          'predicate',
          'converter',
          'header_converter',
        ),
        version: text,
      },
      'version',
    ),
    ConfigKeyInfo: record({
      name: text,
      type: oneOf(
        'BOOLEAN',
        'STRING',
        'INT',
        'SHORT',
        'LONG',
        'DOUBLE',
        'LIST',
        'CLASS',
        'PASSWORD',
      ),
      required: boolean,
      default_value: textOrNull,
      importance: oneOf('HIGH', 'MEDIUM', 'LOW'),
      documentation: text,
      group: textOrNull,
      order: { ...integer, description: 'The name up to Kafka Connect 4.1.' },
      order_in_group: { ...integer, description: 'The name since 4.2; the same number.' },
      width: oneOf('NONE', 'SHORT', 'MEDIUM', 'LONG'),
      display_name: text,
      dependents: listOf(text),
    }),
    ConfigValueInfo: record({
      name: text,
      value: textOrNull,
      recommended_values: listOf(text),
      errors: listOf(text),
      visible: boolean,
    }),
    ConfigInfos: record({
      name: text,
      error_count: integer,
      groups: listOf(text),
      configs: listOf(
        record({
          definition: { oneOf: [ref('ConfigKeyInfo'), { type: 'null' }] },
          value: ref('ConfigValueInfo'),
        }),
      ),
    }),
    PluginReport: record({ plugins: listOf(anyObject), problems: listOf(anyObject) }),
  },
};
