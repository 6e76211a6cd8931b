import { defineFields, nonEmpty, oneOf, validRegex } from '@millrace/config';

const BEHAVIOURS = ['warn', 'error', 'fatal'] as const;

const columnField = (what: string, name: string) =>
  ({
    type: 'STRING',
    default: name,
    importance: 'MEDIUM',
    doc: `The column that holds ${what}.`,
    validate: nonEmpty,
  }) as const;

/** The keys of the outbox event router. */
export const eventRouterFields = defineFields({
  'table.op.invalid.behavior': {
    type: 'STRING',
    default: 'warn',
    importance: 'MEDIUM',
    recommended: BEHAVIOURS,
    doc: 'What an update of an outbox row does: it is skipped (warn, error), or fails the task (fatal).',
    validate: oneOf(...BEHAVIOURS),
  },
  'table.field.event.id': columnField('the id of the event', 'id'),
  'table.field.event.key': columnField('the key of the message', 'aggregateid'),
  'table.field.event.type': columnField('the type of the event', 'type'),
  'table.field.event.payload': columnField('the payload', 'payload'),
  'table.field.event.timestamp': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    doc: 'The column that holds the timestamp of the event; by default the time of the change.',
  },
  'table.field.event.schema.version': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'The column that holds the version of the schema of the message.',
  },
  'table.fields.additional.placement': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    doc: 'More columns and where they go: column:header|envelope|partition[:alias].',
  },
  'table.fields.additional.error.on.missing': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    doc: 'Whether a row without such a column fails.',
  },
  'table.field.additional.missing': {
    type: 'STRING',
    default: 'error',
    importance: 'MEDIUM',
    recommended: ['error', 'ignore'],
    doc: 'What a row without such a column does.',
    validate: oneOf('error', 'ignore'),
  },
  'route.by.field': columnField('what decides the topic', 'aggregatetype'),
  'route.topic.regex': {
    type: 'STRING',
    default: '(?<routedByValue>.*)',
    importance: 'LOW',
    doc: 'What the value of that column is matched with.',
    validate: validRegex,
  },
  'route.topic.replacement': {
    type: 'STRING',
    default: 'outbox.event.${routedByValue}',
    importance: 'HIGH',
    doc: 'The topic, made of the groups of that expression.',
  },
  'route.tombstone.on.empty.payload': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Whether an event without a payload becomes a tombstone.',
  },
  'table.expand.json.payload': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether a payload of JSON becomes a struct.',
  },
  'table.json.payload.null.behavior': {
    type: 'STRING',
    default: 'ignore',
    importance: 'MEDIUM',
    recommended: ['ignore', 'optional_bytes'],
    doc: 'What a null in such a payload becomes: no field, or an optional field of bytes.',
    validate: oneOf('ignore', 'optional_bytes'),
  },
  'table.json.payload.empty.array.behavior': {
    type: 'STRING',
    default: 'ignore',
    importance: 'LOW',
    recommended: ['ignore', 'optional_bytes'],
    doc: 'Accepted; a field whose array is empty is left out, as Debezium 3.6 does with either value.',
    validate: oneOf('ignore', 'optional_bytes'),
  },
});
