/** What the two directions of the JSON converter need to know of its configuration. */
export interface JsonSettings {
  readonly decimalFormat: 'BASE64' | 'NUMERIC';
  readonly replaceNullWithDefault: boolean;
}
