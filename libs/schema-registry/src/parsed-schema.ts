/** The kinds of schema that a registry keeps, by Confluent's names. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** Whether JSON Schemas may be opened and closed to properties that they don't name. */
export type CompatibilityPolicy = 'STRICT' | 'LENIENT';

/** What a schema takes from another one: a name in its own language, and where that schema is registered. */
export interface SchemaReference {
  /** Avro: a full name. Protobuf: the path of an import. JSON Schema: a `$ref`. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A reference with what it leads to. */
export interface ResolvedReference {
  readonly name: string;
  readonly text: string;
}

export interface SchemaSource {
  readonly text: string;
  readonly references: readonly SchemaReference[];
  /** All that is referred to, directly or not; what a schema needs stands before it. */
  readonly resolved: readonly ResolvedReference[];
}

/** A schema that was understood. */
export interface ParsedSchema {
  readonly type: SchemaType;
  /** The canonical text: what is stored, and what makes two schemas the same one. */
  readonly text: string;
  readonly references: readonly SchemaReference[];
  /**
   * Looks at what parsing alone does not: types and references that nobody has.
   * @throws Error saying what is wrong
   */
  check(): void;
  /** What does not matter put in one order, by `normalize=true`. */
  normalized(): ParsedSchema;
  /** The text in another form; an unknown one gives the canonical text. */
  formatted(format: string): string;
  /**
   * Why data written with `previous`, of the same type, can't be read with this schema; empty when it can. `%s` in a
   * message stands for the reader's name, then for the writer's.
   */
  incompatibilities(previous: ParsedSchema, policy?: CompatibilityPolicy): readonly string[];
  /** The same schema, however its references are written. */
  isEquivalent(other: ParsedSchema): boolean;
  hasTopLevelField(name: string): boolean;
}

export interface SchemaFormat {
  readonly type: SchemaType;
  /**
   * @param isNew a schema that is to be registered is looked at more closely than one that was registered once
   * @throws Error saying what is wrong, in the words of the schema's own language
   */
  parse(source: SchemaSource, isNew: boolean): ParsedSchema;
}
