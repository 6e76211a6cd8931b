import { NAME_ADJUSTMENTS } from '@millrace/cdc';
import { defineFields, oneOf } from '@millrace/config';

/** How values are carried. */
export const valueFields = defineFields({
  'decimal.handling.mode': {
    type: 'STRING',
    default: 'precise',
    importance: 'MEDIUM',
    group: 'Values',
    validate: oneOf('precise', 'string', 'double'),
    recommended: ['precise', 'string', 'double'],
    doc: 'How DECIMAL is carried.',
  },
  'bigint.unsigned.handling.mode': {
    type: 'STRING',
    default: 'long',
    importance: 'MEDIUM',
    group: 'Values',
    validate: oneOf('long', 'precise'),
    recommended: ['long', 'precise'],
    doc: 'How BIGINT UNSIGNED is carried: as a signed long, in which 2^63 and above come out negative, or as a decimal.',
  },
  'time.precision.mode': {
    type: 'STRING',
    default: 'adaptive_time_microseconds',
    importance: 'MEDIUM',
    group: 'Values',
    validate: oneOf(
      'adaptive_time_microseconds',
      'adaptive',
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
    doc: 'How BINARY, VARBINARY and BLOB are carried.',
  },
  'enable.time.adjuster': {
    type: 'BOOLEAN',
    default: true,
    group: 'Values',
    doc: 'Whether years of two digits mean 1970 to 2069.',
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
    doc: 'Stands for a value that the server did not write to the binlog (binlog_row_image=NOBLOB).',
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
    doc: "A value that its schema can not hold: fail the record, or carry null (warn, skip). Debezium's default is warn.",
  },
});
