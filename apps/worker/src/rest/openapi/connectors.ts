import {
  anyObject,
  body,
  boolean,
  connectorName,
  empty,
  errors,
  inPath,
  inQuery,
  integer,
  json,
  listOf,
  mapOf,
  oneOf,
  record,
  ref,
  text,
  textOrNull,
  time,
  type Surface,
} from './surface.ts';

const parameters = [connectorName];
const ofTask = [connectorName, inPath('task', 'The number of the task.', integer)];
const located = {
  Location: { description: 'Where the connector is.', schema: { type: 'string', format: 'uri' } },
};

/** Connectors and their tasks: Kafka Connect's. */
export const connectorsSurface: Surface = {
  tag: 'connectors',
  description: "Connectors and tasks, as in Kafka Connect's REST API.",
  paths: {
    '/connectors': {
      get: {
        operationId: 'listConnectors',
        summary: 'The names of all connectors, or with `expand` what is known of each.',
        parameters: [inQuery('expand', '`status`, `info`, or both by repeating it.', listOf(text))],
        responses: {
          200: json('Names; with `expand` an object by name.', {
            oneOf: [listOf(text), mapOf(ref('ExpandedConnector'))],
          }),
          ...errors(),
        },
      },
      post: {
        operationId: 'createConnector',
        summary: 'Creates a connector.',
        requestBody: body(ref('CreateConnector')),
        responses: {
          201: json('Created; its tasks follow.', ref('ConnectorInfo'), located),
          ...errors(400, 409),
        },
      },
    },
    '/connectors/{name}': {
      get: {
        operationId: 'getConnector',
        summary: 'Configuration, tasks and type of a connector.',
        parameters,
        responses: { 200: json('The connector.', ref('ConnectorInfo')), ...errors(404) },
      },
      delete: {
        operationId: 'deleteConnector',
        summary: 'Stops and deletes a connector; its offsets stay.',
        parameters,
        responses: { 204: empty('Deleted.'), ...errors(404) },
      },
    },
    '/connectors/{name}/config': {
      get: {
        operationId: 'getConnectorConfig',
        summary: 'The configuration as it was given, placeholders not replaced.',
        parameters,
        responses: { 200: json('The configuration.', ref('ConnectorConfig')), ...errors(404) },
      },
      put: {
        operationId: 'putConnectorConfig',
        summary: 'Creates a connector, or replaces its configuration.',
        parameters,
        requestBody: body(ref('GivenConfig')),
        responses: {
          200: json('Replaced.', ref('ConnectorInfo')),
          201: json('Created.', ref('ConnectorInfo'), located),
          ...errors(400, 409),
        },
      },
      patch: {
        operationId: 'patchConnectorConfig',
        summary: 'Changes some keys; null removes one (KIP-477).',
        parameters,
        requestBody: body(ref('GivenConfig')),
        responses: { 200: json('Changed.', ref('ConnectorInfo')), ...errors(400, 404) },
      },
    },
    '/connectors/{name}/status': {
      get: {
        operationId: 'getConnectorStatus',
        summary: 'The states of a connector and its tasks.',
        parameters,
        responses: { 200: json('The states.', ref('ConnectorStatus')), ...errors(404) },
      },
    },
    '/connectors/{name}/restart': {
      post: {
        operationId: 'restartConnector',
        summary: 'Restarts the connector, its tasks, or what of them has failed (KIP-745).',
        parameters: [
          connectorName,
          inQuery('includeTasks', 'Its tasks too.', boolean),
          inQuery('onlyFailed', 'Only what has failed.', boolean),
        ],
        responses: {
          202: json('What restarts.', ref('ConnectorStatus')),
          204: empty('The connector restarts; no option was given.'),
          ...errors(404, 409),
        },
      },
    },
    '/connectors/{name}/pause': {
      put: {
        operationId: 'pauseConnector',
        summary: 'Its tasks stay, and do nothing.',
        parameters,
        responses: { 202: empty('It pauses.'), ...errors(404) },
      },
    },
    '/connectors/{name}/resume': {
      put: {
        operationId: 'resumeConnector',
        summary: 'Goes on after a pause or a stop.',
        parameters,
        responses: { 202: empty('It resumes.'), ...errors(404) },
      },
    },
    '/connectors/{name}/stop': {
      put: {
        operationId: 'stopConnector',
        summary: 'Its tasks end and are forgotten; configuration and offsets stay (KIP-875).',
        parameters,
        responses: { 204: empty('It stops.'), ...errors(404) },
      },
    },
    '/connectors/{name}/tasks': {
      get: {
        operationId: 'listTasks',
        summary: 'The tasks with their configurations.',
        parameters,
        responses: { 200: json('The tasks.', listOf(ref('TaskConfig'))), ...errors(404) },
      },
      post: {
        operationId: 'putTaskConfigs',
        summary: 'For workers of a group among themselves: refused without their signature.',
        parameters,
        requestBody: body(listOf(anyObject)),
        responses: errors(400, 403),
      },
    },
    '/connectors/{name}/fence': {
      put: {
        operationId: 'fenceZombies',
        summary: 'For workers of a group among themselves: refused without their signature.',
        parameters,
        responses: errors(400, 403),
      },
    },
    '/connectors/{name}/tasks/{task}/status': {
      get: {
        operationId: 'getTaskStatus',
        summary: 'The state of a task.',
        parameters: ofTask,
        responses: { 200: json('The state.', ref('TaskStatus')), ...errors(404) },
      },
    },
    '/connectors/{name}/tasks/{task}/restart': {
      post: {
        operationId: 'restartTask',
        summary: 'Restarts a task.',
        parameters: ofTask,
        responses: { 204: empty('It restarts.'), ...errors(404, 409) },
      },
    },
  },
  schemas: {
    ConnectorConfig: mapOf(text),
    GivenConfig: {
      ...mapOf({ type: ['string', 'number', 'boolean', 'null'] }),
      description: 'Numbers and booleans are taken as the text that was written.',
    },
    ConnectorType: oneOf('source', 'sink', 'unknown'),
    CreateConnector: record(
      {
        name: text,
        config: ref('GivenConfig'),
        initial_state: {
          type: ['string', 'null'],
          description: 'RUNNING, PAUSED or STOPPED, in any case of letters (KIP-980).',
        },
      },
      'initial_state',
    ),
    ConnectorInfo: record({
      name: text,
      config: ref('ConnectorConfig'),
      tasks: listOf(ref('TaskId')),
      type: ref('ConnectorType'),
    }),
    TaskId: record({ connector: text, task: integer }),
    TaskConfig: record({ id: ref('TaskId'), config: ref('ConnectorConfig') }),
    ExpandedConnector: record(
      { status: ref('ConnectorStatus'), info: ref('ConnectorInfo') },
      'status',
      'info',
    ),
    ConnectorStatus: record({
      name: text,
      connector: record(
        {
          state: oneOf('UNASSIGNED', 'RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'RESTARTING'),
          worker_id: text,
          trace: text,
          version: text,
        },
        'trace',
        'version',
      ),
      tasks: listOf(ref('TaskStatus')),
      type: ref('ConnectorType'),
    }),
    TaskStatus: record(
      {
        id: integer,
        state: oneOf('UNASSIGNED', 'RUNNING', 'PAUSED', 'FAILED', 'RESTARTING'),
        worker_id: text,
        trace: text,
        version: text,
        restart: ref('RestartOutlook'),
      },
      'trace',
      'version',
      'restart',
    ),
    RestartOutlook: {
      ...anyObject,
      description: 'Whether and when the task restarts by itself.',
      properties: {
        attempt: integer,
        cause: textOrNull,
        next_at: { ...time, type: ['string', 'null'] },
      },
    },
  },
};
