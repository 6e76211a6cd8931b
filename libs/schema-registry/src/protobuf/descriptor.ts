import descriptor from 'protobufjs/ext/descriptor.js';
import { isFields, listOf, namesOf, numberOf, textOf, type Fields } from './descriptor-fields.ts';
import {
  messageToDescriptor,
  enumToDescriptor,
  serviceToDescriptor,
  optionsToDescriptor,
  extendsToDescriptor,
} from './descriptor-writer.ts';
import type {
  ProtoConstant,
  ProtoEnum,
  ProtoExtend,
  ProtoField,
  ProtoFile,
  ProtoLabel,
  ProtoMessage,
  ProtoMethod,
  ProtoOption,
  ProtoRange,
  ProtoService,
  ProtoType,
} from './model.ts';
import type { TypeIndex } from './type-index.ts';

const TYPES = [
  ...['', 'double', 'float', 'int64', 'uint64', 'int32', 'fixed64', 'fixed32', 'bool', 'string'],
  ...['group', 'message', 'bytes', 'uint32', 'enum', 'sfixed32', 'sfixed64', 'sint32', 'sint64'],
];
const LABELS: readonly (ProtoLabel | undefined)[] = [undefined, 'optional', 'required', 'repeated'];

/** Of a `FileDescriptorProto` in Base64; undefined when the text is none. Custom options are not kept. */
export function fileFromDescriptor(text: string): ProtoFile | undefined {
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return undefined;
  try {
    const message = descriptor.FileDescriptorProto.decode(Buffer.from(text, 'base64'));
    const fields: unknown = descriptor.FileDescriptorProto.toObject(message, {
      enums: String,
      longs: String,
    });
    return isFields(fields) && Object.keys(fields).length > 0 ? readFile(fields) : undefined;
  } catch {
    return undefined; // not a descriptor: said as what it was first taken for
  }
}

/** As a `FileDescriptorProto` in Base64. */
export function fileToDescriptor(file: ProtoFile, index: TypeIndex): string {
  const scope = index.packageName;
  const isProto3 = file.syntax === 'proto3';
  const fields = {
    name: 'default',
    package: file.packageName,
    dependency: [...file.imports, ...file.publicImports],
    publicDependency: file.publicImports.map((_path, at) => file.imports.length + at),
    messageType: file.types
      .filter((type) => type.kind === 'message')
      .map((type) => messageToDescriptor(type, { scope, index, isProto3 })),
    enumType: file.types.filter((type) => type.kind === 'enum').map(enumToDescriptor),
    service: file.services.map((service) =>
      serviceToDescriptor(service, { scope, index, isProto3 }),
    ),
    extension: extendsToDescriptor(file.extends, { scope, index, isProto3 }),
    options: optionsToDescriptor(file.options, 'FileOptions'),
    syntax: isProto3 ? 'proto3' : undefined,
  };
  const message = descriptor.FileDescriptorProto.fromObject(fields);
  return Buffer.from(descriptor.FileDescriptorProto.encode(message).finish()).toString('base64');
}

function readFile(file: Fields): ProtoFile {
  const isProto3 = textOf(file, 'syntax') === 'proto3';
  const dependencies = namesOf(file, 'dependency');
  const publicAt = new Set(
    Array.isArray(file['publicDependency']) ? (file['publicDependency'] as readonly unknown[]) : [],
  );
  return {
    syntax: textOf(file, 'syntax'),
    edition: undefined,
    packageName: textOf(file, 'package'),
    imports: dependencies.filter((_path, at) => !publicAt.has(at)),
    publicImports: dependencies.filter((_path, at) => publicAt.has(at)),
    options: readOptions(file),
    types: readTypes(file, 'messageType', isProto3),
    extends: readExtends(file, isProto3),
    services: listOf(file, 'service').map(readService),
  };
}

function readTypes(
  fields: Fields,
  messages: 'messageType' | 'nestedType',
  isProto3: boolean,
): readonly ProtoType[] {
  return [
    ...listOf(fields, messages).map((message) => readMessage(message, isProto3)),
    ...listOf(fields, 'enumType').map(readEnum),
  ];
}

function readMessage(message: Fields, isProto3: boolean): ProtoMessage {
  const all = listOf(message, 'field');
  const isInOneof = (field: Fields): boolean =>
    field['oneofIndex'] !== undefined && field['proto3Optional'] !== true;
  const oneofs = listOf(message, 'oneofDecl').map((oneof, index) => ({
    name: textOf(oneof, 'name') ?? '',
    fields: all
      .filter((field) => isInOneof(field) && numberOf(field, 'oneofIndex') === index)
      .map((field) => ({ ...readField(field, isProto3), label: undefined })),
    groups: [],
    options: readOptions(oneof),
  }));
  return {
    kind: 'message',
    name: textOf(message, 'name') ?? '',
    fields: all.filter((field) => !isInOneof(field)).map((field) => readField(field, isProto3)),
    // Those of optional fields are only there for older compilers.
    oneofs: oneofs.filter((oneof) => oneof.fields.length > 0),
    groups: [],
    reserved: readReserved(message),
    extensions: listOf(message, 'extensionRange').map((range) => ({
      ranges: [rangeOf(range, 1)],
      options: [],
    })),
    extends: readExtends(message, isProto3),
    types: readTypes(message, 'nestedType', isProto3),
    options: readOptions(message),
  };
}

function readField(field: Fields, isProto3: boolean): ProtoField {
  const jsonName = textOf(field, 'jsonName');
  const byDefault = isProto3 ? undefined : textOf(field, 'defaultValue');
  const type = nameIn(field, 'type', 'TYPE_', TYPES);
  return {
    label: labelOf(field, isProto3),
    type: textOf(field, 'typeName') ?? type,
    name: textOf(field, 'name') ?? '',
    tag: numberOf(field, 'number'),
    options: [
      ...readOptions(field),
      ...(byDefault === undefined ? [] : [option('default', byDefault, type === 'string')]),
      ...(jsonName === undefined ? [] : [option('json_name', jsonName, true)]),
    ],
  };
}

function labelOf(field: Fields, isProto3: boolean): ProtoLabel | undefined {
  if (field['proto3Optional'] === true) return 'optional';
  const label = LABELS.find(
    (each) => each === nameIn(field, 'label', 'LABEL_', ['', 'optional', 'required', 'repeated']),
  );
  return isProto3 && label !== 'repeated' ? undefined : label;
}

/** An enum of the descriptor by its name or by its number. */
function nameIn(fields: Fields, name: string, prefix: string, byNumber: readonly string[]): string {
  const value = fields[name];
  if (typeof value === 'number') return byNumber[value] ?? '';
  return typeof value === 'string' ? value.replace(prefix, '').toLowerCase() : '';
}

function readEnum(type: Fields): ProtoEnum {
  return {
    kind: 'enum',
    name: textOf(type, 'name') ?? '',
    constants: listOf(type, 'value').map((value): ProtoConstant => ({
      name: textOf(value, 'name') ?? '',
      tag: numberOf(value, 'number'),
      options: readOptions(value),
    })),
    reserved: [
      ...listOf(type, 'reservedRange').map((range) => [rangeOf(range, 0)]),
      ...namesOf(type, 'reservedName').map((name) => [name]),
    ],
    options: readOptions(type),
  };
}

function readReserved(message: Fields): readonly (readonly ProtoRange[])[] {
  return [
    ...listOf(message, 'reservedRange').map((range) => [rangeOf(range, 1)]),
    ...namesOf(message, 'reservedName').map((name) => [name]),
  ];
}

/** Of messages the end is not included, of enums it is. */
function rangeOf(range: Fields, excluded: number): ProtoRange {
  const from = numberOf(range, 'start');
  const to = numberOf(range, 'end') - excluded;
  return from === to ? from : { from, to };
}

function readExtends(fields: Fields, isProto3: boolean): readonly ProtoExtend[] {
  const byName = new Map<string, ProtoField[]>();
  for (const field of listOf(fields, 'extension')) {
    const name = textOf(field, 'extendee') ?? '';
    byName.set(name, [...(byName.get(name) ?? []), readField(field, isProto3)]);
  }
  return [...byName].map(([name, extended]) => ({ name, fields: extended }));
}

function readService(service: Fields): ProtoService {
  return {
    name: textOf(service, 'name') ?? '',
    options: readOptions(service),
    methods: listOf(service, 'method').map((method): ProtoMethod => ({
      name: textOf(method, 'name') ?? '',
      requestType: textOf(method, 'inputType') ?? '',
      responseType: textOf(method, 'outputType') ?? '',
      isRequestStreaming: method['clientStreaming'] === true,
      isResponseStreaming: method['serverStreaming'] === true,
      options: readOptions(method),
    })),
  };
}

function readOptions(fields: Fields): readonly ProtoOption[] {
  const options = fields['options'];
  if (!isFields(options)) return [];
  return Object.entries(options).flatMap(([name, value]) => {
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number')
      return [];
    const isText = typeof value === 'string' && !ENUM_OPTIONS.has(name);
    return [option(snakeCase(name), String(value), isText)];
  });
}

const ENUM_OPTIONS = new Set(['optimizeFor', 'ctype', 'jstype', 'retention', 'idempotencyLevel']);

function option(name: string, text: string, isText: boolean): ProtoOption {
  return { name, isExtension: false, value: { kind: isText ? 'string' : 'word', text } };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
