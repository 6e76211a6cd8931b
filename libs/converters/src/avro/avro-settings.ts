/** The keys of Confluent's AvroDataConfig, by their names. */
export interface AvroSettings {
  readonly hasMetaData: boolean;
  readonly isEnhanced: boolean;
  readonly scrubsNames: boolean;
  readonly discardsTypeDoc: boolean;
  readonly allowsOptionalMapKeys: boolean;
  readonly flattensSingletonUnions: boolean;
  readonly generalizesSumTypes: boolean;
  readonly ignoresDefaultForNullables: boolean;
}
