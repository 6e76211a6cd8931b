import { printJson, quoteJson, type JsonObject } from '../json/json.ts';
import {
  fullNameOf,
  isNamed,
  isPrimitiveName,
  isRecord,
  type AvroField,
  type AvroNamed,
  type AvroType,
} from './model.ts';

/**
 * As `Schema.toString` of Java's Avro writes it: that is Confluent's canonical text, by which a schema is found again.
 * @param known full names that are defined elsewhere (by references), and only named here
 */
export function printAvro(type: AvroType, known: Iterable<string> = []): string {
  return print(type, new Set(known), undefined);
}

function print(type: AvroType, known: Set<string>, around: string | undefined): string {
  if (isNamed(type)) return printNamed(type, known, around);
  switch (type.kind) {
    case 'union':
      return `[${type.types.map((branch) => print(branch, known, around)).join(',')}]`;
    case 'array':
      return `{"type":"array","items":${print(type.items, known, around)}${members(type.properties)}}`;
    case 'map':
      return `{"type":"map","values":${print(type.values, known, around)}${members(type.properties)}}`;
    default:
      if (type.properties.size === 0) return `"${type.kind}"`;
      return `{"type":"${type.kind}"${members(type.properties)}}`;
  }
}

function printNamed(type: AvroNamed, known: Set<string>, around: string | undefined): string {
  const fullName = fullNameOf(type);
  if (known.has(fullName)) return quoteJson(qualified(fullName, around));
  known.add(fullName);
  const parts = [`"type":"${type.kind}"`, `"name":${quoteJson(type.name)}`];
  if (type.namespace !== around) parts.push(`"namespace":${quoteJson(type.namespace ?? '')}`);
  if (type.doc !== undefined) parts.push(`"doc":${quoteJson(type.doc)}`);
  if (isRecord(type)) {
    const fields = type.fields.map((field) => printField(field, known, type.namespace));
    parts.push(`"fields":[${fields.join(',')}]`);
  } else if (type.kind === 'enum') {
    parts.push(`"symbols":[${type.symbols.map(quoteJson).join(',')}]`);
    if (type.default !== undefined) parts.push(`"default":${quoteJson(type.default)}`);
  } else parts.push(`"size":${type.size}`);
  const aliases = type.aliases.map((alias) => quoteJson(qualified(alias, type.namespace)));
  const end = aliases.length === 0 ? '' : `,"aliases":[${aliases.join(',')}]`;
  return `{${parts.join(',')}${members(type.properties)}${end}}`;
}

function printField(field: AvroField, known: Set<string>, around: string | undefined): string {
  const parts = [
    `"name":${quoteJson(field.name)}`,
    `"type":${print(field.type, known, around)}`,
    ...(field.doc === undefined ? [] : [`"doc":${quoteJson(field.doc)}`]),
    ...(field.default === undefined ? [] : [`"default":${printJson(field.default)}`]),
    ...(field.order === 'ascending' ? [] : [`"order":"${field.order}"`]),
    ...(field.aliases.length === 0
      ? []
      : [`"aliases":[${field.aliases.map(quoteJson).join(',')}]`]),
  ];
  return `{${parts.join(',')}${members(field.properties)}}`;
}

function members(properties: JsonObject): string {
  return [...properties].map(([name, value]) => `,${quoteJson(name)}:${printJson(value)}`).join('');
}

const KINDS = new Set(['record', 'enum', 'array', 'map', 'union', 'fixed']);

/** Without the namespace where it is the one around; but a name that reads as a type keeps it. */
function qualified(fullName: string, around: string | undefined): string {
  const dot = fullName.lastIndexOf('.');
  const name = fullName.slice(dot + 1);
  if (dot < 0 || fullName.slice(0, dot) !== around) return fullName;
  return isPrimitiveName(name) || KINDS.has(name) ? fullName : name;
}
