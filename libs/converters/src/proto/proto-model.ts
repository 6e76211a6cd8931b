/** Protobuf's scalar types, as a .proto file calls them. */
export type ScalarType =
  | 'int32'
  | 'sint32'
  | 'sfixed32'
  | 'uint32'
  | 'fixed32'
  | 'int64'
  | 'sint64'
  | 'sfixed64'
  | 'uint64'
  | 'fixed64'
  | 'float'
  | 'double'
  | 'bool'
  | 'string'
  | 'bytes';

export interface ProtoEnum {
  readonly kind: 'enum';
  /** With its package and the messages around it. */
  readonly fullName: string;
  readonly name: string;
  /** In the order of the file; the first is the default. */
  readonly values: ReadonlyMap<string, number>;
}

export interface ProtoMessage {
  readonly kind: 'message';
  readonly fullName: string;
  readonly name: string;
  /** In the order of the file. Filled after its making, since messages hold themselves. */
  readonly fields: ProtoField[];
  /** Without those that only stand for `optional`; in the order of the file. */
  readonly oneofs: readonly string[];
  readonly nested: ProtoMessage[];
}

export interface ProtoField {
  readonly name: string;
  readonly tag: number;
  readonly type: ScalarType | ProtoEnum | ProtoMessage;
  readonly isRepeated: boolean;
  readonly isPacked: boolean;
  /** Whether it can be told if the field was set: `optional`, or proto2. */
  readonly hasPresence: boolean;
  /** `optional` was written by hand, in proto3 or proto2. */
  readonly isOptional: boolean;
  readonly isProto3Optional: boolean;
  readonly oneof: string | undefined;
  /** Confluent's `field_meta`: what Protobuf has no word for. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Undefined: the default of the type. Only proto2 has others. */
  readonly default: unknown;
}

export interface ProtoFile {
  readonly packageName: string;
  /** Top-level ones, in the order of the file. */
  readonly messages: readonly ProtoMessage[];
}

/** The settings of Confluent's ProtobufDataConfig. */
export interface ProtoSettings {
  readonly isEnhanced: boolean;
  readonly scrubsNames: boolean;
  readonly usesIntForEnums: boolean;
  readonly usesOptional: boolean;
  readonly supportsProto2Optional: boolean;
  readonly usesWrappers: boolean;
  readonly unwrapsRoots: boolean;
  readonly makesStructsForNulls: boolean;
  readonly indexesUnions: boolean;
  readonly flattensUnions: boolean;
  readonly generalizesSumTypes: boolean;
  readonly ignoresDefaultForNullables: boolean;
}

export const DECIMAL_TYPE = 'confluent.type.Decimal';
export const DATE_TYPE = 'google.type.Date';
export const TIME_TYPE = 'google.type.TimeOfDay';
export const TIMESTAMP_TYPE = 'google.protobuf.Timestamp';

/** Messages around one value, with the scalar type of that value. */
export const WRAPPERS: ReadonlyMap<string, ScalarType> = new Map([
  ['google.protobuf.DoubleValue', 'double'],
  ['google.protobuf.FloatValue', 'float'],
  ['google.protobuf.Int64Value', 'int64'],
  ['google.protobuf.UInt64Value', 'uint64'],
  ['google.protobuf.Int32Value', 'int32'],
  ['google.protobuf.UInt32Value', 'uint32'],
  ['google.protobuf.BoolValue', 'bool'],
  ['google.protobuf.StringValue', 'string'],
  ['google.protobuf.BytesValue', 'bytes'],
]);

const NAMESPACE = 'io.confluent.connect.protobuf';
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`;
export const UNION_PREFIX = `${NAMESPACE}.Union`;
export const TAG_PARAMETER = `${NAMESPACE}.Tag`;
export const TYPE_PARAMETER = `${NAMESPACE}.Type`;
export const WRAPPER_PARAMETER = `${NAMESPACE}.Wrapper`;
export const GENERAL_UNION_PARAMETER = 'org.apache.kafka.connect.data.Union';
export const GENERAL_ENUM_PARAMETER = 'org.apache.kafka.connect.data.Enum';
export const DEFAULT_NAME = 'ConnectDefault';

/** The types of every file that Confluent's and Google's serializers bring along, so that no registry has to. */
export const WRAPPERS_TEXT = `syntax = "proto3";
package google.protobuf;

option cc_enable_arenas = true;
option csharp_namespace = "Google.Protobuf.WellKnownTypes";
option go_package = "google.golang.org/protobuf/types/known/wrapperspb";
option java_multiple_files = true;
option java_outer_classname = "WrappersProto";
option java_package = "com.google.protobuf";
option objc_class_prefix = "GPB";

${[...WRAPPERS].map(([name, type]) => `message ${name.slice(16)} {\n  ${type} value = 1;\n}\n`).join('')}`;

const LOGICAL_TEXTS: readonly string[] = [
  `syntax = "proto3"; package confluent.type;
   message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
  'syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  `syntax = "proto3"; package google.type;
   message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }`,
  `syntax = "proto3"; package google.protobuf;
   message Timestamp { int64 seconds = 1; int32 nanos = 2; }
   message Duration { int64 seconds = 1; int32 nanos = 2; }
   message Empty {}
   message Any { string type_url = 1; bytes value = 2; }
   message FieldMask { repeated string paths = 1; }
   enum NullValue { NULL_VALUE = 0; }
   message Struct { map<string, Value> fields = 1; }
   message Value { oneof kind { NullValue null_value = 1; double number_value = 2; string string_value = 3;
     bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }
   message ListValue { repeated Value values = 1; }`,
];

export const KNOWN_TEXTS: readonly string[] = [...LOGICAL_TEXTS, WRAPPERS_TEXT];
