import {
  DATE,
  DECIMAL,
  TIME,
  TIMESTAMP,
  type Field,
  type Schema,
  type SchemaAttributes,
} from '@millrace/record';
import { badSchema } from '../errors.ts';
import {
  ANYTHING,
  branchFieldName,
  DEFAULT_NAME,
  ENUM_DEFAULT_PREFIX,
  ENUM_DOC_PREFIX,
  ENUM_PARAMETER,
  FIELD_DEFAULT_PARAMETER,
  FIELD_DOC_PREFIX,
  FIXED_SIZE_PARAMETER,
  GENERAL_ENUM_PARAMETER,
  GENERAL_UNION_PARAMETER,
  GENERAL_UNION_PREFIX,
  PRECISION_DEFAULT,
  PRECISION_PARAMETER,
  RECORD_DOC_PARAMETER,
  UNION_NAME,
} from './avro-names.ts';
import {
  propsOf,
  simpleNameOf,
  textProp,
  type AvroArray,
  type AvroEnum,
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
  type Json,
} from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';
import { isEntry, soleBranch } from './avro-shapes.ts';
import { defaultFromAvro } from './default-from-avro.ts';

/** A schema while it is made: attributes come from several places. */
interface Draft {
  type: Schema['type'];
  optional: boolean;
  name?: string;
  version?: number;
  doc?: string;
  parameters: Record<string, string>;
  default?: unknown;
  items?: Schema;
  keys?: Schema;
  values?: Schema;
  fields?: readonly Field[];
}

interface Demands {
  /** As part of a union with null. */
  readonly isOptional?: boolean;
  /** The default of the Avro field, which counts more than `connect.default`. */
  readonly default?: Json;
  readonly doc?: string | undefined;
  readonly version?: number | undefined;
}

/**
 * The Connect schema of an Avro schema, as Confluent's AvroData makes it; null for the schema of anything.
 * @param version the registry's, for a schema that brings none itself
 * @throws MillraceError `converter.bad_schema`
 */
export function toConnectSchema(
  avro: AvroSchema,
  version: number | undefined,
  settings: AvroSettings,
): Schema | null {
  if (avro.kind === 'record' && avro.name === ANYTHING) return null;
  return new SchemaReader(settings).read(avro, { version });
}

class SchemaReader {
  readonly #settings: AvroSettings;
  /** Records on the way to where we are; who meets one again gets a stand-in that is filled when it is finished. */
  readonly #open = new Map<AvroRecord, { readonly fields: Field[]; readonly standIns: Draft[] }>();
  #unionCount = 0;

  constructor(settings: AvroSettings) {
    this.#settings = settings;
  }

  read(avro: AvroSchema, demands: Demands): Schema {
    if (avro.kind === 'union') {
      const sole = soleBranch(avro, this.#settings);
      if (sole !== undefined) {
        const isOptional = avro.branches.length === 2;
        return this.#part(sole, { isOptional, doc: demands.doc });
      }
    }
    const draft = this.#draft(avro);
    this.#describe(avro, draft, demands);
    const name = this.#nameOf(avro, draft);
    if (name !== undefined) draft.name = name;
    if (demands.isOptional === true) draft.optional = true;
    const schema = built(draft);
    this.#setDefault(avro, schema, demands);
    if (avro.kind === 'record') this.#close(avro, schema);
    return schema;
  }

  #part(avro: AvroSchema, demands: Demands = {}): Schema {
    const open = avro.kind === 'record' ? this.#open.get(avro) : undefined;
    if (open === undefined) return this.read(avro, demands);
    const standIn: Draft = {
      type: 'struct',
      optional: demands.isOptional === true,
      fields: open.fields,
      parameters: {},
    };
    open.standIns.push(standIn);
    return asSchema(standIn);
  }

  #close(avro: AvroRecord, schema: Schema): void {
    for (const standIn of this.#open.get(avro)?.standIns ?? []) {
      const { optional } = standIn;
      Object.assign(standIn, schema, { optional });
      if (schema.parameters === undefined) Reflect.deleteProperty(standIn, 'parameters');
    }
    this.#open.delete(avro);
  }

  #draft(avro: AvroSchema): Draft {
    const of = (type: Schema['type']): Draft => ({ type, optional: false, parameters: {} });
    const logicalType = textProp(avro, 'logicalType')?.toLowerCase();
    switch (avro.kind) {
      case 'boolean':
        return of('boolean');
      case 'float':
        return of('float32');
      case 'double':
        return of('float64');
      case 'string':
        return of('string');
      case 'int':
        return this.#int(avro, logicalType);
      case 'long':
        return logicalType === 'timestamp-millis'
          ? { ...of('int64'), name: TIMESTAMP, version: 1 }
          : of('int64');
      case 'bytes':
      case 'fixed': {
        const draft = logicalType === 'decimal' ? decimalDraft(avro) : of('bytes');
        if (avro.kind === 'fixed') draft.parameters[FIXED_SIZE_PARAMETER] = String(avro.size);
        return draft;
      }
      case 'array':
        return this.#array(avro);
      case 'map':
        return {
          ...of('map'),
          keys: { type: 'string', optional: false },
          values: this.#part(avro.values),
        };
      case 'enum':
        return { ...of('string'), parameters: this.#enumParameters(avro) };
      case 'record':
        return this.#record(avro);
      case 'union':
        return this.#union(avro);
      case 'null':
        throw badSchema('Standalone null schemas are not supported by this converter');
    }
  }

  #int(avro: AvroSchema, logicalType: string | undefined): Draft {
    const draft: Draft = { type: 'int32', optional: false, parameters: {} };
    if (logicalType === 'date') return { ...draft, name: DATE, version: 1 };
    if (logicalType === 'time-millis') return { ...draft, name: TIME, version: 1 };
    const type = textProp(avro, 'connect.type');
    if (logicalType !== undefined || type === undefined) return draft;
    if (type !== 'int8' && type !== 'int16')
      throw badSchema(`Connect type annotation for Avro int field is "${type}"`);
    return { ...draft, type };
  }

  #array(avro: AvroArray): Draft {
    const base = { optional: false, parameters: {} };
    if (!isEntry(avro.items)) return { ...base, type: 'array', items: this.#part(avro.items) };
    const key = avro.items.fields.find((field) => field.name === 'key');
    const value = avro.items.fields.find((field) => field.name === 'value');
    if (key === undefined || value === undefined || avro.items.fields.length !== 2)
      throw badSchema(
        'Found map encoded as array of key-value pairs, but array elements do not match the expected format.',
      );
    return {
      ...base,
      type: 'map',
      keys: this.#part(key.schema),
      values: this.#part(value.schema),
    };
  }

  #record(avro: AvroRecord): Draft {
    const { hasMetaData, discardsTypeDoc } = this.#settings;
    const keepsDocs = hasMetaData && !discardsTypeDoc;
    const fields: Field[] = [];
    const parameters: Record<string, string> = {};
    this.#open.set(avro, { fields, standIns: [] });
    if (keepsDocs && avro.doc !== undefined) parameters[RECORD_DOC_PARAMETER] = avro.doc;
    for (const field of avro.fields) {
      if (keepsDocs && field.doc !== undefined)
        parameters[FIELD_DOC_PREFIX + field.name] = field.doc;
      fields.push({ name: field.name, schema: this.#field(field) });
    }
    return { type: 'struct', optional: false, parameters, fields };
  }

  #field(field: AvroField): Schema {
    const schema = this.#part(field.schema, {
      ...(field.default === undefined ? {} : { default: field.default }),
      doc: field.doc,
    });
    const own = field.props.get('connect.parameters');
    if (!this.#settings.hasMetaData || typeof own !== 'object' || own === null) return schema;
    return { ...schema, parameters: { ...schema.parameters, ...textsOf(own) } };
  }

  #enumParameters(avro: AvroEnum): Record<string, string> {
    const { hasMetaData, discardsTypeDoc, generalizesSumTypes } = this.#settings;
    const parameters: Record<string, string> = {};
    const own = simpleNameOf(avro.name);
    if (hasMetaData && avro.doc !== undefined)
      parameters[discardsTypeDoc ? 'connect.enum.doc' : ENUM_DOC_PREFIX + own] = avro.doc;
    if (hasMetaData && !discardsTypeDoc && avro.default !== undefined)
      parameters[ENUM_DEFAULT_PREFIX + own] = avro.default;
    const key = generalizesSumTypes ? GENERAL_ENUM_PARAMETER : ENUM_PARAMETER;
    parameters[key] = avro.name;
    for (const [index, symbol] of avro.symbols.entries())
      parameters[`${key}.${symbol}`] = generalizesSumTypes ? String(index) : symbol;
    return parameters;
  }

  #union(avro: AvroUnion): Draft {
    const { generalizesSumTypes } = this.#settings;
    const name = generalizesSumTypes ? `${GENERAL_UNION_PREFIX}${this.#unionCount++}` : UNION_NAME;
    const fields: Field[] = [];
    for (const [index, branch] of avro.branches.entries()) {
      if (branch.kind === 'null') continue;
      const fieldName = branchFieldName(branch, index, this.#settings);
      if (fields.some((field) => field.name === fieldName))
        throw badSchema(
          `Multiple union schemas map to the Connect union field name "${fieldName}"`,
          'set enhanced.avro.schema.support=true, so that full names are used',
        );
      fields.push({ name: fieldName, schema: this.#part(branch, { isOptional: true }) });
    }
    return {
      type: 'struct',
      optional: avro.branches.some((branch) => branch.kind === 'null'),
      name,
      parameters: generalizesSumTypes ? { [GENERAL_UNION_PARAMETER]: name } : {},
      fields,
    };
  }

  #describe(avro: AvroSchema, draft: Draft, demands: Demands): void {
    const { discardsTypeDoc, hasMetaData } = this.#settings;
    const own = textProp(avro, 'connect.doc');
    const typeDoc = 'doc' in avro ? avro.doc : undefined;
    const doc = discardsTypeDoc ? (demands.doc ?? typeDoc ?? own) : hasMetaData ? own : undefined;
    if (doc !== undefined) draft.doc = doc;
    if (discardsTypeDoc && hasMetaData && typeDoc !== undefined)
      draft.parameters['connect.record.doc'] = typeDoc;
    const version = propsOf(avro)?.get('connect.version') ?? demands.version;
    // The version of a logical type is fixed.
    if (typeof version === 'number') draft.version ??= version;
    const parameters = propsOf(avro)?.get('connect.parameters');
    if (hasMetaData && typeof parameters === 'object' && parameters !== null)
      Object.assign(draft.parameters, textsOf(parameters));
    for (const [key, value] of propsOf(avro) ?? [])
      if (key.startsWith('avro'))
        draft.parameters[key] = typeof value === 'string' ? value : JSON.stringify(value);
    const isOfField =
      demands.default !== undefined && propsOf(avro)?.get('connect.default') === undefined;
    if (isOfField && !discardsTypeDoc && hasMetaData)
      draft.parameters[FIELD_DEFAULT_PARAMETER] = 'true';
  }

  #setDefault(avro: AvroSchema, schema: Schema, demands: Demands): void {
    const json = demands.default ?? propsOf(avro)?.get('connect.default');
    if (json === undefined || json === null) return;
    const value = defaultFromAvro(schema, avro, json, this.#settings);
    // A default that does not fit is left out, as there.
    if (value !== undefined && value !== null) Object.assign(schema, { default: value });
  }

  #nameOf(avro: AvroSchema, draft: Draft): string | undefined {
    const own = propsOf(avro)?.get('connect.name');
    if (own !== undefined && typeof own !== 'string')
      throw badSchema('Invalid schema name: connect.name must be text');
    const isTypeNamed =
      avro.kind === 'record' ||
      avro.kind === 'enum' ||
      // The name of a fixed says nothing about a decimal.
      (avro.kind === 'fixed' && draft.name !== DECIMAL);
    const name = own ?? (isTypeNamed ? avro.name : undefined);
    if (name === undefined || name.startsWith(DEFAULT_NAME)) return draft.name;
    if (draft.name !== undefined && draft.name !== name)
      throw badSchema(
        `Mismatched names: name already added to SchemaBuilder (${draft.name}) differs from name in source schema (${name})`,
      );
    return name;
  }
}

function decimalDraft(avro: AvroSchema): Draft {
  const scale = propsOf(avro)?.get('scale');
  const precision = propsOf(avro)?.get('precision');
  if (precision !== undefined && typeof precision !== 'number')
    throw badSchema('precision property must be a JSON Integer');
  const parameters: Record<string, string> = {
    scale: String(typeof scale === 'number' ? scale : 0),
  };
  if (precision !== undefined && precision !== PRECISION_DEFAULT)
    parameters[PRECISION_PARAMETER] = String(precision);
  return { type: 'bytes', optional: false, name: DECIMAL, version: 1, parameters };
}

function textsOf(node: object): Record<string, string> {
  for (const value of Object.values(node))
    if (typeof value !== 'string')
      throw badSchema('Expected schema parameter values to be strings');
  return { ...node };
}

function built({ parameters, ...draft }: Draft): Schema {
  const named: Pick<SchemaAttributes, 'parameters'> =
    Object.keys(parameters).length === 0 ? {} : { parameters };
  return asSchema({ ...draft, ...named });
}

/** A draft is given the parts of its type where it is made. */
function asSchema(draft: Omit<Draft, 'parameters'>): Schema {
  return draft as Schema;
}
