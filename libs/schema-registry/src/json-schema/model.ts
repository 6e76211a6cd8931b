import type { Json } from '../json/json.ts';

/**
 * What a JSON Schema says, taken apart by the type of value that it is about: the way in which Confluent's registry
 * compares them. Several things said at once are an `allOf`.
 */
export interface JsonSchemaNode {
  /** `$id` and the texts around it: changes of these never break a reader. */
  readonly default: Json | undefined;
  /** `connect.type`, by which Kafka Connect tells bytes in one form from bytes in another. */
  readonly connectType: string | undefined;
  readonly content: JsonSchemaContent;
}

export type JsonSchemaContent =
  /** Allows everything. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'false' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'null' }
  | { readonly kind: 'conditional' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'const'; readonly value: string }
  | { readonly kind: 'not'; readonly schema: JsonSchemaNode }
  | StringContent
  | NumberContent
  | ObjectContent
  | ArrayContent
  | CombinedContent
  | ReferenceContent;

export interface StringContent {
  readonly kind: 'string';
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;
  readonly pattern: string | undefined;
}

export interface NumberContent {
  readonly kind: 'number';
  readonly isInteger: boolean;
  readonly maximum: number | undefined;
  readonly minimum: number | undefined;
  readonly exclusiveMaximum: number | undefined;
  readonly exclusiveMinimum: number | undefined;
  readonly multipleOf: number | undefined;
}

export interface ObjectContent {
  readonly kind: 'object';
  readonly properties: ReadonlyMap<string, JsonSchemaNode>;
  readonly required: ReadonlySet<string>;
  readonly patternProperties: readonly (readonly [RegExp, JsonSchemaNode])[];
  readonly allowsAdditional: boolean;
  readonly additional: JsonSchemaNode | undefined;
  readonly unevaluated: JsonSchemaNode | undefined;
  readonly propertyDependencies: ReadonlyMap<string, readonly string[]>;
  readonly schemaDependencies: ReadonlyMap<string, JsonSchemaNode>;
  readonly maxProperties: number | undefined;
  readonly minProperties: number | undefined;
}

export interface ArrayContent {
  readonly kind: 'array';
  readonly allItems: JsonSchemaNode | undefined;
  readonly items: readonly JsonSchemaNode[];
  readonly allowsAdditional: boolean;
  readonly additional: JsonSchemaNode | undefined;
  readonly unevaluated: JsonSchemaNode | undefined;
  readonly maxItems: number | undefined;
  readonly minItems: number | undefined;
  readonly maxContains: number | undefined;
  readonly minContains: number | undefined;
  readonly isUnique: boolean;
}

export type Criterion = 'allOf' | 'anyOf' | 'oneOf';

export interface CombinedContent {
  readonly kind: 'combined';
  readonly criterion: Criterion;
  readonly parts: readonly JsonSchemaNode[];
}

export interface ReferenceContent {
  readonly kind: 'reference';
  readonly ref: string;
  /** Found when it is asked for: schemas may contain themselves. */
  readonly target: () => JsonSchemaNode;
}

/** A text that is the same for parts that say the same: of those that are combined, such count once. */
export function fingerprint({ content }: JsonSchemaNode): string {
  return JSON.stringify(content, (_name, value: unknown) => {
    if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
    if (value instanceof Set) return [...(value as ReadonlySet<unknown>)];
    return value instanceof RegExp ? value.source : value;
  });
}
