/** Where a difference is, and what it is, by Confluent's names. */
export interface Difference {
  readonly type: DifferenceType;
  readonly path: readonly string[];
}

const KEYWORD = "The keyword at path '@' in the %s schema is not present in the %s schema";
const MORE = "The value at path '@' in the %s schema is more than its value in the %s schema";
const LESS = "The value at path '@' in the %s schema is less than its value in the %s schema";
const FEWER =
  "An array or combined type at path '@' has fewer elements in the %s schema than the %s schema";
const LONGER =
  "An array or combined type at path '@' has more elements in the %s schema than the %s schema";
const OTHER_VALUE = "The value at path '@' is different between the %s and %s schema";
const OTHER_TYPE = "A type at path '@' is different between the %s schema and the %s schema";
const IN_OPEN =
  "The %s schema has an open content model and has a property or item at path '@' which is missing in the %s schema";
const UNCOVERED_GONE =
  "A property or item is missing in the %s schema but present at path '@' in the %s schema and is not covered by its partially open content model";
const UNCOVERED_NEW =
  "The %s schema has a property or item at path '@' which is missing in the %s schema and is not covered by its partially open content model";
const GONE_FROM_CLOSED =
  "The %s has a closed content model and is missing a property or item present at path '@' in the %s schema";

/** The differences that break readers, under the strict policy. */
const DESCRIPTIONS = {
  SCHEMA_ADDED: KEYWORD,
  TYPE_NARROWED: OTHER_TYPE,
  TYPE_CHANGED: OTHER_TYPE,
  MAX_LENGTH_ADDED: KEYWORD,
  MAX_LENGTH_DECREASED: LESS,
  MIN_LENGTH_ADDED: KEYWORD,
  MIN_LENGTH_INCREASED: MORE,
  PATTERN_ADDED: KEYWORD,
  PATTERN_CHANGED: OTHER_VALUE,
  MAXIMUM_ADDED: KEYWORD,
  MAXIMUM_DECREASED: LESS,
  MINIMUM_ADDED: KEYWORD,
  MINIMUM_INCREASED: MORE,
  EXCLUSIVE_MAXIMUM_ADDED: KEYWORD,
  EXCLUSIVE_MAXIMUM_DECREASED: LESS,
  EXCLUSIVE_MINIMUM_ADDED: KEYWORD,
  EXCLUSIVE_MINIMUM_INCREASED: MORE,
  MULTIPLE_OF_ADDED: KEYWORD,
  MULTIPLE_OF_EXPANDED: MORE,
  MULTIPLE_OF_CHANGED: OTHER_VALUE,
  REQUIRED_ATTRIBUTE_ADDED: KEYWORD,
  MAX_PROPERTIES_ADDED: KEYWORD,
  MAX_PROPERTIES_DECREASED: LESS,
  MIN_PROPERTIES_ADDED: KEYWORD,
  MIN_PROPERTIES_INCREASED: MORE,
  ADDITIONAL_PROPERTIES_REMOVED: KEYWORD,
  ADDITIONAL_PROPERTIES_NARROWED: FEWER,
  UNEVALUATED_PROPERTIES_REMOVED: KEYWORD,
  UNEVALUATED_PROPERTIES_NARROWED: FEWER,
  DEPENDENCY_ARRAY_ADDED: KEYWORD,
  DEPENDENCY_ARRAY_EXTENDED: LONGER,
  DEPENDENCY_ARRAY_CHANGED: OTHER_VALUE,
  DEPENDENCY_SCHEMA_ADDED: KEYWORD,
  REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL: IN_OPEN,
  REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL: IN_OPEN,
  OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL: IN_OPEN,
  REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL:
    "The %s schema has an unopen content model and has a required property at path '@' which is missing in the %s schema",
  PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL: GONE_FROM_CLOSED,
  PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: UNCOVERED_GONE,
  PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: UNCOVERED_NEW,
  MAX_ITEMS_ADDED: KEYWORD,
  MAX_ITEMS_DECREASED: LESS,
  MIN_ITEMS_ADDED: KEYWORD,
  MIN_ITEMS_INCREASED: MORE,
  MAX_CONTAINS_ADDED: KEYWORD,
  MAX_CONTAINS_DECREASED: LESS,
  MIN_CONTAINS_ADDED: KEYWORD,
  MIN_CONTAINS_INCREASED: MORE,
  UNIQUE_ITEMS_ADDED: KEYWORD,
  ADDITIONAL_ITEMS_REMOVED: KEYWORD,
  ADDITIONAL_ITEMS_NARROWED: FEWER,
  UNEVALUATED_ITEMS_REMOVED: KEYWORD,
  UNEVALUATED_ITEMS_NARROWED: FEWER,
  ITEM_ADDED_TO_OPEN_CONTENT_MODEL: IN_OPEN,
  ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL: GONE_FROM_CLOSED,
  ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: UNCOVERED_GONE,
  ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: UNCOVERED_NEW,
  ENUM_ARRAY_NARROWED: FEWER,
  ENUM_ARRAY_CHANGED: OTHER_TYPE,
  COMBINED_TYPE_CHANGED: OTHER_TYPE,
  COMBINED_TYPE_SUBSCHEMAS_CHANGED: OTHER_TYPE,
  PRODUCT_TYPE_EXTENDED: LONGER,
  SUM_TYPE_NARROWED: FEWER,
  NOT_TYPE_EXTENDED: LONGER,
} as const;

export type DifferenceType = keyof typeof DESCRIPTIONS;

/** What `compatibilityPolicy=LENIENT` lets pass beside. */
export const LENIENT: ReadonlySet<DifferenceType> = new Set([
  'ADDITIONAL_PROPERTIES_NARROWED',
  'ADDITIONAL_PROPERTIES_REMOVED',
  'UNEVALUATED_PROPERTIES_NARROWED',
  'UNEVALUATED_PROPERTIES_REMOVED',
  'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL',
  'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
]);

export function describeDifference({ type, path }: Difference): string {
  const description = DESCRIPTIONS[type].replace('@', `#/${path.join('/')}`);
  return `{errorType:"${type}", description:"${description}'}`;
}
