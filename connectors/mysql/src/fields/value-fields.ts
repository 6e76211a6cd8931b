import { defineFields, oneOf } from '@millrace/config';

/** How values are carried. */
export const valueFields = defineFields({
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
  'enable.time.adjuster': {
    type: 'BOOLEAN',
    default: true,
    group: 'Values',
    doc: 'Whether years of two digits mean 1970 to 2069.',
  },
});
