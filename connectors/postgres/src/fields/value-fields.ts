import { NAME_ADJUSTMENTS } from '@millrace/cdc';
import { atLeast, defineFields, oneOf } from '@millrace/config';

/** How values are carried. */
export const valueFields = defineFields({
  'decimal.handling.mode': {
    type: 'STRING',
    default: 'precise',
    importance: 'MEDIUM',
    group: 'Values',
    validate: oneOf('precise', 'string', 'double'),
    recommended: ['precise', 'string', 'double'],
    doc: 'How numeric and money are carried.',
  },
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
    ),
    doc: 'How dates and times are carried.',
  },
  'binary.handling.mode': {
    type: 'STRING',
    default: 'bytes',
    group: 'Values',
    validate: oneOf('bytes', 'base64', 'base64-url-safe', 'hex'),
    doc: 'How bytea is carried.',
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
  'include.unknown.datatypes': {
    type: 'BOOLEAN',
    default: false,
    group: 'Values',
    doc: 'Columns of types without a mapping are carried as the bytes of their text, in place of being left out.',
  },
  'unavailable.value.placeholder': {
    type: 'STRING',
    default: '__debezium_unavailable_value',
    group: 'Values',
    doc: 'Stands for a TOAST value that the server did not send; hex: begins one in hexadecimal.',
  },
  'schema.name.adjustment.mode': {
    type: 'STRING',
    default: 'none',
    group: 'Values',
    validate: oneOf(...NAME_ADJUSTMENTS),
    doc: 'How schema names are made fit for Avro.',
  },
  'field.name.adjustment.mode': {
    type: 'STRING',
    default: 'none',
    group: 'Values',
    validate: oneOf(...NAME_ADJUSTMENTS),
    doc: 'How field names are made fit for Avro.',
  },
  'event.converting.failure.handling.mode': {
    type: 'STRING',
    default: 'fail',
    group: 'Values',
    validate: oneOf('fail', 'warn', 'skip'),
    doc: "A value that its schema can not hold (NaN in a Decimal): fail the record, or carry null (warn, skip). Debezium's default is warn.",
  },
});
