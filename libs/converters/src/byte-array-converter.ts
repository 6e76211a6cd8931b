import type { ConverterPlugin } from '@millrace/connector-api';
import { kindOf, schemas } from '@millrace/record';
import { badValue } from './errors.ts';

const OPTIONAL_BYTES = schemas.bytes({ optional: true });

/** The bytes as they are. */
export const byteArrayConverter: ConverterPlugin = {
  kind: 'converter',
  name: 'byte-array',
  javaClasses: ['org.apache.kafka.connect.converters.ByteArrayConverter'],
  version: '4.1.0',
  fields: {},
  create: () => ({
    fromConnect: (_topic, schema, value) => {
      if (schema !== null && schema.type !== 'bytes')
        throw badValue(`Invalid schema type for ByteArrayConverter: ${schema.type.toUpperCase()}`);
      if (value === null || value === undefined) return null;
      if (value instanceof Uint8Array) return value;
      throw badValue(`ByteArrayConverter is not compatible with objects of type ${kindOf(value)}`);
    },
    toConnect: (_topic, bytes) => ({ schema: OPTIONAL_BYTES, value: bytes }),
  }),
};
