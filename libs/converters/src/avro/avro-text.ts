import { doubleText, NumberText, stringText } from '@millrace/record';
import { badSchema } from '../errors.ts';
import {
  namespaceOf,
  simpleNameOf,
  type AvroField,
  type AvroNamed,
  type AvroSchema,
  type Json,
  type Props,
} from './avro-schema.ts';

/**
 * The JSON of a schema with attributes in the order in which Avro's Java library writes them: registries compare texts,
 * and a schema that a JVM has registered must get the same id from us.
 */
export function avroText(schema: AvroSchema): string {
  return writeSchema(schema, '', new Map());
}

/** Named types are written out once, and by name from then on. */
type Written = Map<string, AvroNamed>;

function writeSchema(schema: AvroSchema, namespace: string, written: Written): string {
  switch (schema.kind) {
    case 'union':
      return `[${schema.branches.map((each) => writeSchema(each, namespace, written)).join(',')}]`;
    case 'array':
      return object([
        ['type', '"array"'],
        ['items', writeSchema(schema.items, namespace, written)],
        ...writeProps(schema.props),
      ]);
    case 'map':
      return object([
        ['type', '"map"'],
        ['values', writeSchema(schema.values, namespace, written)],
        ...writeProps(schema.props),
      ]);
    case 'record':
    case 'enum':
    case 'fixed':
      return writeNamed(schema, namespace, written);
    default:
      return schema.props.size === 0
        ? stringText(schema.kind)
        : object([['type', stringText(schema.kind)], ...writeProps(schema.props)]);
  }
}

function writeNamed(schema: AvroNamed, outer: string, written: Written): string {
  const namespace = namespaceOf(schema.name);
  const known = written.get(schema.name);
  if (known !== undefined) {
    if (known !== schema && standalone(known) !== standalone(schema))
      throw badSchema(
        `Can't redefine: ${schema.name}: the schema has two different types of this name`,
      );
    return stringText(namespace === outer ? simpleNameOf(schema.name) : schema.name);
  }
  written.set(schema.name, schema);
  const head: Member[] = [
    ['type', stringText(schema.kind)],
    ['name', stringText(simpleNameOf(schema.name))],
  ];
  if (namespace !== outer) head.push(['namespace', stringText(namespace)]);
  if (schema.doc !== undefined) head.push(['doc', stringText(schema.doc)]);
  return object([...head, ...bodyOf(schema, namespace, written), ...writeProps(schema.props)]);
}

function bodyOf(schema: AvroNamed, namespace: string, written: Written): Member[] {
  switch (schema.kind) {
    case 'record': {
      const fields = schema.fields.map((field) => writeField(field, namespace, written));
      return [['fields', `[${fields.join(',')}]`]];
    }
    case 'enum': {
      const symbols: Member = ['symbols', `[${schema.symbols.map(stringText).join(',')}]`];
      return schema.default === undefined
        ? [symbols]
        : [symbols, ['default', stringText(schema.default)]];
    }
    case 'fixed':
      return [['size', String(schema.size)]];
  }
}

function writeField(field: AvroField, namespace: string, written: Written): string {
  const members: Member[] = [
    ['name', stringText(field.name)],
    ['type', writeSchema(field.schema, namespace, written)],
  ];
  if (field.doc !== undefined) members.push(['doc', stringText(field.doc)]);
  if (field.default !== undefined) members.push(['default', jsonOf(field.default)]);
  return object([...members, ...writeProps(field.props)]);
}

function standalone(schema: AvroNamed): string {
  return writeSchema(schema, '', new Map());
}

type Member = readonly [name: string, text: string];

function object(members: readonly Member[]): string {
  return `{${members.map(([name, text]) => `${stringText(name)}:${text}`).join(',')}}`;
}

function writeProps(props: Props): Member[] {
  return [...props].map(([name, value]) => [name, jsonOf(value)]);
}

function jsonOf(value: Json): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : doubleText(value);
  if (typeof value === 'string') return stringText(value);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return object(Object.entries(value).map(([name, each]) => [name, jsonOf(each)]));
  return value === true ? 'true' : value === false ? 'false' : 'null';
}
