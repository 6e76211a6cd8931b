import descriptor from 'protobufjs/ext/descriptor.js';
import {
  findOption,
  isScalar,
  mapTypes,
  TAG_MAX,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoMessage,
  type ProtoOption,
  type ProtoRange,
  type ProtoService,
} from './model.ts';
import type { TypeIndex } from './type-index.ts';

/** Where a type stands, and what it can name. */
export interface WriteContext {
  readonly scope: string;
  readonly index: TypeIndex;
  readonly isProto3: boolean;
}

type Descriptor = Readonly<Record<string, unknown>>;

export function messageToDescriptor(message: ProtoMessage, around: WriteContext): Descriptor {
  const scope = around.scope === '' ? message.name : `${around.scope}.${message.name}`;
  const context = { ...around, scope };
  const isOptional = (field: ProtoField): boolean => context.isProto3 && field.label === 'optional';
  // An optional field of proto3 stands alone in a oneof that only the descriptor has.
  const optional = message.fields.filter(isOptional);
  const fields = [
    ...message.fields.map((field) => ({
      ...fieldToDescriptor(field, context),
      ...(isOptional(field)
        ? { proto3Optional: true, oneofIndex: message.oneofs.length + optional.indexOf(field) }
        : {}),
    })),
    ...message.oneofs.flatMap((oneof, oneofIndex) =>
      oneof.fields.map((field) => ({ ...fieldToDescriptor(field, context), oneofIndex })),
    ),
  ];
  const maps = message.fields.flatMap((field) => {
    const map = mapTypes(field.type);
    return map === undefined ? [] : [mapEntryToDescriptor(field.name, map, context)];
  });
  return {
    name: message.name,
    field: fields,
    nestedType: [
      ...message.types
        .filter((type) => type.kind === 'message')
        .map((type) => messageToDescriptor(type, context)),
      ...maps,
    ],
    enumType: message.types.filter((type) => type.kind === 'enum').map(enumToDescriptor),
    oneofDecl: [
      ...message.oneofs.map(({ name }) => ({ name })),
      ...optional.map(({ name }) => ({ name: `_${name}` })),
    ],
    extensionRange: message.extensions.flatMap(({ ranges }) => rangesOf(ranges, 1)),
    extension: extendsToDescriptor(message.extends, context),
    reservedRange: message.reserved.flatMap((ranges) => rangesOf(ranges, 1)),
    reservedName: message.reserved.flat().filter((range) => typeof range === 'string'),
    options: optionsToDescriptor(message.options, 'MessageOptions'),
  };
}

function fieldToDescriptor(field: ProtoField, context: WriteContext): Descriptor {
  const isMap = mapTypes(field.type) !== undefined;
  const byDefault = findOption(field.options, 'default');
  const jsonName = findOption(field.options, 'json_name');
  return {
    name: field.name,
    number: field.tag,
    label: `LABEL_${(isMap ? 'repeated' : (field.label ?? 'optional')).toUpperCase()}`,
    ...(isMap
      ? { type: 'TYPE_MESSAGE', typeName: `.${context.scope}.${entryName(field.name)}` }
      : typeToDescriptor(field.type, context)),
    ...(byDefault !== undefined && 'text' in byDefault ? { defaultValue: byDefault.text } : {}),
    jsonName: jsonName?.kind === 'string' ? jsonName.text : camelCase(field.name),
    options: optionsToDescriptor(field.options, 'FieldOptions'),
  };
}

function typeToDescriptor(type: string, { index, scope }: WriteContext): Descriptor {
  if (isScalar(type)) return { type: `TYPE_${type.toUpperCase()}` };
  const found = index.find(type, scope);
  return {
    type: found?.isEnum === true ? 'TYPE_ENUM' : 'TYPE_MESSAGE',
    typeName: `.${found?.fullName ?? type}`,
  };
}

function mapEntryToDescriptor(
  name: string,
  [key, value]: readonly [string, string],
  context: WriteContext,
): Descriptor {
  const part = (field: string, tag: number, type: string): Descriptor => ({
    name: field,
    number: tag,
    label: 'LABEL_OPTIONAL',
    jsonName: field,
    ...typeToDescriptor(type, context),
  });
  return {
    name: entryName(name),
    field: [part('key', 1, key), part('value', 2, value)],
    options: { mapEntry: true },
  };
}

export function enumToDescriptor(type: ProtoEnum): Descriptor {
  return {
    name: type.name,
    value: type.constants.map(({ name, tag, options }) => ({
      name,
      number: tag,
      options: optionsToDescriptor(options, 'EnumValueOptions'),
    })),
    reservedRange: type.reserved.flatMap((ranges) => rangesOf(ranges, 0)),
    reservedName: type.reserved.flat().filter((range) => typeof range === 'string'),
    options: optionsToDescriptor(type.options, 'EnumOptions'),
  };
}

export function serviceToDescriptor(service: ProtoService, context: WriteContext): Descriptor {
  const typeName = (type: string): string =>
    `.${context.index.find(type, context.scope)?.fullName ?? type}`;
  return {
    name: service.name,
    method: service.methods.map((method) => ({
      name: method.name,
      inputType: typeName(method.requestType),
      outputType: typeName(method.responseType),
      clientStreaming: method.isRequestStreaming,
      serverStreaming: method.isResponseStreaming,
      options: optionsToDescriptor(method.options, 'MethodOptions'),
    })),
    options: optionsToDescriptor(service.options, 'ServiceOptions'),
  };
}

export function extendsToDescriptor(
  extended: readonly ProtoExtend[],
  context: WriteContext,
): readonly Descriptor[] {
  return extended.flatMap(({ name, fields }) =>
    fields.map((field) => ({
      ...fieldToDescriptor(field, context),
      extendee: `.${context.index.find(name, context.scope)?.fullName ?? name}`,
    })),
  );
}

type OptionsName =
  | 'FileOptions'
  | 'MessageOptions'
  | 'FieldOptions'
  | 'EnumOptions'
  | 'EnumValueOptions'
  | 'ServiceOptions'
  | 'MethodOptions';

/** The options that `descriptor.proto` itself declares. */
export function optionsToDescriptor(
  options: readonly ProtoOption[],
  name: OptionsName,
): Descriptor | undefined {
  const { fields } = descriptor[name];
  const known = options.flatMap((option): [string, unknown][] => {
    const member = camelCase(option.name);
    const field = fields[member];
    if (option.isExtension || field === undefined || !('text' in option.value)) return [];
    return [[member, field.type === 'bool' ? option.value.text === 'true' : option.value.text]];
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** Of messages the end is not included, of enums it is. */
function rangesOf(ranges: readonly ProtoRange[], excluded: number): readonly Descriptor[] {
  return ranges.flatMap((range) => {
    if (typeof range === 'string') return [];
    const { from, to } = typeof range === 'number' ? { from: range, to: range } : range;
    return [{ start: from, end: Math.min(to, TAG_MAX) + excluded }];
  });
}

/** As protoc names the message of a map's entries. */
function entryName(field: string): string {
  const camel = camelCase(field);
  return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-zA-Z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
