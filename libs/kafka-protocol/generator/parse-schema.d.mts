export interface SchemaField {
  readonly name: string;
  readonly comment: string | undefined;
  readonly isArray: boolean;
  /** A primitive's name, or a struct's. */
  readonly type: string;
  readonly struct: string | undefined;
  readonly nullableFrom: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly tag: number | undefined;
  readonly isStrict: boolean;
  readonly default: string | undefined;
}
export interface SchemaStruct {
  readonly name: string;
  readonly local: string | undefined;
  readonly fields: readonly SchemaField[];
}
export interface SchemaMessage {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly flexibleFrom: number;
  /** The message itself under ''. */
  readonly structs: ReadonlyMap<string, SchemaStruct>;
}
interface Definition {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly flexibleFrom: number;
}
export interface ApiDefinition extends Definition {
  readonly kind: 'api';
  readonly key: number;
  readonly request: SchemaMessage;
  readonly response: SchemaMessage;
}
export interface MessageDefinition extends Definition {
  readonly kind: 'message';
  readonly message: SchemaMessage;
}
export function parseSchema(text: string, file: string): (ApiDefinition | MessageDefinition)[];
