import {
  DATE,
  DECIMAL,
  TIME,
  TIMESTAMP,
  type Field,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import {
  DATE_TYPE,
  DECIMAL_TYPE,
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
  type ProtoEnum,
  type ProtoField,
  type ProtoMessage,
  type ProtoSettings,
  type ScalarType,
} from './proto-model.ts';

const SCALAR_TYPES: Readonly<Record<ScalarType, Extract<Schema['type'], string>>> = {
  int32: 'int32',
  sint32: 'int32',
  sfixed32: 'int32',
  uint32: 'int64',
  fixed32: 'int64',
  int64: 'int64',
  sint64: 'int64',
  sfixed64: 'int64',
  uint64: 'int64',
  fixed64: 'int64',
  float: 'float32',
  double: 'float64',
  bool: 'boolean',
  string: 'string',
  bytes: 'bytes',
};
/** Scalars that are the only ones of their Connect type; all others are named in a parameter. */
const PLAIN: ReadonlySet<ScalarType> = new Set([
  'int32',
  'int64',
  'float',
  'double',
  'bool',
  'string',
  'bytes',
]);

/** A schema while it is made. */
type Draft = { -readonly [K in keyof StructSchema]?: unknown } & {
  type: Schema['type'];
  optional: boolean;
  parameters?: Record<string, string>;
};

/** The Connect schema of a message, as Confluent's ProtobufData makes it. */
export function toConnectSchema(
  message: ProtoMessage,
  version: number | undefined,
  settings: ProtoSettings,
): Schema {
  const maker = new SchemaMaker(settings);
  const schema = maker.root(message);
  return version === undefined ? schema : { ...schema, version };
}

/** The field of a struct that stands for a oneof. */
export function oneofFieldName(
  message: ProtoMessage,
  oneof: string,
  settings: ProtoSettings,
): string {
  return settings.indexesUnions ? `${oneof}_${message.oneofs.indexOf(oneof)}` : oneof;
}

/** Whether a repeated message is a map: an entry with key and value. */
export function isEntry(field: ProtoField): field is ProtoField & { readonly type: ProtoMessage } {
  const { type } = field;
  if (!field.isRepeated || typeof type === 'string' || type.kind !== 'message') return false;
  const [key, value, more] = type.fields;
  return (
    type.name.endsWith('Entry') &&
    more === undefined &&
    key?.name === 'key' &&
    value?.name === 'value' &&
    !key.isRepeated &&
    !value.isRepeated
  );
}

class SchemaMaker {
  readonly #settings: ProtoSettings;
  /** Structs on the way to where we are, by message: who meets one again shares its fields. */
  readonly #open = new Map<ProtoMessage, Field[]>();

  constructor(settings: ProtoSettings) {
    this.#settings = settings;
  }

  root(message: ProtoMessage): Schema {
    const wrapped = this.#settings.unwrapsRoots ? WRAPPERS.get(message.fullName) : undefined;
    return wrapped === undefined
      ? asSchema(this.#struct(message))
      : asSchema({ type: SCALAR_TYPES[wrapped], optional: false });
  }

  #struct(message: ProtoMessage): Draft {
    const name = this.#settings.isEnhanced ? message.fullName : message.name;
    const known = this.#open.get(message);
    if (known !== undefined) return { type: 'struct', optional: false, name, fields: known };
    const fields: Field[] = [];
    this.#open.set(message, fields);
    for (const oneof of message.oneofs) {
      const members = message.fields
        .filter((field) => field.oneof === oneof)
        .map((field) => ({ name: field.name, schema: this.#field(field) }));
      if (this.#settings.flattensUnions) fields.push(...members);
      else
        fields.push({
          name: oneofFieldName(message, oneof, this.#settings),
          schema: this.#oneof(message, oneof, members),
        });
    }
    for (const field of message.fields)
      if (field.oneof === undefined) fields.push({ name: field.name, schema: this.#field(field) });
    return { type: 'struct', optional: false, name, fields };
  }

  #oneof(message: ProtoMessage, oneof: string, fields: readonly Field[]): Schema {
    const { isEnhanced, generalizesSumTypes } = this.#settings;
    const base = { type: 'struct', optional: true, fields } as const;
    if (generalizesSumTypes)
      return { ...base, name: oneof, parameters: { [GENERAL_UNION_PARAMETER]: oneof } };
    const name = isEnhanced ? `${message.fullName}.${oneof}` : oneof;
    return { ...base, name: `${UNION_PREFIX}.${name}` };
  }

  #field(field: ProtoField): Schema {
    const { usesOptional, usesWrappers } = this.#settings;
    let draft = this.#typed(field);
    if (field.isRepeated && draft.type !== 'map')
      draft = {
        type: 'array',
        optional: true,
        items: asSchema({ ...draft, optional: true }),
      } as Draft;
    const { type } = field;
    const isWrapper = typeof type !== 'string' && WRAPPERS.has(type.fullName);
    const parameters: Record<string, string> = { ...draft.parameters };
    if (field.oneof !== undefined) {
      draft.optional = true;
      if (usesWrappers && isWrapper) parameters[WRAPPER_PARAMETER] = 'true';
    } else if (usesOptional) draft.optional ||= field.isOptional;
    else if (!usesWrappers) draft.optional = true;
    parameters[TAG_PARAMETER] = String(field.tag);
    return asSchema({ ...draft, parameters });
  }

  #typed(field: ProtoField): Draft {
    const { type } = field;
    if (typeof type === 'string') return scalar(type, field);
    if (type.kind === 'enum') return this.#enum(type);
    switch (type.fullName) {
      case DECIMAL_TYPE: {
        const parameters: Record<string, string> = {
          scale: wholeNumber(field.parameters.get('scale')) ?? '0',
        };
        const precision = wholeNumber(field.parameters.get('precision'));
        if (precision !== undefined) parameters['connect.decimal.precision'] = precision;
        return { type: 'bytes', optional: true, name: DECIMAL, version: 1, parameters };
      }
      case DATE_TYPE:
        return { type: 'int32', optional: true, name: DATE, version: 1 };
      case TIME_TYPE:
        return { type: 'int32', optional: true, name: TIME, version: 1 };
      case TIMESTAMP_TYPE:
        return { type: 'int64', optional: true, name: TIMESTAMP, version: 1 };
      default:
        return { ...this.#message(field, type), optional: true };
    }
  }

  #message(field: ProtoField, type: ProtoMessage): Draft {
    const wrapped = this.#settings.usesWrappers ? WRAPPERS.get(type.fullName) : undefined;
    if (wrapped !== undefined) return { type: SCALAR_TYPES[wrapped], optional: true };
    if (!isEntry(field)) {
      return this.#struct(type);
    }
    const [key, value] = type.fields;
    const full = this.#settings.isEnhanced ? type.fullName : type.name;
    return {
      type: 'map',
      optional: true,
      name: mapName(full),
      ...(key === undefined ? {} : { keys: this.#field(key) }),
      ...(value === undefined ? {} : { values: this.#field(value) }),
    };
  }

  #enum(type: ProtoEnum): Draft {
    const { isEnhanced, generalizesSumTypes, usesIntForEnums } = this.#settings;
    const key = generalizesSumTypes ? GENERAL_ENUM_PARAMETER : ENUM_PARAMETER;
    const parameters: Record<string, string> = { [key]: type.name };
    for (const [symbol, tag] of type.values) parameters[`${key}.${symbol}`] = String(tag);
    return {
      type: usesIntForEnums ? 'int32' : 'string',
      optional: true,
      name: isEnhanced ? type.fullName : type.name,
      parameters,
    };
  }
}

function scalar(type: ScalarType, field: ProtoField): Draft {
  const connectType = field.parameters.get('connect.type');
  if (SCALAR_TYPES[type] === 'int32' && (connectType === 'int8' || connectType === 'int16'))
    return { type: connectType, optional: false };
  const parameters: Record<string, string> = PLAIN.has(type) ? {} : { [TYPE_PARAMETER]: type };
  return { type: SCALAR_TYPES[type], optional: false, parameters };
}

/** `XyzEntry` stands for the map `xyz`. */
function mapName(entry: string): string {
  const at = entry.lastIndexOf('.') + 1;
  const base = entry.slice(at).replace(/Entry$/, '');
  return entry.slice(0, at) + base.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
}

function wholeNumber(text: string | undefined): string | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? String(Number(text)) : undefined;
}

/** A draft is given the parts of its type where it is made. */
function asSchema(draft: Draft): Schema {
  const { parameters, ...rest } = draft;
  const named =
    parameters === undefined || Object.keys(parameters).length === 0 ? {} : { parameters };
  return { ...rest, ...named } as Schema;
}
