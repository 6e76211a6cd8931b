import { isJsonArray, isJsonObject, JsonNumber, javaDouble, printJson } from '../json/json.ts';
import type { Json, JsonObject } from '../json/json.ts';
import { parseJson } from '../json/parse-json.ts';
import { checkDefault } from './defaults.ts';
import {
  fullNameOf,
  isPrimitiveName,
  isRecord,
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroNamed,
  type AvroRecord,
  type AvroType,
} from './model.ts';
import { checkName, splitName, type SplitName } from './names.ts';
import { printAvro } from './print-avro.ts';

const NOT_PROPERTIES = new Set([
  ...['doc', 'fields', 'items', 'name', 'namespace', 'size', 'symbols', 'values', 'type'],
  'aliases',
]);
const NOT_ENUM_PROPERTIES = new Set([...NOT_PROPERTIES, 'default']);
const NOT_FIELD_PROPERTIES = new Set(['default', 'doc', 'name', 'order', 'type', 'aliases']);

const ORDERS = ['ascending', 'descending', 'ignore'];
const INT_MAX = 2 ** 31 - 1;

/**
 * Parses schemas into one set of names, so that a later one may use what an earlier one has defined.
 * Its errors are worded as those of Java's Avro, which users look up.
 */
export class AvroParser {
  readonly #isNew: boolean;
  readonly #named = new Map<string, AvroNamed>();
  /** Names that were used before anything of that name was defined. */
  readonly #missing = new Map<AvroType, { readonly fullName: string; readonly name: string }>();

  constructor(isNew: boolean) {
    this.#isNew = isNew;
  }

  /** @throws Error in Avro's words */
  parse(text: string): AvroType {
    const parsed = this.#type(parseJson(text), undefined);
    this.#fillGaps(parsed);
    return this.#resolved(parsed);
  }

  #type(json: Json, around: string | undefined): AvroType {
    if (typeof json === 'string') return this.#byName(json, around);
    if (isJsonArray(json)) return this.#union(json, around);
    if (!isJsonObject(json)) throw new Error(`Schema not yet supported: ${printJson(json)}`);
    const kind = requiredText(json, 'type', 'No type');
    if (isPrimitiveName(kind)) return { kind, properties: propertiesOf(json, NOT_PROPERTIES) };
    if (kind === 'record' || kind === 'error') return this.#record(json, kind, around);
    if (kind === 'enum') return this.#enum(json, around);
    if (kind === 'fixed') return this.#fixed(json, around);
    const properties = propertiesOf(json, NOT_PROPERTIES);
    if (kind === 'array') return { kind, items: this.#inner(json, 'items', around), properties };
    if (kind === 'map') return { kind, values: this.#inner(json, 'values', around), properties };
    throw new Error(
      'A schema "type" MUST be a primitive type or one of "enum", "fixed", "record", "error", "array" or "map".',
    );
  }

  #inner(json: JsonObject, member: 'items' | 'values', around: string | undefined): AvroType {
    const inner = json.get(member);
    if (inner !== undefined) return this.#type(inner, around);
    const what = member === 'items' ? 'Array has no items type' : 'Map has no values type';
    throw new Error(`${what}: ${printJson(json)}`);
  }

  #byName(name: string, around: string | undefined): AvroType {
    if (isPrimitiveName(name)) return { kind: name, properties: new Map() };
    const fullName = around === undefined || name.includes('.') ? name : `${around}.${name}`;
    const known = this.#named.get(fullName) ?? this.#named.get(name);
    if (known !== undefined) return known;
    const gap: AvroType = { kind: 'null', properties: new Map() };
    this.#missing.set(gap, { fullName, name });
    return gap;
  }

  #union(branches: readonly Json[], around: string | undefined): AvroType {
    const types = branches.map((branch) => this.#type(branch, around));
    const seen = new Set<string>();
    for (const type of types) {
      if (type.kind === 'union') throw new Error(`Nested union: ${printJson(branches)}`);
      const name =
        this.#missing.get(type)?.fullName ?? ('name' in type ? fullNameOf(type) : type.kind);
      if (seen.has(name)) throw new Error(`Duplicate in union:${name}`);
      seen.add(name);
    }
    return { kind: 'union', types };
  }

  #record(json: JsonObject, kind: 'record' | 'error', around: string | undefined): AvroRecord {
    const named = this.#namedParts(json, around, NOT_PROPERTIES);
    const record: AvroRecord = { kind, ...named, fields: [] };
    const fields = json.get('fields');
    if (!isJsonArray(fields)) throw new Error(`Record has no fields: ${printJson(json)}`);
    // Known before its fields are read: a record may contain itself.
    const known = this.#define(record);
    record.fields = fields.map((field) => this.#field(field, named.namespace));
    const names = new Set<string>();
    for (const { name } of record.fields) {
      if (names.has(name))
        throw new Error(`Duplicate field ${name} in record ${fullNameOf(record)}`);
      names.add(name);
    }
    return this.#sameAs(known, record);
  }

  #field(json: Json, around: string | undefined): AvroField {
    if (!isJsonObject(json)) throw new Error(`No field name: ${printJson(json)}`);
    const name = checkName(requiredText(json, 'name', 'No field name'), { isNew: this.#isNew });
    const typeJson = json.get('type');
    if (typeJson === undefined) throw new Error(`No field type: ${printJson(json)}`);
    const type = this.#type(typeJson, around);
    const order = (textOf(json, 'order') ?? 'ascending').toLowerCase();
    if (!ORDERS.includes(order)) throw new Error(`Invalid order ${order} of field ${name}`);
    return {
      name,
      type,
      doc: textOf(json, 'doc'),
      default: numericDefault(type, json.get('default')),
      order,
      aliases: aliasesOf(json),
      properties: propertiesOf(json, NOT_FIELD_PROPERTIES),
    };
  }

  #enum(json: JsonObject, around: string | undefined): AvroEnum {
    const named = this.#namedParts(json, around, NOT_ENUM_PROPERTIES);
    const given = json.get('symbols');
    if (!isJsonArray(given)) throw new Error(`Enum has no symbols: ${printJson(json)}`);
    const symbols = given.map((symbol) => {
      if (typeof symbol !== 'string') throw new Error(`Null name in ${printJson(json)}`);
      return checkName(symbol, { isNew: this.#isNew });
    });
    const twice = symbols.find((symbol, index) => symbols.indexOf(symbol) !== index);
    if (twice !== undefined) throw new Error(`Duplicate enum symbol: ${twice}`);
    const fallback = textOf(json, 'default');
    if (fallback !== undefined && !symbols.includes(fallback))
      throw new Error(
        `The Enum Default: ${fallback} is not in the enum symbol set: [${symbols.join(', ')}]`,
      );
    const type: AvroEnum = { kind: 'enum', ...named, symbols, default: fallback };
    return this.#sameAs(this.#define(type), type);
  }

  #fixed(json: JsonObject, around: string | undefined): AvroFixed {
    const named = this.#namedParts(json, around, NOT_PROPERTIES);
    const size = json.get('size');
    if (!(size instanceof JsonNumber) || !size.isInteger || size.value < 0 || size.value > INT_MAX)
      throw new Error(`Invalid or no size: ${printJson(json)}`);
    const type: AvroFixed = { kind: 'fixed', ...named, size: size.value };
    return this.#sameAs(this.#define(type), type);
  }

  #namedParts(json: JsonObject, around: string | undefined, reserved: ReadonlySet<string>) {
    const namespaceGiven = textOf(json, 'namespace') ?? around;
    const { name, namespace } = this.#name(
      requiredText(json, 'name', 'No name in schema'),
      namespaceGiven,
    );
    return {
      name,
      namespace,
      doc: textOf(json, 'doc'),
      aliases: aliasesOf(json).map((alias) => fullNameOf(splitName(alias, namespace))),
      properties: propertiesOf(json, reserved),
    };
  }

  #name(text: string, around: string | undefined): SplitName {
    const split = splitName(text, around);
    checkName(split.name, { isNew: this.#isNew });
    if (this.#isNew)
      for (const part of split.namespace?.split('.') ?? []) checkName(part, { isNew: true });
    if (isPrimitiveName(fullNameOf(split)))
      throw new Error(`Schemas may not be named after primitives: ${fullNameOf(split)}`);
    return split;
  }

  /** @returns what had the name before, if anything did */
  #define(type: AvroNamed): AvroNamed | undefined {
    const known = this.#named.get(fullNameOf(type));
    if (known === undefined) this.#named.set(fullNameOf(type), type);
    return known;
  }

  /** The same definition may stand twice, say in two references; another one under the same name may not. */
  #sameAs<T extends AvroNamed>(known: AvroNamed | undefined, type: T): T {
    if (known !== undefined && printAvro(known) !== printAvro(type))
      throw new Error(`Can't redefine: ${fullNameOf(type)}`);
    return type;
  }

  #resolved(type: AvroType): AvroType {
    const gap = this.#missing.get(type);
    if (gap === undefined) return type;
    const found = this.#named.get(gap.fullName) ?? this.#named.get(gap.name);
    if (found === undefined) throw new Error(`Undefined schema: ${gap.fullName}`);
    return found;
  }

  /** Names used before they were defined now lead there, and defaults can be checked. */
  #fillGaps(root: AvroType): void {
    const seen = new Set<AvroType>();
    const visit = (type: AvroType): void => {
      if (seen.has(type)) return;
      seen.add(type);
      if (type.kind === 'array') visit((type.items = this.#resolved(type.items)));
      else if (type.kind === 'map') visit((type.values = this.#resolved(type.values)));
      else if (type.kind === 'union') {
        type.types = type.types.map((branch) => this.#resolved(branch));
        for (const branch of type.types) visit(branch);
      } else if (isRecord(type))
        for (const field of type.fields) visit((field.type = this.#resolved(field.type)));
    };
    visit(root);
    for (const type of this.#named.values()) visit(type);
    if (!this.#isNew) return;
    for (const type of this.#named.values())
      if (isRecord(type)) for (const field of type.fields) checkDefault(field);
  }
}

/** Avro's Java reads a number in quotes as the default of a float or double. */
function numericDefault(type: AvroType, value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || (type.kind !== 'float' && type.kind !== 'double')) return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : new JsonNumber(javaDouble(number), false);
}

function propertiesOf(json: JsonObject, reserved: ReadonlySet<string>): JsonObject {
  return new Map([...json].filter(([name]) => !reserved.has(name)));
}

function aliasesOf(json: JsonObject): readonly string[] {
  const aliases = json.get('aliases');
  if (aliases === undefined) return [];
  if (!isJsonArray(aliases)) throw new Error(`aliases not an array: ${printJson(json)}`);
  const texts = aliases.map((alias) => {
    if (typeof alias !== 'string') throw new Error(`alias not a string: ${printJson(alias)}`);
    return alias;
  });
  return [...new Set(texts)];
}

function requiredText(json: JsonObject, member: string, problem: string): string {
  const text = textOf(json, member);
  if (text === undefined) throw new Error(`${problem}: ${printJson(json)}`);
  return text;
}

function textOf(json: JsonObject, member: string): string | undefined {
  const value = json.get(member);
  return typeof value === 'string' ? value : undefined;
}
