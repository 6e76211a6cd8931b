import { defineFields, oneOf } from '@millrace/config';
import { NAME_ADJUSTMENTS } from '../schema-names.ts';

/** Debezium's keys for how values are carried, of all databases. */
export const commonValueFields = defineFields({
  'decimal.handling.mode': {
    type: 'STRING',
    default: 'precise',
    importance: 'MEDIUM',
    group: 'Values',
    validate: oneOf('precise', 'string', 'double'),
    recommended: ['precise', 'string', 'double'],
    doc: 'How numbers with a scale (numeric, decimal, money) are carried.',
  },
  'binary.handling.mode': {
    type: 'STRING',
    default: 'bytes',
    group: 'Values',
    validate: oneOf('bytes', 'base64', 'base64-url-safe', 'hex'),
    doc: 'How columns of bytes are carried.',
  },
  'include.unknown.datatypes': {
    type: 'BOOLEAN',
    default: false,
    group: 'Values',
    doc: 'Columns of types without a mapping are carried as bytes, in place of being left out.',
  },
  'unavailable.value.placeholder': {
    type: 'STRING',
    default: '__debezium_unavailable_value',
    group: 'Values',
    doc: 'Stands for a value that the server did not write to its log (TOAST of PostgreSQL, binlog_row_image=NOBLOB); hex: begins one in hexadecimal.',
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
