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
  oneOf,
  record,
  ref,
  text,
  textOrNull,
  time,
  type Surface,
} from './surface.ts';

const parameters = [connectorName];
const replayOf = [connectorName, inPath('id', 'The id of the replay.')];

/** What a selection of letters may name. */
const SELECTION = {
  partition: integer,
  from: integer,
  to: integer,
  fingerprint: text,
  stage: text,
  since: { type: ['string', 'integer'] },
  until: { type: ['string', 'integer'] },
  limit: integer,
};

/** Ours: what failed, and the records that were set aside. */
export const errorsSurface: Surface = {
  tag: 'errors',
  description: 'Failures by kind, dead letters, and their replay. Not in Kafka Connect.',
  paths: {
    '/api/connectors/{name}/errors': {
      get: {
        operationId: 'getErrors',
        summary: 'What failed, by kind; the kind seen last is first.',
        parameters,
        responses: { 200: json('The failures.', ref('ConnectorErrors')), ...errors(404) },
      },
      delete: {
        operationId: 'clearErrors',
        summary: 'Forgets the failures; nothing is counted as mended.',
        parameters,
        responses: { 204: empty('Forgotten.'), ...errors(404) },
      },
    },
    '/api/connectors/{name}/dead-letters': {
      get: {
        operationId: 'listDeadLetters',
        summary: 'Records that were set aside, decoded.',
        parameters: [
          connectorName,
          ...Object.entries({ ...SELECTION, cursor: text }).map(([name, schema]) =>
            inQuery(name, 'Only those letters; see the command line.', schema),
          ),
        ],
        responses: { 200: json('A page of letters.', ref('DeadLetterPage')), ...errors(400, 404) },
      },
    },
    '/api/connectors/{name}/dead-letters/{partition}/{offset}': {
      get: {
        operationId: 'getDeadLetter',
        summary: 'One letter, with its stack trace.',
        parameters: [
          connectorName,
          inPath('partition', 'Of the topic of dead letters.', integer),
          inPath('offset', 'In that partition.', integer),
        ],
        responses: { 200: json('The letter.', ref('DeadLetter')), ...errors(400, 404) },
      },
    },
    '/api/connectors/{name}/dead-letters/replay': {
      get: {
        operationId: 'listReplays',
        summary: 'Replays since the worker started, the last one first.',
        parameters,
        responses: { 200: json('The replays.', listOf(ref('Replay'))), ...errors(404) },
      },
      post: {
        operationId: 'replayDeadLetters',
        summary:
          'Sends letters through the current transforms to their target, in order, each once.',
        parameters,
        requestBody: body(
          record({ ...SELECTION, dry_run: boolean }, ...Object.keys(SELECTION), 'dry_run'),
          false,
        ),
        responses: { 202: json('It has begun.', ref('Replay')), ...errors(400, 404, 409) },
      },
    },
    '/api/connectors/{name}/dead-letters/replay/{id}': {
      get: {
        operationId: 'getReplay',
        summary: 'How far a replay is.',
        parameters: replayOf,
        responses: { 200: json('The replay.', ref('Replay')), ...errors(404) },
      },
      delete: {
        operationId: 'cancelReplay',
        summary: 'Ends a replay behind the batch that is under way.',
        parameters: replayOf,
        responses: { 200: json('Where it ended.', ref('Replay')), ...errors(404) },
      },
    },
  },
  schemas: {
    ConnectorErrors: record({
      name: text,
      since: time,
      groups: listOf(ref('ErrorGroup')),
      forgotten: integer,
    }),
    ErrorGroup: record({
      fingerprint: text,
      count: integer,
      first_seen: time,
      last_seen: time,
      stage: text,
      class: text,
      outcome: text,
      exception: anyObject,
      remedy: textOrNull,
      sample: anyObject,
    }),
    DeadLetterPage: record({
      connector: text,
      topic: text,
      letters: listOf(ref('DeadLetter')),
      next: textOrNull,
    }),
    DeadLetter: record(
      {
        partition: integer,
        offset: integer,
        timestamp: time,
        record: anyObject,
        key: ref('ReadableBytes'),
        value: ref('ReadableBytes'),
        headers: listOf(record({ key: text, value: ref('ReadableBytes') })),
        error: anyObject,
        attempts: integer,
        replayed: boolean,
        obstacle: textOrNull,
      },
      'record',
      'error',
    ),
    ReadableBytes: {
      type: ['object', 'null'],
      description: 'Decoded, or as text or base64 with the reason.',
      additionalProperties: true,
    },
    Replay: record({
      id: text,
      connector: text,
      topic: text,
      state: oneOf('running', 'completed', 'failed', 'cancelled'),
      dry_run: boolean,
      selection: anyObject,
      started_at: time,
      ended_at: textOrNull,
      scanned: integer,
      delivered: integer,
      dropped: integer,
      failed: integer,
      skipped: record({ replayed: integer, not_replayable: integer }),
      progress: listOf(record({ partition: integer, offset: integer, end: integer })),
      problems: listOf(anyObject),
      previews: listOf(anyObject),
      error: textOrNull,
      remedy: textOrNull,
    }),
  },
};
