/** Types that every schema may import without a reference, by file: messages and enums, as Confluent's registry has them. */
interface KnownFile {
  readonly packageName: string;
  readonly messages: readonly string[];
  readonly enums: readonly string[];
}

const file = (packageName: string, messages: string, enums = ''): KnownFile => ({
  packageName,
  messages: messages.split(' ').filter(Boolean),
  enums: enums.split(' ').filter(Boolean),
});

const KNOWN_FILES: Readonly<Record<string, KnownFile>> = {
  'confluent/meta.proto': file('confluent', 'Meta'),
  'confluent/type/decimal.proto': file('confluent.type', 'Decimal'),
  'confluent/type/variant.proto': file('confluent.type', 'Variant'),
  'google/type/calendar_period.proto': file('google.type', '', 'CalendarPeriod'),
  'google/type/color.proto': file('google.type', 'Color'),
  'google/type/date.proto': file('google.type', 'Date'),
  'google/type/datetime.proto': file('google.type', 'DateTime TimeZone'),
  'google/type/dayofweek.proto': file('google.type', '', 'DayOfWeek'),
  'google/type/decimal.proto': file('google.type', 'Decimal'),
  'google/type/expr.proto': file('google.type', 'Expr'),
  'google/type/fraction.proto': file('google.type', 'Fraction'),
  'google/type/interval.proto': file('google.type', 'Interval'),
  'google/type/latlng.proto': file('google.type', 'LatLng'),
  'google/type/money.proto': file('google.type', 'Money'),
  'google/type/month.proto': file('google.type', '', 'Month'),
  'google/type/phone_number.proto': file('google.type', 'PhoneNumber PhoneNumber.ShortCode'),
  'google/type/postal_address.proto': file('google.type', 'PostalAddress'),
  'google/type/quaternion.proto': file('google.type', 'Quaternion'),
  'google/type/timeofday.proto': file('google.type', 'TimeOfDay'),
  'google/protobuf/any.proto': file('google.protobuf', 'Any'),
  'google/protobuf/api.proto': file('google.protobuf', 'Api Method Mixin'),
  'google/protobuf/descriptor.proto': file(
    'google.protobuf',
    'FileDescriptorSet FileDescriptorProto DescriptorProto DescriptorProto.ExtensionRange DescriptorProto.ReservedRange ExtensionRangeOptions ExtensionRangeOptions.Declaration FieldDescriptorProto OneofDescriptorProto EnumDescriptorProto EnumDescriptorProto.EnumReservedRange EnumValueDescriptorProto ServiceDescriptorProto MethodDescriptorProto FileOptions MessageOptions FieldOptions FieldOptions.EditionDefault OneofOptions EnumOptions EnumValueOptions ServiceOptions MethodOptions UninterpretedOption UninterpretedOption.NamePart FeatureSet FeatureSetDefaults SourceCodeInfo SourceCodeInfo.Location GeneratedCodeInfo GeneratedCodeInfo.Annotation',
    'Edition FieldDescriptorProto.Type FieldDescriptorProto.Label FileOptions.OptimizeMode FieldOptions.CType FieldOptions.JSType MethodOptions.IdempotencyLevel',
  ),
  'google/protobuf/duration.proto': file('google.protobuf', 'Duration'),
  'google/protobuf/empty.proto': file('google.protobuf', 'Empty'),
  'google/protobuf/field_mask.proto': file('google.protobuf', 'FieldMask'),
  'google/protobuf/source_context.proto': file('google.protobuf', 'SourceContext'),
  'google/protobuf/struct.proto': file('google.protobuf', 'Struct Value ListValue', 'NullValue'),
  'google/protobuf/timestamp.proto': file('google.protobuf', 'Timestamp'),
  'google/protobuf/type.proto': file(
    'google.protobuf',
    'Type Field Enum EnumValue Option',
    'Field.Kind Field.Cardinality Syntax',
  ),
  'google/protobuf/wrappers.proto': file(
    'google.protobuf',
    'DoubleValue FloatValue Int64Value UInt64Value Int32Value UInt32Value BoolValue StringValue BytesValue',
  ),
};

export interface KnownType {
  readonly packageName: string;
  readonly isEnum: boolean;
}

/** Of all known files, by full name. */
export const KNOWN_TYPES: ReadonlyMap<string, KnownType> = new Map(
  Object.values(KNOWN_FILES).flatMap(({ packageName, messages, enums }): [string, KnownType][] => [
    ...messages.map((name): [string, KnownType] => [
      `${packageName}.${name}`,
      { packageName, isEnum: false },
    ]),
    ...enums.map((name): [string, KnownType] => [
      `${packageName}.${name}`,
      { packageName, isEnum: true },
    ]),
  ]),
);

/** The extensions of the options that Confluent's own files declare. */
export const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(
  ['file_meta', 'message_meta', 'field_meta', 'enum_meta', 'enum_value_meta'].map(
    (name) => `confluent.${name}`,
  ),
);
