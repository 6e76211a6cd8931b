import {
  DATE,
  DECIMAL,
  TIME,
  TIMESTAMP,
  type MapSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badSchema } from '../errors.ts';
import {
  DATE_TYPE,
  DECIMAL_TYPE,
  DEFAULT_NAME,
  ENUM_PARAMETER,
  GENERAL_ENUM_PARAMETER,
  GENERAL_UNION_PARAMETER,
  TAG_PARAMETER,
  TIME_TYPE,
  TIMESTAMP_TYPE,
  TYPE_PARAMETER,
  UNION_PREFIX,
  WRAPPER_PARAMETER,
  WRAPPERS,
  WRAPPERS_TEXT,
  type ProtoSettings,
} from './proto-model.ts';

export interface DescribedProto {
  readonly text: string;
  /** Of the message that stands for the schema. */
  readonly fullName: string;
}

const ROOT_WRAPPERS: Readonly<Partial<Record<Schema['type'], string>>> = {
  int8: 'Int32Value',
  int16: 'Int32Value',
  int32: 'Int32Value',
  int64: 'Int64Value',
  float32: 'FloatValue',
  float64: 'DoubleValue',
  boolean: 'BoolValue',
  string: 'StringValue',
  bytes: 'BytesValue',
};

const SCALARS: Readonly<Partial<Record<Schema['type'], string>>> = {
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'int64',
  float32: 'float',
  float64: 'double',
  boolean: 'bool',
  string: 'string',
  bytes: 'bytes',
};

const LOGICAL: ReadonlyMap<string, { readonly type: string; readonly file: string }> = new Map([
  [DECIMAL, { type: DECIMAL_TYPE, file: 'confluent/type/decimal.proto' }],
  [DATE, { type: DATE_TYPE, file: 'google/type/date.proto' }],
  [TIME, { type: TIME_TYPE, file: 'google/type/timeofday.proto' }],
  [TIMESTAMP, { type: TIMESTAMP_TYPE, file: 'google/protobuf/timestamp.proto' }],
]);
const WRAPPERS_FILE = 'google/protobuf/wrappers.proto';
const META_FILE = 'confluent/meta.proto';

/**
 * The .proto file of a Connect schema, as Confluent's ProtobufData makes it; primitives become Google's wrappers.
 * @throws MillraceError `converter.bad_schema`
 */
export function protoText(schema: Schema, settings: ProtoSettings): DescribedProto {
  if (schema.type === 'struct') return new FileWriter(settings).write(schema);
  const wrapper = ROOT_WRAPPERS[schema.type];
  if (wrapper === undefined || (schema.name !== undefined && LOGICAL.has(schema.name)))
    throw badSchema(
      `Unsupported root schema of type ${schema.type.toUpperCase()}${schema.name === undefined ? '' : ` (${schema.name})`}`,
      'wrap the value in a struct, for instance with the transform HoistField',
    );
  return { text: WRAPPERS_TEXT, fullName: `google.protobuf.${wrapper}` };
}

/** What is inside the braces of a message, and which types have been defined there. */
interface MessageScope {
  readonly name: string;
  readonly schema: StructSchema | undefined;
  readonly definitions: string[];
  readonly defined: Set<string>;
  readonly outer: MessageScope | undefined;
}

class FileWriter {
  readonly #settings: ProtoSettings;
  readonly #imports = new Set<string>();
  #unnamedCount = 0;

  constructor(settings: ProtoSettings) {
    this.#settings = settings;
  }

  write(schema: StructSchema): DescribedProto {
    const fullName = this.#nameOf(schema)
      .split('.')
      .map((part) => checkName(scrubbedProto(part, this.#settings)))
      .join('.');
    const at = fullName.lastIndexOf('.');
    const packageName = fullName.slice(0, Math.max(0, at));
    const message = this.#message(fullName.slice(at + 1), schema, undefined);
    const head = ['syntax = "proto3";'];
    if (packageName !== '') head.push(`package ${packageName};`);
    const imports = [...this.#imports].sort().map((file) => `import "${file}";`);
    const parts = [head.join('\n'), ...(imports.length > 0 ? [imports.join('\n')] : []), message];
    return { text: `${parts.join('\n\n')}\n`, fullName };
  }

  #message(name: string, schema: StructSchema, outer: MessageScope | undefined): string {
    const scope: MessageScope = { name, schema, definitions: [], defined: new Set(), outer };
    const lines: string[] = [];
    const tags = new TagCounter(schema);
    for (const field of schema.fields)
      lines.push(...this.#field(field.name, field.schema, scope, tags, false));
    const body = [...lines, ...scope.definitions.flatMap((each) => ['', ...each.split('\n')])];
    return `message ${name} {\n${body.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n}`;
  }

  #field(
    rawName: string,
    schema: Schema,
    scope: MessageScope,
    tags: TagCounter,
    isOneofMember: boolean,
  ): string[] {
    if (isUnion(schema)) return this.#oneof(rawName, schema, scope, tags);
    const name = checkName(scrubbedProto(rawName, this.#settings));
    const label =
      schema.type === 'array' || schema.type === 'map'
        ? 'repeated '
        : this.#settings.usesOptional && schema.optional && !isOneofMember
          ? 'optional '
          : '';
    const item = schema.type === 'array' ? schema.items : schema;
    const parameters = new Map<string, string>();
    const type = this.#type(item, name, scope, parameters, isOneofMember);
    const tag = tags.next(schema);
    return [`${label}${type} ${name} = ${tag}${this.#meta(parameters)};`];
  }

  #oneof(rawName: string, schema: StructSchema, scope: MessageScope, tags: TagCounter): string[] {
    const own = this.#settings.generalizesSumTypes
      ? schema.parameters?.[GENERAL_UNION_PARAMETER]
      : schema.name?.slice(UNION_PREFIX.length + 1);
    const name = unqualified(own === undefined || own === '' ? rawName : own);
    const members = schema.fields.flatMap((field) =>
      this.#field(field.name, field.schema, scope, tags, true),
    );
    return [
      `oneof ${checkName(scrubbedProto(name, this.#settings))} {`,
      ...members.map((line) => `  ${line}`),
      '}',
    ];
  }

  #type(
    schema: Schema,
    fieldName: string,
    scope: MessageScope,
    parameters: Map<string, string>,
    isOneofMember: boolean,
  ): string {
    const logical = schema.name === undefined ? undefined : LOGICAL.get(schema.name);
    if (logical !== undefined) {
      this.#imports.add(logical.file);
      if (schema.name === DECIMAL) keepDecimal(schema, parameters);
      return `.${logical.type}`;
    }
    const isWrapped =
      this.#settings.usesWrappers &&
      schema.optional &&
      (!isOneofMember || schema.parameters?.[WRAPPER_PARAMETER] === 'true');
    switch (schema.type) {
      case 'array':
        throw badSchema(
          'Array cannot be nested',
          'Protobuf has no lists of lists: wrap the inner list in a struct',
        );
      case 'map':
        return this.#entry(schema, scope);
      case 'struct':
        return this.#struct(schema, fieldName, scope);
      case 'int8':
      case 'int16':
        parameters.set('connect.type', schema.type);
        return this.#scalar('int32', isWrapped);
      default: {
        const found = enumNameOf(schema);
        if (found !== undefined) return this.#enum(schema, found, scope);
        const type = schema.parameters?.[TYPE_PARAMETER] ?? SCALARS[schema.type] ?? '';
        return this.#scalar(type, isWrapped);
      }
    }
  }

  #scalar(type: string, isWrapped: boolean): string {
    if (!isWrapped) return type;
    const plain = type.replace(/^s(?=int|fixed)/, '').replace('fixed', 'uint');
    for (const [wrapper, wrapped] of WRAPPERS)
      if (
        wrapped ===
        (type.startsWith('s') && type !== 'string' ? plain.replace('uint', 'int') : plain)
      ) {
        this.#imports.add(WRAPPERS_FILE);
        return `.${wrapper}`;
      }
    return type;
  }

  #struct(schema: StructSchema, fieldName: string, scope: MessageScope): string {
    for (let around: MessageScope | undefined = scope; around; around = around.outer)
      if (around.schema?.fields === schema.fields) return around.name;
    let name = checkName(scrubbedProto(unqualified(this.#nameOf(schema)), this.#settings));
    // A message and a field of it can't share a name.
    if (name === fieldName) name += 'Message';
    if (name !== scope.name && !scope.defined.has(name)) {
      scope.defined.add(name);
      scope.definitions.push(this.#message(name, schema, scope));
    }
    return name;
  }

  /** Confluent's form of a map: a repeated message with key and value, named after the schema. */
  #entry(schema: MapSchema, scope: MessageScope): string {
    const base = scrubbedProto(unqualified(this.#nameOf(schema)), this.#settings);
    const name = `${base.includes('_') ? upperCamel(base) : base}Entry`;
    if (scope.defined.has(name)) return name;
    scope.defined.add(name);
    const inner: MessageScope = {
      name,
      schema: undefined,
      definitions: [],
      defined: new Set(),
      outer: scope,
    };
    const tags = new TagCounter(undefined);
    const lines = [
      ...this.#field('key', withoutTag(schema.keys), inner, tags, false),
      ...this.#field('value', withoutTag(schema.values), inner, tags, false),
    ];
    const body = [...lines, ...inner.definitions.flatMap((each) => ['', ...each.split('\n')])];
    scope.definitions.push(
      `message ${checkName(name)} {\n${body.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n}`,
    );
    return name;
  }

  #enum(schema: Schema, found: EnumName, scope: MessageScope): string {
    const name = checkName(scrubbedProto(unqualified(found.name), this.#settings));
    if (scope.defined.has(name)) return name;
    scope.defined.add(name);
    const prefix = `${found.parameter}.`;
    const values = Object.entries(schema.parameters ?? {})
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, tag]) => `  ${checkName(key.slice(prefix.length))} = ${Number(tag)};`);
    const seen = new Set(values.map((line) => line.slice(line.indexOf('='))));
    const alias = seen.size < values.length ? ['  option allow_alias = true;'] : [];
    scope.definitions.push([`enum ${name} {`, ...alias, ...values, '}'].join('\n'));
    return name;
  }

  #meta(parameters: ReadonlyMap<string, string>): string {
    if (parameters.size === 0) return '';
    this.#imports.add(META_FILE);
    const params = [...parameters].map(
      ([key, value]) => `{ key: ${JSON.stringify(key)}, value: ${JSON.stringify(value)} }`,
    );
    return ` [(confluent.field_meta) = { params: [${params.join(', ')}] }]`;
  }

  #nameOf(schema: Schema): string {
    if (schema.name !== undefined && schema.name !== '') return schema.name;
    this.#unnamedCount++;
    return `${DEFAULT_NAME}${this.#unnamedCount}`;
  }
}

/** Tags that the schema brings along are kept; others are counted around them. */
class TagCounter {
  readonly #taken = new Set<number>();
  #last = 0;

  constructor(schema: StructSchema | undefined) {
    for (const field of schema?.fields ?? [])
      for (const each of isUnion(field.schema) ? field.schema.fields : [field]) {
        const tag = tagOf(each.schema);
        if (tag !== undefined) this.#taken.add(tag);
      }
  }

  next(schema: Schema): number {
    const own = tagOf(schema);
    if (own !== undefined) return own;
    do this.#last++;
    while (this.#taken.has(this.#last));
    return this.#last;
  }
}

function tagOf(schema: Schema): number | undefined {
  const text = schema.parameters?.[TAG_PARAMETER];
  return text === undefined ? undefined : Number(text);
}

function withoutTag(schema: Schema): Schema {
  if (schema.parameters?.[TAG_PARAMETER] === undefined) return schema;
  const kept = Object.entries(schema.parameters).filter(([key]) => key !== TAG_PARAMETER);
  return { ...schema, parameters: Object.fromEntries(kept) };
}

export function isUnion(schema: Schema): schema is StructSchema {
  return (
    schema.type === 'struct' &&
    (schema.name?.startsWith(UNION_PREFIX) === true ||
      schema.parameters?.[GENERAL_UNION_PARAMETER] !== undefined)
  );
}

interface EnumName {
  readonly name: string;
  readonly parameter: string;
}

export function enumNameOf(schema: Schema): EnumName | undefined {
  if (schema.type !== 'string' && schema.type !== 'int32') return undefined;
  for (const parameter of [GENERAL_ENUM_PARAMETER, ENUM_PARAMETER]) {
    const name = schema.parameters?.[parameter];
    if (name !== undefined) return { name, parameter };
  }
  return undefined;
}

function keepDecimal(schema: Schema, parameters: Map<string, string>): void {
  const precision = schema.parameters?.['connect.decimal.precision'];
  if (precision !== undefined) parameters.set('precision', precision);
  const scale = schema.parameters?.['scale'];
  if (scale !== undefined) parameters.set('scale', scale);
}

/** Names are letters, digits and underscores, and begin with a letter. */
export function scrubbedProto(name: string, settings: ProtoSettings): string {
  if (!settings.scrubsNames || name === '' || /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return name;
  const encoded = encodeURIComponent(name)
    .replace(/[!'()~]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
  return (/^[0-9_]/.test(encoded) ? `x${encoded}` : encoded).replace(/[^A-Za-z0-9_]/g, '_');
}

function checkName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw badSchema(
    `"${name}" is no Protobuf name`,
    'set scrub.invalid.names=true, or rename by a transform',
  );
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function upperCamel(name: string): string {
  return name
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}
