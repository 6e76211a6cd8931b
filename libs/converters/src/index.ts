export { avroConverter, avroConverterWith } from './avro-converter.ts';
export { byteArrayConverter } from './byte-array-converter.ts';
export { jsonConverter } from './json-converter.ts';
export { numberConverters } from './number-converters.ts';
export { protobufConverter, protobufConverterWith } from './protobuf-converter.ts';
export type { RegistryPorts } from './registry/open-registry-converter.ts';
export { simpleHeaderConverter } from './simple-header-converter.ts';
export { shippedConverters } from './shipped-converters.ts';
export { stringConverter } from './string-converter.ts';
