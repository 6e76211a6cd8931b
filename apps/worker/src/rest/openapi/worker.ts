import {
  anyObject,
  body,
  empty,
  errors,
  inPath,
  inQuery,
  json,
  listOf,
  mapOf,
  oneOf,
  record,
  ref,
  text,
  type Surface,
} from './surface.ts';

const logger = inPath('name', 'The name of a logger; `root` is the one above all.');
const health = (description: string) => json(description, ref('Health'));

/** The worker itself: Kafka Connect's root, health and loggers, and ours beside them. */
export const workerSurface: Surface = {
  tag: 'worker',
  description: 'The worker: version, health, log levels, metrics.',
  paths: {
    '/': {
      get: {
        operationId: 'getRoot',
        summary: "The version of Kafka Connect's API that is spoken, and the cluster.",
        responses: { 200: json('The worker.', ref('Root')), ...errors() },
      },
    },
    '/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Whether the worker can be used (KIP-1017). Asks for no password.',
        responses: {
          200: health('It can.'),
          500: health('It can not.'),
          503: health('It is starting.'),
        },
      },
    },
    '/admin/loggers': {
      get: {
        operationId: 'listLoggers',
        summary: 'Loggers with a level of their own (KIP-495).',
        responses: { 200: json('By name.', mapOf(ref('LoggerLevel'))), ...errors() },
      },
    },
    '/admin/loggers/{name}': {
      get: {
        operationId: 'getLogger',
        summary: 'The level of a logger.',
        parameters: [logger],
        responses: { 200: json('The level.', ref('LoggerLevel')), ...errors(404) },
      },
      put: {
        operationId: 'setLogger',
        summary: 'Sets the level of a logger and of all below it.',
        parameters: [
          logger,
          inQuery('scope', '`worker`, or `cluster` (KIP-976).', oneOf('worker', 'cluster')),
        ],
        requestBody: body({ ...anyObject, properties: { level: text }, required: ['level'] }),
        responses: {
          200: json('The loggers that were changed.', listOf(text)),
          204: empty('Changed, with the scope of the cluster.'),
          ...errors(400, 404),
        },
      },
    },
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        summary: "Figures in Prometheus' text format.",
        responses: {
          200: { description: 'The figures.', content: { 'text/plain': { schema: text } } },
          ...errors(),
        },
      },
    },
    '/api/worker': {
      get: {
        operationId: 'getWorker',
        summary: 'What a client of this worker needs to know beside the rest.',
        responses: { 200: json('The worker.', ref('AboutWorker')), ...errors() },
      },
    },
    '/api/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This document.',
        responses: { 200: json('An OpenAPI 3.1 document.', anyObject), ...errors() },
      },
    },
  },
  schemas: {
    Root: record({ version: text, commit: text, kafka_cluster_id: text, millrace_version: text }),
    Health: record({ status: oneOf('healthy', 'starting', 'unhealthy'), message: text }),
    LoggerLevel: record({ level: text, last_modified: { type: ['integer', 'null'] } }),
    AboutWorker: record({ bootstrap_servers: text, config_providers: listOf(text) }),
  },
};
