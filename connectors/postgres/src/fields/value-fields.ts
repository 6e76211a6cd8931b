import { atLeast, defineFields, oneOf } from '@millrace/config';

/** How values are carried. */
export const valueFields = defineFields({
  'time.precision.mode': {
    type: 'STRING',
    default: 'adaptive',
    importance: 'MEDIUM',
    group: 'Values',
    validate: oneOf(
      'adaptive',
      'adaptive_time_microseconds',
      'connect',
      'isostring',
      'microseconds',
      'nanoseconds',
      'structured',
    ),
    doc: 'How dates and times are carried.',
  },
  'hstore.handling.mode': {
    type: 'STRING',
    default: 'json',
    group: 'Values',
    validate: oneOf('json', 'map'),
    doc: 'How hstore is carried.',
  },
  'interval.handling.mode': {
    type: 'STRING',
    default: 'numeric',
    group: 'Values',
    validate: oneOf('numeric', 'string'),
    doc: 'How intervals are carried: microseconds, or ISO 8601.',
  },
  'money.fraction.digits': {
    type: 'SHORT',
    default: 2,
    group: 'Values',
    validate: atLeast(0),
    doc: 'Fractional digits of money.',
  },
  'millrace.text.datatypes': {
    type: 'LIST',
    default: [],
    group: 'Values',
    doc: "Types, by their names in pg_type, whose values are carried as the server's own text, whatever their mode; array: every array. Nothing is lost then (dimensions and bounds of arrays, zones of times), for targets that are PostgreSQL.",
  },
});
