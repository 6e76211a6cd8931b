import { javaRegex } from '@millrace/config';
import {
  isJsonArray,
  isJsonObject,
  JsonNumber,
  printJson,
  sortJson,
  type Json,
  type JsonObject,
} from '../json/json.ts';
import type { SchemaDocument, SchemaDocuments } from './documents.ts';
import type { Criterion, JsonSchemaContent, JsonSchemaNode } from './model.ts';

const CRITERIA = ['allOf', 'anyOf', 'oneOf'] as const;

const ARRAY_KEYWORDS = [
  ...['items', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems', 'contains'],
  ...['prefixItems', 'unevaluatedItems', 'minContains', 'maxContains'],
];
const OBJECT_KEYWORDS = [
  ...['properties', 'required', 'minProperties', 'maxProperties', 'dependencies'],
  ...['patternProperties', 'additionalProperties', 'propertyNames', 'dependentRequired'],
  ...['dependentSchemas', 'unevaluatedProperties'],
];
const NUMBER_KEYWORDS = [
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
];
const STRING_KEYWORDS = ['minLength', 'maxLength', 'pattern', 'format'];
const CONDITIONAL_KEYWORDS = ['if', 'then', 'else'];

/** Takes a schema apart. Each place is read once, so that a schema that contains itself comes to an end. */
export class JsonSchemaLoader {
  readonly #documents: SchemaDocuments;
  readonly #loaded = new Map<Json, JsonSchemaNode>();

  constructor(documents: SchemaDocuments) {
    this.#documents = documents;
  }

  /** @throws Error for what is no schema, or a `$ref` that leads nowhere */
  load(json: Json, document: SchemaDocument): JsonSchemaNode {
    if (typeof json === 'boolean') return bare({ kind: json ? 'empty' : 'false' });
    if (!isJsonObject(json))
      throw new Error(`expected an object or a boolean but found ${printJson(json)}`);
    const known = this.#loaded.get(json);
    if (known !== undefined) return known;
    const node = this.#node(json, document);
    this.#loaded.set(json, node);
    return node;
  }

  /** Everything that a schema leads to, so that what is wrong is found before it is registered. */
  check(node: JsonSchemaNode, seen = new Set<JsonSchemaNode>()): void {
    if (seen.has(node)) return;
    seen.add(node);
    for (const inner of childrenOf(node.content)) this.check(inner, seen);
  }

  #node(json: JsonObject, document: SchemaDocument): JsonSchemaNode {
    const isModern = isModernDialect(document.root);
    const parts = this.#parts(json, document, isModern);
    const [only] = parts;
    const content: JsonSchemaContent =
      only !== undefined && parts.length === 1
        ? only
        : parts.length === 0
          ? { kind: 'empty' }
          : { kind: 'combined', criterion: 'allOf', parts: parts.map(bare) };
    const connectType = json.get('connect.type');
    return {
      default: json.get('default'),
      connectType: typeof connectType === 'string' ? connectType : undefined,
      content,
    };
  }

  #parts(
    json: JsonObject,
    document: SchemaDocument,
    isModern: boolean,
  ): readonly JsonSchemaContent[] {
    const ref = json.get('$ref');
    const reference = typeof ref === 'string' ? [this.#reference(ref, document)] : [];
    if (reference.length > 0 && !isModern) return reference; // beside a $ref nothing else counts
    const typed = this.#typed(json, document);
    return [
      ...reference,
      ...enumOf(json),
      ...CRITERIA.flatMap((criterion) => this.#combined(json, criterion, document)),
      ...this.#not(json, document),
      ...constOf(json, document.root),
      ...typed,
      ...this.#untyped(json, document, typed),
    ];
  }

  #reference(ref: string, document: SchemaDocument): JsonSchemaContent {
    let target: JsonSchemaNode | undefined;
    return {
      kind: 'reference',
      ref,
      target: () => {
        if (target === undefined) {
          const found = this.#documents.find(ref, document);
          target = this.load(found.json, found.document);
        }
        return target;
      },
    };
  }

  #combined(
    json: JsonObject,
    criterion: Criterion,
    document: SchemaDocument,
  ): readonly JsonSchemaContent[] {
    const given = json.get(criterion);
    if (given === undefined) return [];
    if (!isJsonArray(given)) throw new Error(`"${criterion}" must be an array`);
    const parts = given.map((part) => this.load(part, document));
    return [{ kind: 'combined', criterion, parts }];
  }

  #not(json: JsonObject, document: SchemaDocument): readonly JsonSchemaContent[] {
    const given = json.get('not');
    return given === undefined ? [] : [{ kind: 'not', schema: this.load(given, document) }];
  }

  #typed(json: JsonObject, document: SchemaDocument): readonly JsonSchemaContent[] {
    const type = json.get('type');
    if (type === undefined) return [];
    if (typeof type === 'string') return [this.#ofType(type, json, document)];
    if (!isJsonArray(type)) throw new Error('"type" must be a string or an array of strings');
    const parts = type.map((each) => {
      if (typeof each !== 'string')
        throw new Error('"type" must be a string or an array of strings');
      return bare(this.#ofType(each, json, document));
    });
    return [{ kind: 'combined', criterion: 'anyOf', parts }];
  }

  #ofType(type: string, json: JsonObject, document: SchemaDocument): JsonSchemaContent {
    switch (type) {
      case 'string':
        return stringOf(json);
      case 'integer':
      case 'number':
        return numberOf(json, type === 'integer');
      case 'boolean':
      case 'null':
        return { kind: type };
      case 'array':
        return this.#array(json, document);
      case 'object':
        return this.#object(json, document);
      default:
        throw new Error(`unknown type: [${type}]`);
    }
  }

  /** Keywords say what they are about, where no type says it. */
  #untyped(
    json: JsonObject,
    document: SchemaDocument,
    typed: readonly JsonSchemaContent[],
  ): readonly JsonSchemaContent[] {
    const said = new Set(
      typed.flatMap((content) =>
        content.kind === 'combined'
          ? content.parts.map((part) => part.content.kind)
          : [content.kind],
      ),
    );
    const has = (keywords: readonly string[]): boolean =>
      keywords.some((keyword) => json.has(keyword));
    return [
      ...(has(ARRAY_KEYWORDS) && !said.has('array') ? [this.#array(json, document)] : []),
      ...(has(OBJECT_KEYWORDS) && !said.has('object') ? [this.#object(json, document)] : []),
      ...(has(NUMBER_KEYWORDS) && !said.has('number') ? [numberOf(json, false)] : []),
      ...(has(STRING_KEYWORDS) && !said.has('string') ? [stringOf(json)] : []),
      ...(has(CONDITIONAL_KEYWORDS) ? [{ kind: 'conditional' } as const] : []),
    ];
  }

  #object(json: JsonObject, document: SchemaDocument): JsonSchemaContent {
    const additional = json.get('additionalProperties');
    const dependencies = membersOf(json, 'dependencies');
    const isModern = isModernDialect(document.root);
    return {
      kind: 'object',
      properties: new Map(
        membersOf(json, 'properties').map(([name, schema]) => [name, this.load(schema, document)]),
      ),
      required: new Set(textsOf(json, 'required')),
      patternProperties: membersOf(json, 'patternProperties').map(([pattern, schema]) => [
        regexOf(pattern),
        this.load(schema, document),
      ]),
      allowsAdditional: additional !== false,
      additional: this.#unlessBoolean(additional, document),
      unevaluated: isModern ? this.#optional(json, 'unevaluatedProperties', document) : undefined,
      propertyDependencies: new Map(
        [...dependencies, ...membersOf(json, 'dependentRequired')].flatMap(([name, names]) =>
          isJsonArray(names) ? [[name, names.filter((each) => typeof each === 'string')]] : [],
        ),
      ),
      schemaDependencies: new Map(
        [...dependencies, ...membersOf(json, 'dependentSchemas')].flatMap(
          ([name, schema]): [string, JsonSchemaNode][] =>
            isJsonArray(schema) ? [] : [[name, this.load(schema, document)]],
        ),
      ),
      maxProperties: countOf(json, 'maxProperties'),
      minProperties: countOf(json, 'minProperties'),
    };
  }

  #array(json: JsonObject, document: SchemaDocument): JsonSchemaContent {
    const isModern = isModernDialect(document.root);
    const items = json.get('items');
    const prefix = isModern ? json.get('prefixItems') : items;
    const listed = isJsonArray(prefix) ? prefix : undefined;
    const rest = isModern ? items : json.get('additionalItems');
    const isAll = isModern ? listed === undefined : !isJsonArray(items);
    const all = isAll && items !== undefined && !isJsonArray(items) ? items : undefined;
    const restOfListed = isModern && isAll ? (items === false ? false : undefined) : rest;
    return {
      kind: 'array',
      allItems:
        all === undefined || (isModern && typeof all === 'boolean')
          ? undefined
          : this.load(all, document),
      items: (listed ?? []).map((item) => this.load(item, document)),
      allowsAdditional: restOfListed !== false || (!isModern && all !== undefined),
      additional: this.#unlessBoolean(restOfListed, document),
      unevaluated: isModern ? this.#optional(json, 'unevaluatedItems', document) : undefined,
      maxItems: countOf(json, 'maxItems'),
      minItems: countOf(json, 'minItems'),
      maxContains: isModern ? countOf(json, 'maxContains') : undefined,
      minContains:
        isModern && json.has('contains') ? (countOf(json, 'minContains') ?? 1) : undefined,
      isUnique: json.get('uniqueItems') === true,
    };
  }

  #unlessBoolean(json: Json | undefined, document: SchemaDocument): JsonSchemaNode | undefined {
    return json === undefined || typeof json === 'boolean' ? undefined : this.load(json, document);
  }

  #optional(json: JsonObject, name: string, document: SchemaDocument): JsonSchemaNode | undefined {
    const given = json.get(name);
    return given === undefined ? undefined : this.load(given, document);
  }
}

function bare(content: JsonSchemaContent): JsonSchemaNode {
  return { default: undefined, connectType: undefined, content };
}

function childrenOf(content: JsonSchemaContent): readonly JsonSchemaNode[] {
  switch (content.kind) {
    case 'reference':
      return [content.target()];
    case 'not':
      return [content.schema];
    case 'combined':
      return content.parts;
    case 'object':
      return [
        ...content.properties.values(),
        ...content.patternProperties.map(([, schema]) => schema),
        ...content.schemaDependencies.values(),
        ...[content.additional, content.unevaluated].filter((each) => each !== undefined),
      ];
    case 'array':
      return [
        ...content.items,
        ...[content.allItems, content.additional, content.unevaluated].filter(
          (each) => each !== undefined,
        ),
      ];
    default:
      return [];
  }
}

/** Drafts 2019-09 and 2020-12. */
function isModernDialect(root: Json): boolean {
  const dialect = isJsonObject(root) ? root.get('$schema') : undefined;
  return typeof dialect === 'string' && /draft\/20(?:19-09|20-12)/.test(dialect);
}

function enumOf(json: JsonObject): readonly JsonSchemaContent[] {
  const values = json.get('enum');
  if (values === undefined) return [];
  if (!isJsonArray(values)) throw new Error('"enum" must be an array');
  return [
    { kind: 'enum', values: [...new Set(values.map((value) => printJson(sortJson(value))))] },
  ];
}

/** Draft 4 has none. */
function constOf(json: JsonObject, root: Json): readonly JsonSchemaContent[] {
  const value = json.get('const');
  const dialect = isJsonObject(root) ? root.get('$schema') : undefined;
  const isOld = typeof dialect === 'string' && dialect.includes('draft-04');
  return value === undefined || isOld ? [] : [{ kind: 'const', value: printJson(sortJson(value)) }];
}

function stringOf(json: JsonObject): JsonSchemaContent {
  const pattern = json.get('pattern');
  if (typeof pattern === 'string') regexOf(pattern);
  return {
    kind: 'string',
    maxLength: countOf(json, 'maxLength'),
    minLength: countOf(json, 'minLength'),
    pattern: typeof pattern === 'string' ? pattern : undefined,
  };
}

function numberOf(json: JsonObject, isInteger: boolean): JsonSchemaContent {
  return {
    kind: 'number',
    isInteger,
    maximum: numberIn(json, 'maximum'),
    minimum: numberIn(json, 'minimum'),
    exclusiveMaximum: numberIn(json, 'exclusiveMaximum'),
    exclusiveMinimum: numberIn(json, 'exclusiveMinimum'),
    multipleOf: numberIn(json, 'multipleOf'),
  };
}

function regexOf(pattern: string): RegExp {
  try {
    return javaRegex(pattern);
  } catch (error) {
    throw new Error(`"${pattern}" is no regular expression`, { cause: error });
  }
}

/** Draft 4 has booleans for the exclusive ones. */
function numberIn(json: JsonObject, name: string): number | undefined {
  const value = json.get(name);
  if (value === undefined || typeof value === 'boolean') return undefined;
  if (!(value instanceof JsonNumber)) throw new Error(`"${name}" must be a number`);
  return value.value;
}

function countOf(json: JsonObject, name: string): number | undefined {
  const value = numberIn(json, name);
  if (value !== undefined && (!Number.isInteger(value) || value < 0))
    throw new Error(`"${name}" must be a whole number of at least 0`);
  return value;
}

function membersOf(json: JsonObject, name: string): readonly (readonly [string, Json])[] {
  const value = json.get(name);
  if (value === undefined) return [];
  if (!isJsonObject(value)) throw new Error(`"${name}" must be an object`);
  return [...value];
}

/** Draft 3's `required: true` of a property says nothing here. */
function textsOf(json: JsonObject, name: string): readonly string[] {
  const value = json.get(name);
  if (value === undefined || typeof value === 'boolean') return [];
  if (!isJsonArray(value)) throw new Error(`"${name}" must be an array of strings`);
  return value.map((each) => {
    if (typeof each !== 'string') throw new Error(`"${name}" must be an array of strings`);
    return each;
  });
}
