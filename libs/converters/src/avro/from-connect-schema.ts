import {
  DATE,
  DECIMAL,
  schemasEqual,
  TIME,
  TIMESTAMP,
  type ArraySchema,
  type MapSchema,
  type PrimitiveSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badSchema } from '../errors.ts';
import { ANYTHING_SCHEMA } from './anything.ts';
import {
  DEFAULT_NAME,
  ENUM_DEFAULT_PREFIX,
  ENUM_DOC_PREFIX,
  enumOf,
  FIELD_DEFAULT_PARAMETER,
  FIELD_DOC_PREFIX,
  fixedSizeOf,
  isEntryArray,
  isUnionStruct,
  MAP_ENTRY,
  NAMESPACE,
  PRECISION_DEFAULT,
  PRECISION_PARAMETER,
  RECORD_DOC_PARAMETER,
  scrubbed,
  scrubbedFullName,
} from './avro-names.ts';
import {
  primitive,
  propsOf,
  simpleNameOf,
  isNamed,
  type AvroField,
  type AvroPrimitiveKind,
  type AvroRecord,
  type AvroSchema,
  type Props,
} from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';
import { defaultToAvro, isValidDefault } from './default-to-avro.ts';

const KINDS: Readonly<Record<PrimitiveSchema['type'], AvroPrimitiveKind>> = {
  int8: 'int',
  int16: 'int',
  int32: 'int',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'string',
  bytes: 'bytes',
};

const NAME = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/**
 * The Avro schema of a Connect schema, as Confluent's AvroData makes it; null is the schema of anything.
 * @throws MillraceError `converter.bad_schema`
 */
export function fromConnectSchema(schema: Schema | null, settings: AvroSettings): AvroSchema {
  return schema === null ? ANYTHING_SCHEMA : new SchemaWriter(settings).write(schema);
}

class SchemaWriter {
  readonly #settings: AvroSettings;
  /** Required schemas that were met, so that one type becomes one definition. */
  readonly #known: { readonly schema: Schema; readonly avro: AvroSchema }[] = [];
  /** Records that are being written, by Connect name: a schema may hold itself. */
  readonly #open = new Map<string, AvroRecord>();
  readonly #seenNames = new Set<string>();
  readonly #entryTypes: MapSchema[] = [];
  readonly #fixedForms = new Map<string, string[]>();
  #unnamedCount = 0;

  constructor(settings: AvroSettings) {
    this.#settings = settings;
  }

  write(schema: Schema, ignoresOptional = false): AvroSchema {
    const isUnion = isUnionStruct(schema);
    if (!isUnion && !schema.optional) {
      const known = this.#known.find((each) => schemasMatch(each.schema, schema));
      if (known !== undefined) return known.avro;
    }
    const base = this.#base(schema);
    let final = base;
    const props = propsOf(base);
    if (props !== undefined && base.kind !== 'union') {
      this.#annotate(schema, props);
      if (!ignoresOptional) final = this.#optional(schema, base);
    }
    if (!schema.optional) this.#known.push({ schema, avro: final });
    return final;
  }

  /** A schema that may be the one that is being written. */
  #part(schema: Schema, ignoresOptional = false): AvroSchema {
    const open = schema.name === undefined ? undefined : this.#open.get(schema.name);
    if (open === undefined) return this.write(schema, ignoresOptional);
    return ignoresOptional ? open : this.#optional(schema, open);
  }

  #optional(schema: Schema, avro: AvroSchema): AvroSchema {
    if (!schema.optional) return avro;
    // A default belongs to the first branch.
    const hasDefault = schema.default !== undefined && schema.default !== null;
    const branches = hasDefault ? [avro, primitive('null')] : [primitive('null'), avro];
    return { kind: 'union', branches };
  }

  #base(schema: Schema): AvroSchema {
    switch (schema.type) {
      case 'string':
        return this.#string(schema);
      case 'bytes':
        return this.#bytes(schema);
      case 'array':
        return this.#array(schema);
      case 'map':
        return this.#map(schema);
      case 'struct':
        return this.#struct(schema);
      default:
        return primitive(KINDS[schema.type]);
    }
  }

  #string(schema: PrimitiveSchema): AvroSchema {
    const found = enumOf(schema, this.#settings);
    if (found === undefined) return primitive('string');
    const parameters = schema.parameters ?? {};
    const prefix = `${found.parameter}.`;
    const symbols = Object.keys(parameters)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    const own = simpleNameOf(this.#nameOf(schema));
    const discards = this.#settings.discardsTypeDoc;
    const doc = discards ? parameters['connect.enum.doc'] : parameters[ENUM_DOC_PREFIX + own];
    const chosen = discards ? undefined : parameters[ENUM_DEFAULT_PREFIX + own];
    for (const symbol of symbols) checkName(symbol);
    return {
      kind: 'enum',
      name: checkFullName(found.name),
      symbols,
      ...(doc === undefined ? {} : { doc }),
      ...(chosen === undefined ? {} : { default: chosen }),
      props: new Map(),
    };
  }

  #bytes(schema: PrimitiveSchema): AvroSchema {
    const props: Props = new Map();
    if (isLogical(schema, DECIMAL)) {
      const { scale, precision } = decimalOf(schema);
      props.set('scale', scale);
      props.set('precision', precision);
    }
    const size = fixedSizeOf(schema);
    if (size === undefined) return { kind: 'bytes', props };
    return { kind: 'fixed', name: this.#fixedName(this.#nameOf(schema), size, props), size, props };
  }

  /** All decimals have one Connect name, but one Avro name can stand for one size only: others are numbered. */
  #fixedName(name: string, size: number, props: Props): string {
    const form = [size, props.get('scale'), props.get('precision')].join();
    const forms = this.#fixedForms.get(name) ?? [];
    this.#fixedForms.set(name, forms);
    const index = forms.includes(form) ? forms.indexOf(form) : forms.push(form) - 1;
    return index === 0 ? name : `${name}${index + 1}`;
  }

  #array(schema: ArraySchema): AvroSchema {
    return { kind: 'array', items: this.#part(schema.items), props: new Map() };
  }

  #map(schema: MapSchema): AvroSchema {
    if (!isEntryArray(schema, this.#settings))
      return { kind: 'map', values: this.#part(schema.values), props: new Map() };
    const entry: AvroRecord = { ...this.#entryHead(schema), kind: 'record', fields: [] };
    entry.fields.push(
      this.#field('key', schema.keys, undefined),
      this.#field('value', schema.values, undefined),
    );
    return { kind: 'array', items: entry, props: new Map() };
  }

  /** Confluent gives all unnamed entries one name, and fails on the second type of them; ours are numbered then. */
  #entryHead(schema: MapSchema): { readonly name: string; readonly props: Props } {
    const marked: Props = new Map([['connect.internal.type', MAP_ENTRY]]);
    if (schema.name !== undefined) return { name: this.#nameOf(schema), props: marked };
    const known = this.#entryTypes.findIndex(
      (each) => schemasEqual(each.keys, schema.keys) && schemasEqual(each.values, schema.values),
    );
    const index = known === -1 ? this.#entryTypes.push(schema) - 1 : known;
    const name = `${NAMESPACE}.${MAP_ENTRY}`;
    return index === 0
      ? { name, props: new Map() }
      : { name: `${name}${index + 1}`, props: marked };
  }

  #struct(schema: StructSchema): AvroSchema {
    if (isUnionStruct(schema)) {
      const branches = schema.fields.map((field) => this.#part(required(field.schema), true));
      return {
        kind: 'union',
        branches: schema.optional ? [primitive('null'), ...branches] : branches,
      };
    }
    if (schema.optional)
      return { kind: 'union', branches: [primitive('null'), this.#part(required(schema))] };
    const { parameters } = schema;
    const { discardsTypeDoc } = this.#settings;
    const doc = parameters?.[discardsTypeDoc ? 'connect.record.doc' : RECORD_DOC_PARAMETER];
    const record: AvroRecord = {
      kind: 'record',
      name: this.#nameOf(schema),
      ...(doc === undefined ? {} : { doc }),
      fields: [],
      props: new Map(),
    };
    if (schema.name !== undefined) this.#open.set(schema.name, record);
    for (const field of schema.fields) {
      const fieldDoc = discardsTypeDoc ? undefined : parameters?.[FIELD_DOC_PREFIX + field.name];
      const name = scrubbed(field.name, this.#settings);
      if (record.fields.some((each) => each.name === name))
        throw badSchema(`two fields of ${record.name} have the Avro name "${name}"`);
      record.fields.push(this.#field(checkName(name), field.schema, fieldDoc));
    }
    return record;
  }

  #field(name: string, schema: Schema, fieldDoc: string | undefined): AvroField {
    const { discardsTypeDoc, hasMetaData } = this.#settings;
    const typeName =
      schema.name === undefined ? undefined : scrubbedFullName(schema.name, this.#settings);
    const isSeen = typeName !== undefined && this.#seenNames.has(typeName);
    if (typeName !== undefined) this.#seenNames.add(typeName);
    const avro = this.write(schema);
    const doc = discardsTypeDoc ? schema.doc : fieldDoc;
    const hasDefault = schema.default !== undefined && schema.default !== null;
    const fallback = hasDefault
      ? defaultToAvro(schema, schema.default, this.#settings)
      : schema.optional
        ? null
        : undefined;
    const parameters = this.#parametersOf(schema);
    const isRepeated = hasMetaData && isSeen && parameters !== undefined && hasNamedType(avro);
    return {
      name,
      schema: avro,
      ...(doc === undefined ? {} : { doc }),
      ...(fallback !== undefined && isValidDefault(avro, fallback) ? { default: fallback } : {}),
      props: new Map(isRepeated ? [['connect.parameters', parameters]] : []),
    };
  }

  #annotate(schema: Schema, props: Props): void {
    if (this.#settings.hasMetaData) {
      if (schema.doc !== undefined) props.set('connect.doc', schema.doc);
      if (schema.version !== undefined) props.set('connect.version', schema.version);
      const parameters = this.#parametersOf(schema);
      if (parameters !== undefined) props.set('connect.parameters', parameters);
      if (schema.default !== undefined && schema.default !== null) {
        const isOfField =
          !this.#settings.discardsTypeDoc &&
          schema.parameters?.[FIELD_DEFAULT_PARAMETER] !== undefined;
        if (!isOfField)
          props.set('connect.default', defaultToAvro(schema, schema.default, this.#settings));
      }
      if (schema.name !== undefined) props.set('connect.name', schema.name);
      if (schema.type === 'int8' || schema.type === 'int16') props.set('connect.type', schema.type);
    }
    const logicalType = logicalTypeOf(schema);
    if (logicalType !== undefined) props.set('logicalType', logicalType);
    for (const [key, value] of Object.entries(schema.parameters ?? {}))
      if (key.startsWith('avro')) props.set(key, value);
  }

  #parametersOf(schema: Schema): Readonly<Record<string, string>> | undefined {
    const entries = Object.entries(schema.parameters ?? {}).filter(
      ([key]) => this.#settings.discardsTypeDoc || key !== FIELD_DEFAULT_PARAMETER,
    );
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  #nameOf(schema: Schema): string {
    if (schema.name !== undefined)
      return checkFullName(scrubbedFullName(schema.name, this.#settings));
    this.#unnamedCount++;
    return DEFAULT_NAME + (this.#unnamedCount > 1 ? String(this.#unnamedCount) : '');
  }
}

/** Equality for reuse; a schema that holds itself is compared by identity. */
function schemasMatch(left: Schema, right: Schema): boolean {
  if (left === right) return true;
  if (left.type !== right.type || left.name !== right.name) return false;
  try {
    return schemasEqual(left, right);
  } catch (error) {
    if (error instanceof RangeError) return false; // Cyclic, so never at an end.
    throw error;
  }
}

function required(schema: Schema): Schema {
  return schema.optional ? { ...schema, optional: false } : schema;
}

function isLogical(schema: Schema, name: string): boolean {
  return schema.name?.toLowerCase() === name.toLowerCase();
}

function logicalTypeOf(schema: Schema): string | undefined {
  if (isLogical(schema, DECIMAL)) return 'decimal';
  if (isLogical(schema, TIME)) return 'time-millis';
  if (isLogical(schema, TIMESTAMP)) return 'timestamp-millis';
  return isLogical(schema, DATE) ? 'date' : undefined;
}

function decimalOf(schema: PrimitiveSchema): {
  readonly scale: number;
  readonly precision: number;
} {
  const scale = Number(schema.parameters?.['scale']);
  const precision = Number(schema.parameters?.[PRECISION_PARAMETER] ?? PRECISION_DEFAULT);
  if (!Number.isInteger(scale) || !Number.isInteger(precision))
    throw badSchema('Invalid Decimal schema: scale and precision must be whole numbers');
  return { scale, precision };
}

function hasNamedType(avro: AvroSchema): boolean {
  return avro.kind === 'union' ? avro.branches.some(isNamed) : isNamed(avro);
}

function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw badSchema(
    `Illegal character in: ${name}`,
    'Avro names are letters, digits and underscores: set scrub.invalid.names=true, or rename by a transform',
  );
}

function checkFullName(name: string): string {
  for (const part of name.split('.')) checkName(part);
  return name;
}
