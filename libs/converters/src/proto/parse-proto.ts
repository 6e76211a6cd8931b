import { MillraceError } from '@millrace/foundation';
import protobuf from 'protobufjs';
import { badSchema } from '../errors.ts';
import {
  KNOWN_TEXTS,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ScalarType,
} from './proto-model.ts';

const SCALARS: ReadonlySet<string> = new Set([
  'int32',
  'sint32',
  'sfixed32',
  'uint32',
  'fixed32',
  'int64',
  'sint64',
  'sfixed64',
  'uint64',
  'fixed64',
  'float',
  'double',
  'bool',
  'string',
  'bytes',
]);
/** Types that can't be written one after another without tags. */
const UNPACKABLE: ReadonlySet<string> = new Set(['string', 'bytes']);
/** INV-6: text in a registry is read by a recursive parser. */
const TEXT_CHARACTERS_MAX = 4 * 1024 * 1024;

/**
 * Reads a .proto file. `imports` are the texts of the files that it imports; those that every installation has are known.
 * @throws MillraceError `converter.bad_schema`
 */
export function parseProto(text: string, imports: ReadonlyMap<string, string>): ProtoFile {
  try {
    const sources = new Sources();
    const packageName = sources.add(text);
    const own = sources.typesOf(packageName);
    for (const each of imports.values()) sources.add(each);
    for (const each of KNOWN_TEXTS) sources.addMissing(each);
    const models = new ModelMaker(sources);
    return { packageName, messages: own.map((type) => models.message(type)) };
  } catch (error) {
    if (error instanceof MillraceError || !(error instanceof Error)) throw error;
    throw badSchema(`the Protobuf schema can not be read: ${error.message}`);
  }
}

/** Several files in one tree of names. */
class Sources {
  readonly #root = new protobuf.Root();
  readonly #proto3 = new Set<protobuf.Type>();
  readonly #seen = new Set<protobuf.Type>();

  /** The package of the file. */
  add(text: string): string {
    if (text.length > TEXT_CHARACTERS_MAX) throw badSchema('the Protobuf schema is too long');
    const { package: name } = protobuf.parse(text, this.#root, { keepCase: true });
    this.#mark(isProto3(text));
    return name ?? '';
  }

  /** A file that defines a known type itself keeps its own. */
  addMissing(text: string): void {
    const alone = new protobuf.Root();
    const { package: name } = protobuf.parse(text, alone, { keepCase: true });
    const source = alone.lookup(name ?? '');
    const target = this.#root.define(name ?? '');
    for (const each of source instanceof protobuf.Namespace ? source.nestedArray : []) {
      if (target.get(each.name) !== null) continue;
      each.parent?.remove(each);
      target.add(each);
    }
    this.#mark(true);
  }

  typesOf(packageName: string): protobuf.Type[] {
    return messagesOf(packageName === '' ? this.#root : this.#root.lookup(packageName));
  }

  isProto3(type: protobuf.Type): boolean {
    return this.#proto3.has(type);
  }

  #mark(isOfProto3: boolean): void {
    const root: protobuf.NamespaceBase = this.#root;
    for (const type of allTypes(root)) {
      if (this.#seen.has(type)) continue;
      this.#seen.add(type);
      if (isOfProto3) this.#proto3.add(type);
    }
  }
}

/** A file that says nothing is proto2. */
function isProto3(text: string): boolean {
  const bare = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '');
  return /^\s*syntax\s*=\s*["']proto3["']/.test(bare);
}

function messagesOf(scope: protobuf.ReflectionObject | null): protobuf.Type[] {
  if (!(scope instanceof protobuf.Namespace)) return [];
  return scope.nestedArray.filter((each) => each instanceof protobuf.Type);
}

function* allTypes(scope: protobuf.NamespaceBase): Iterable<protobuf.Type> {
  for (const each of scope.nestedArray) {
    if (each instanceof protobuf.Type) yield each;
    if (each instanceof protobuf.Namespace) yield* allTypes(each);
  }
}

class ModelMaker {
  readonly #messages = new Map<protobuf.Type, ProtoMessage>();
  readonly #enums = new Map<protobuf.Enum, ProtoEnum>();
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  message(type: protobuf.Type): ProtoMessage {
    const known = this.#messages.get(type);
    if (known !== undefined) return known;
    const isProto3 = this.#sources.isProto3(type);
    const message: ProtoMessage = {
      kind: 'message',
      fullName: type.fullName.slice(1),
      name: type.name,
      fields: [],
      oneofs: type.oneofsArray.filter((oneof) => !isSynthetic(oneof)).map((oneof) => oneof.name),
      nested: [],
    };
    this.#messages.set(type, message);
    for (const nested of messagesOf(type)) message.nested.push(this.message(nested));
    for (const field of type.fieldsArray) message.fields.push(this.#field(field, isProto3));
    return message;
  }

  #field(field: protobuf.Field, isProto3: boolean): ProtoField {
    field.resolve();
    const type = this.#typeOf(field, field.type);
    const { partOf } = field;
    const isProto3Optional = field.options?.['proto3_optional'] === true;
    const isRepeated = field.repeated || field.map;
    const isOptional = !isRepeated && (isProto3Optional || (!isProto3 && !field.required));
    const oneof = partOf !== null && !isSynthetic(partOf) ? partOf.name : undefined;
    const chosen: unknown = field.options?.['packed'];
    const canPack = typeof type === 'string' ? !UNPACKABLE.has(type) : type.kind === 'enum';
    return {
      name: field.name,
      tag: field.id,
      type: isMap(field) ? this.#entry(field, type) : type,
      isRepeated,
      isPacked:
        isRepeated && canPack && !field.map && (chosen === undefined ? isProto3 : chosen === true),
      hasPresence: isOptional || !isProto3,
      isOptional: isOptional && oneof === undefined,
      isProto3Optional,
      oneof,
      parameters: parametersOf(field),
      default: field.options?.['default'],
    };
  }

  /** A map is a repeated message with key and value, on the wire and for Confluent's converters. */
  #entry(
    field: protobuf.Field & { readonly keyType: string },
    value: ProtoField['type'],
  ): ProtoMessage {
    const name = `${field.name.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase())}Entry`;
    const member = (memberName: string, tag: number, type: ProtoField['type']): ProtoField => ({
      name: memberName,
      tag,
      type,
      isRepeated: false,
      isPacked: false,
      hasPresence: false,
      isOptional: false,
      isProto3Optional: false,
      oneof: undefined,
      parameters: new Map(),
      default: undefined,
    });
    const key = this.#typeOf(field, field.keyType);
    return {
      kind: 'message',
      fullName: `${field.parent?.fullName.slice(1) ?? ''}.${name}`,
      name,
      fields: [member('key', 1, key), member('value', 2, value)],
      oneofs: [],
      nested: [],
    };
  }

  #typeOf(field: protobuf.Field, name: string): ProtoField['type'] {
    if (isScalar(name)) return name;
    const type = field.resolvedType;
    if (type instanceof protobuf.Type) return this.message(type);
    if (type instanceof protobuf.Enum) return this.#enum(type);
    throw badSchema(`field "${field.name}" has an unknown Protobuf type "${name}"`);
  }

  #enum(type: protobuf.Enum): ProtoEnum {
    const known = this.#enums.get(type);
    if (known !== undefined) return known;
    const model: ProtoEnum = {
      kind: 'enum',
      fullName: type.fullName.slice(1),
      name: type.name,
      values: new Map(Object.entries(type.values)),
    };
    this.#enums.set(type, model);
    return model;
  }
}

function isSynthetic(oneof: protobuf.OneOf): boolean {
  return (
    oneof.fieldsArray.length === 1 && oneof.fieldsArray[0]?.options?.['proto3_optional'] === true
  );
}

/** The class of maps declares less than it inherits. */
function isMap(field: object): field is protobuf.Field & { readonly keyType: string } {
  return field instanceof protobuf.MapField;
}

function isScalar(name: string): name is ScalarType {
  return SCALARS.has(name);
}

/** The params of `[(confluent.field_meta) = {params: [{key: …, value: …}]}]`. */
function parametersOf(field: protobuf.Field): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const options: unknown = field.parsedOptions;
  for (const option of asList(options)) {
    const params = member(member(option, '(confluent.field_meta)'), 'params');
    for (const each of asList(params)) {
      const key = member(each, 'key');
      const value = member(each, 'value');
      if (typeof key === 'string' && typeof value === 'string') parameters.set(key, value);
    }
  }
  return parameters;
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
