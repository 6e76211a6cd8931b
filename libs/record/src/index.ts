export { dateOf, daysOf, type CivilDate } from './civil-date.ts';
export { Decimal } from './decimal.ts';
export { schemasEqual, valuesEqual } from './equality.ts';
export { int64 } from './int64.ts';
export { jsonText, type JsonStyle } from './json/json-text.ts';
export { doubleText, floatText } from './json/number-text.ts';
export { NumberText } from './json/exact-number.ts';
export { JsonCursor } from './json/json-cursor.ts';
export { parseJson } from './json/parse-json.ts';
export { bytesText, stringText } from './json/string-text.ts';
export { kindOf } from './kind-of.ts';
export { DATE, DECIMAL, decimalScale, logical, TIME, TIMESTAMP } from './logical.ts';
export type {
  ConnectRecord,
  Header,
  JsonForm,
  LogRecord,
  OffsetValue,
  RawRecord,
  InPlaceRun,
  RecordRun,
  RecordTarget,
  RenderedRecords,
  SinkRecord,
  SourceOffset,
  SourcePartition,
  SourceRecord,
  TimestampType,
} from './record.ts';
export {
  optional,
  schemas,
  type ArraySchema,
  type Field,
  type MapSchema,
  type PrimitiveSchema,
  type PrimitiveType,
  type Schema,
  type SchemaAndValue,
  type SchemaAttributes,
  type SchemaOptions,
  type Struct,
  type StructSchema,
} from './schema.ts';
export { dateText, javaText, numberText } from './text/java-text.ts';
export { parseValues, valuesText } from './text/values-text.ts';
