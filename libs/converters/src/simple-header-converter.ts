import type { ConverterPlugin } from '@millrace/connector-api';
import { parseValues, schemas, valuesText } from '@millrace/record';
import { isUtf8 } from 'node:buffer';

/** The default for headers: text out, types inferred from the text in. */
export const simpleHeaderConverter: ConverterPlugin = {
  kind: 'converter',
  name: 'simple-header',
  javaClasses: ['org.apache.kafka.connect.storage.SimpleHeaderConverter'],
  version: '4.1.0',
  fields: {},
  create: () => ({
    fromConnect: (_topic, schema, value) =>
      value === null || value === undefined ? null : Buffer.from(valuesText(schema, value)),
    toConnect: (_topic, bytes) => {
      if (bytes === null) return { schema: null, value: null };
      if (!isUtf8(bytes)) return { schema: schemas.bytes(), value: bytes };
      return parseValues(
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
      );
    },
  }),
};
