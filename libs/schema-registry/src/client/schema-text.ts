/** The kinds of schema, by Confluent's names. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** A named import of a schema: `subject` and `version` say which one is meant. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as it is sent to a registry. */
export interface SchemaText {
  readonly schemaType: SchemaType;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
}

/** A schema with the texts of all that it refers to, by reference name. */
export interface ResolvedSchema extends SchemaText {
  readonly imports: ReadonlyMap<string, string>;
}

export interface RegisteredSchema extends ResolvedSchema {
  readonly id: number;
  /** Undefined when the registry did not say. */
  readonly version: number | undefined;
  /** A UUID; only newer registries have it. */
  readonly guid: string | undefined;
}
