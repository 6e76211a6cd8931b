import { type Field, type Schema, type SchemaAttributes } from '@millrace/record';
import { badSchema } from '../errors.ts';
import {
  ENUM_PARAMETER,
  GENERAL_ENUM_PARAMETER,
  GENERAL_UNION_PARAMETER,
  isObject,
  NULL_SYMBOL,
  ONE_OF,
  type Json,
  type JsonObject,
  type JsonSchemaSettings,
} from './json-schema-settings.ts';
import { findReferred, type Place } from './references.ts';
import { compileValueReader } from './value-reader.ts';

interface Demands {
  readonly isOptional?: boolean;
  readonly version?: number | undefined;
}

type Draft = Omit<SchemaAttributes, 'default'> & {
  readonly type: Schema['type'];
  readonly items?: Schema;
  readonly keys?: Schema;
  readonly values?: Schema;
  readonly fields?: readonly Field[];
};

const TYPES: ReadonlySet<string> = new Set([
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'bytes',
]);
/** INV-6: references to references. */
const REFERENCES_MAX = 100;

/**
 * The Connect schema of a JSON Schema, as Confluent's JsonSchemaData makes it.
 * @throws MillraceError `converter.bad_schema`
 */
export function toConnectSchema(
  place: Place,
  version: number | undefined,
  settings: JsonSchemaSettings,
): Schema {
  return new SchemaMaker(settings).make(place, { version });
}

class SchemaMaker {
  readonly #settings: JsonSchemaSettings;
  /** Objects on the way to where we are, by node: a reference back shares their fields. */
  readonly #open = new Map<JsonObject, Field[]>();
  #unionCount = 0;

  constructor(settings: JsonSchemaSettings) {
    this.#settings = settings;
  }

  make(place: Place, demands: Demands = {}): Schema {
    const resolved = dereferenced(place);
    const { node } = resolved;
    const open = this.#open.get(node);
    if (open !== undefined)
      return { type: 'struct', optional: demands.isOptional === true, fields: open };
    const alternatives = alternativesOf(node);
    if (alternatives !== undefined) return this.#alternatives(resolved, alternatives, demands);
    const draft = this.#draft(resolved);
    const schema = described(node, draft, demands);
    const fallback = node['default'];
    if (fallback === undefined || fallback === null) return schema;
    const value = compileValueReader({ ...schema, optional: false }, this.#settings)(fallback);
    return { ...schema, default: value };
  }

  /** oneOf, anyOf, or several types: with null an optional schema, else a struct with a field for each. */
  #alternatives(place: Place, nodes: readonly Json[], demands: Demands): Schema {
    const places = nodes.map((node) => ({ ...place, node: objectOf(node) }));
    const others = places.filter(({ node }) => node['type'] !== 'null');
    const hasNull = others.length < places.length;
    const [only] = others;
    if (
      others.length === 1 &&
      only !== undefined &&
      (hasNull || this.#settings.flattensSingletonUnions)
    )
      return this.make(only, { ...demands, isOptional: hasNull || demands.isOptional === true });
    const { generalizesSumTypes } = this.#settings;
    const name = generalizesSumTypes ? `connect_union_${this.#unionCount++}` : ONE_OF;
    const fields = others.map((each, index) => ({
      name: generalizesSumTypes ? `connect_union_field_${index}` : `${name}.field.${index}`,
      schema: this.make(each, { isOptional: true }),
    }));
    const draft: Draft = {
      type: 'struct',
      optional: hasNull,
      name,
      fields,
      ...(generalizesSumTypes ? { parameters: { [GENERAL_UNION_PARAMETER]: name } } : {}),
    };
    return described(place.node, draft, demands);
  }

  #draft(place: Place): Draft {
    const { node } = place;
    if (Array.isArray(node['allOf'])) return this.#all(place, node['allOf']);
    const symbols = 'const' in node ? [node['const']] : node['enum'];
    const type = node['type'];
    if (
      Array.isArray(symbols) &&
      (type === undefined || type === 'string') &&
      !('const' in node && type === 'string')
    )
      return this.#enum(symbols);
    switch (type ?? impliedType(node)) {
      case 'boolean':
        return { type: 'boolean', optional: false };
      case 'integer':
        return { type: connectType(node) ?? 'int64', optional: false };
      case 'number':
        return { type: connectType(node) ?? 'float64', optional: false };
      case 'string':
        return { type: node['connect.type'] === 'bytes' ? 'bytes' : 'string', optional: false };
      case 'array':
        return this.#array(place);
      case 'object':
        return this.#object(place);
      default:
        throw badSchema(
          `the JSON Schema has a part without a type that Connect knows: ${JSON.stringify(node).slice(0, 200)}`,
          'give it a type',
        );
    }
  }

  #enum(symbols: readonly Json[]): Draft {
    const { generalizesSumTypes } = this.#settings;
    const key = generalizesSumTypes ? GENERAL_ENUM_PARAMETER : ENUM_PARAMETER;
    // These enums have no name.
    const parameters: Record<string, string> = { [key]: '' };
    for (const [index, each] of symbols.entries()) {
      const symbol =
        each === null ? NULL_SYMBOL : typeof each === 'string' ? each : JSON.stringify(each);
      parameters[`${key}.${symbol}`] = generalizesSumTypes ? String(index) : symbol;
    }
    return { type: 'string', optional: false, parameters };
  }

  #array(place: Place): Draft {
    const { node } = place;
    const items = node['items'];
    if (items === undefined || Array.isArray(items))
      throw badSchema('Array schema did not specify the items type');
    const inner = { ...place, node: objectOf(items) };
    if (node['connect.type'] === 'map' && isObject(items) && isObject(items['properties'])) {
      const { key, value } = items['properties'];
      return {
        type: 'map',
        optional: false,
        keys: this.make({ ...place, node: objectOf(key) }),
        values: this.make({ ...place, node: objectOf(value) }),
      };
    }
    return { type: 'array', optional: false, items: this.make(inner) };
  }

  #object(place: Place): Draft {
    const { node } = place;
    if (node['connect.type'] === 'map')
      return {
        type: 'map',
        optional: false,
        keys: { type: 'string', optional: false },
        values: this.make({ ...place, node: objectOf(node['additionalProperties']) }),
      };
    const properties = isObject(node['properties']) ? Object.entries(node['properties']) : [];
    const required = Array.isArray(node['required']) ? node['required'] : [];
    return this.#struct(
      place,
      properties.map(([name, each]) => ({ name, place: { ...place, node: objectOf(each) } })),
      required,
    );
  }

  #struct(
    { node }: Place,
    properties: readonly { readonly name: string; readonly place: Place }[],
    required: readonly Json[],
  ): Draft {
    const fields: Field[] = [];
    this.#open.set(node, fields);
    // Objects have no order: the place of a field stands in connect.index.
    const indexed = properties.map((property, position) => {
      const index = property.place.node['connect.index'];
      return { ...property, index: typeof index === 'number' ? index : position };
    });
    indexed.sort((left, right) => left.index - right.index);
    for (const { name, place } of indexed) {
      const isOptional = this.#settings.usesOptionalForNonRequired && !required.includes(name);
      fields.push({ name, schema: this.make(place, { isOptional }) });
    }
    this.#open.delete(node);
    return { type: 'struct', optional: false, fields };
  }

  /** The properties of all parts together; without any, the part that says most. */
  #all(place: Place, nodes: readonly Json[]): Draft {
    const parts = nodes.map((node) => dereferenced({ ...place, node: objectOf(node) }));
    const properties = [place, ...parts].flatMap((part) =>
      isObject(part.node['properties'])
        ? Object.entries(part.node['properties']).map(([name, node]) => ({
            name,
            place: { ...part, node: objectOf(node) },
          }))
        : [],
    );
    if (properties.length > 0) {
      const required = [place, ...parts].flatMap(({ node }) =>
        Array.isArray(node['required']) ? [...(node['required'] as readonly Json[])] : [],
      );
      const unique = new Map(properties.map((each) => [each.name, each]));
      return this.#struct(place, [...unique.values()], required);
    }
    const members = [...parts.map(({ node }) => node), place.node].flatMap((node) =>
      Object.entries(node),
    );
    const node = Object.fromEntries(members.filter(([key]) => key !== 'allOf'));
    return this.#draft({ ...place, node });
  }
}

function described(node: JsonObject, draft: Draft, demands: Demands): Schema {
  const { title, description } = node;
  const version = node['connect.version'] ?? demands.version;
  const own = node['connect.parameters'];
  const parameters = isObject(own)
    ? Object.fromEntries(Object.entries(own).map(([key, value]) => [key, String(value)]))
    : {};
  const all = { ...draft.parameters, ...parameters };
  const schema = {
    ...draft,
    optional: draft.optional || demands.isOptional === true,
    ...(typeof title === 'string' && draft.name === undefined ? { name: title } : {}),
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof description === 'string' ? { doc: description } : {}),
    ...(Object.keys(all).length === 0 ? {} : { parameters: all }),
  };
  // A draft is given the parts of its type where it is made.
  return schema as Schema;
}

function dereferenced(place: Place): Place {
  let current = place;
  for (let count = 0; typeof current.node['$ref'] === 'string'; count++) {
    if (count > REFERENCES_MAX) throw badSchema('a reference of the JSON Schema refers to itself');
    current = findReferred(current, current.node['$ref']);
  }
  return current;
}

function alternativesOf(node: JsonObject): readonly Json[] | undefined {
  for (const key of ['oneOf', 'anyOf'] as const) {
    const nodes: unknown = node[key];
    if (Array.isArray(nodes)) return [...(nodes as readonly Json[])];
  }
  const { type } = node;
  if (!Array.isArray(type)) return undefined;
  const types: readonly Json[] = type;
  return types.map((each) => ({ ...node, type: each }));
}

function connectType(node: JsonObject): Schema['type'] | undefined {
  const type = node['connect.type'];
  if (type === undefined) return undefined;
  if (typeof type === 'string' && TYPES.has(type)) return type as Schema['type'];
  throw badSchema(`Unsupported type ${JSON.stringify(type)} in connect.type`);
}

function impliedType(node: JsonObject): string | undefined {
  if ('properties' in node || 'additionalProperties' in node || 'required' in node) return 'object';
  if ('items' in node) return 'array';
  if ('pattern' in node || 'minLength' in node || 'maxLength' in node) return 'string';
  return 'minimum' in node || 'maximum' in node || 'multipleOf' in node ? 'number' : undefined;
}

function objectOf(node: Json): JsonObject {
  if (isObject(node)) return node;
  throw badSchema(
    `a part of the JSON Schema is ${node === undefined ? 'missing' : JSON.stringify(node)}: Connect needs a type`,
    'give it a type',
  );
}
