import type { ConverterPlugin } from '@millrace/connector-api';
import { avroConverter } from './avro-converter.ts';
import { byteArrayConverter } from './byte-array-converter.ts';
import { jsonSchemaConverter } from './json-schema-converter.ts';
import { jsonConverter } from './json-converter.ts';
import { numberConverters } from './number-converters.ts';
import { protobufConverter } from './protobuf-converter.ts';
import { simpleHeaderConverter } from './simple-header-converter.ts';
import { stringConverter } from './string-converter.ts';

/** Every converter of this package. */
export const shippedConverters: readonly ConverterPlugin[] = [
  jsonConverter,
  stringConverter,
  byteArrayConverter,
  ...numberConverters,
  avroConverter,
  protobufConverter,
  jsonSchemaConverter,
  simpleHeaderConverter,
];
