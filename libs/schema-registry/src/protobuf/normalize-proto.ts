import { compareText } from '../json/json.ts';
import {
  isMapEntry,
  isScalar,
  mapTypes,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoMethod,
  type ProtoOption,
  type ProtoRange,
  type ProtoType,
  type ProtoValue,
} from './model.ts';
import type { TypeIndex } from './type-index.ts';

/**
 * The same file with types by their full names and with fields, options and ranges in order, as `normalize=true`
 * stores it. Messages keep their order: data names them by their position.
 * @throws Error for a type that nobody has
 */
export function normalizeProto(file: ProtoFile, index: TypeIndex): ProtoFile {
  return new Normalizer(index).file(file);
}

class Normalizer {
  readonly #index: TypeIndex;

  constructor(index: TypeIndex) {
    this.#index = index;
  }

  file(file: ProtoFile): ProtoFile {
    const scope = this.#index.packageName;
    return {
      ...file,
      syntax: file.syntax === 'proto2' ? undefined : file.syntax,
      imports: sortedTexts(file.imports),
      publicImports: sortedTexts(file.publicImports),
      options: this.#options(file.options, scope),
      types: this.#types(file.types, scope),
      extends: this.#extends(file.extends, scope),
      services: file.services.map((service) => ({
        ...service,
        options: this.#options(service.options, scope),
        methods: service.methods.map((method) => this.#method(method, scope)),
      })),
    };
  }

  #types(types: readonly ProtoType[], scope: string): readonly ProtoType[] {
    return types
      .filter((type) => !isMapEntry(type))
      .map((type) => {
        const own = scope === '' ? type.name : `${scope}.${type.name}`;
        return type.kind === 'message' ? this.#message(type, own) : this.#enum(type, own);
      });
  }

  #message(message: ProtoMessage, scope: string): ProtoMessage {
    const oneofs = message.oneofs
      .filter(({ fields }) => fields.length > 0)
      .map((oneof) => ({
        ...oneof,
        fields: this.#fields(oneof.fields, scope),
        groups: oneof.groups.toSorted((one, other) => one.tag - other.tag),
        options: this.#options(oneof.options, scope),
      }))
      .sort((one, other) => (one.fields[0]?.tag ?? 0) - (other.fields[0]?.tag ?? 0));
    return {
      ...message,
      fields: this.#fields(message.fields, scope),
      oneofs,
      groups: message.groups
        .map((group) => ({ ...group, fields: this.#fields(group.fields, scope) }))
        .sort((one, other) => one.tag - other.tag),
      reserved: sortedRanges(message.reserved),
      extensions: message.extensions
        .flatMap(({ ranges, options }) =>
          ranges.map((range) => ({
            ranges: [single(range)],
            options: this.#options(options, scope),
          })),
        )
        .sort((one, other) => startOf(one.ranges[0]) - startOf(other.ranges[0])),
      extends: this.#extends(message.extends, scope),
      types: this.#types(message.types, scope),
      options: this.#options(message.options, scope),
    };
  }

  #enum(type: ProtoEnum, scope: string): ProtoEnum {
    return {
      ...type,
      constants: type.constants
        .map((constant) => ({ ...constant, options: this.#options(constant.options, scope) }))
        .sort((one, other) => one.tag - other.tag || compareText(one.name, other.name)),
      reserved: sortedRanges(type.reserved),
      options: this.#options(type.options, scope),
    };
  }

  #fields(fields: readonly ProtoField[], scope: string): readonly ProtoField[] {
    return fields
      .map((field) => this.#field(field, scope))
      .sort((one, other) => one.tag - other.tag);
  }

  #field(field: ProtoField, scope: string): ProtoField {
    const options = this.#options(field.options, scope);
    const map = mapTypes(field.type) ?? this.#index.mapEntry(field.type, scope);
    if (map === undefined) return { ...field, type: this.#type(field.type, scope), options };
    const type = `map<${map[0]}, ${this.#type(map[1], scope)}>`;
    return { ...field, label: undefined, type, options };
  }

  #type(type: string, scope: string): string {
    if (isScalar(type)) return type;
    const found = this.#index.find(type, scope);
    if (found === undefined) throw new Error(`Could not resolve type: ${type}`);
    return `.${found.fullName}`;
  }

  #extends(extended: readonly ProtoExtend[], scope: string): readonly ProtoExtend[] {
    const byName = new Map<string, ProtoField[]>();
    for (const { name, fields } of extended) {
      const fullName = this.#type(name, scope);
      byName.set(fullName, [...(byName.get(fullName) ?? []), ...this.#fields(fields, scope)]);
    }
    return [...byName].map(([name, fields]) => ({
      name,
      fields: fields.sort((one, other) => one.tag - other.tag),
    }));
  }

  #method(method: ProtoMethod, scope: string): ProtoMethod {
    return {
      ...method,
      requestType: this.#type(method.requestType, scope),
      responseType: this.#type(method.responseType, scope),
      options: this.#options(method.options, scope),
    };
  }

  #options(options: readonly ProtoOption[], scope: string): readonly ProtoOption[] {
    return options
      .map((option) => {
        const found = option.isExtension
          ? this.#index.findExtension(option.name, scope)
          : undefined;
        const name = found ?? option.name;
        return {
          ...option,
          name,
          value: sortedValue(found === undefined ? option.value : asMap(option.value)),
        };
      })
      .sort((one, other) => compareText(one.name, other.name));
  }
}

/** `(name).member = 1` is `(name) = {member: 1}`. */
function asMap(value: ProtoValue): ProtoValue {
  if (value.kind !== 'member') return value;
  const { name, value: inner } = value.option;
  return { kind: 'map', members: new Map([[name, asMap(inner)]]) };
}

function sortedValue(value: ProtoValue): ProtoValue {
  if (value.kind === 'list') {
    const items = value.items.map(sortedValue);
    return { kind: 'list', items };
  }
  if (value.kind !== 'map') return value;
  const members = [...value.members]
    .filter(([, inner]) => inner.kind !== 'list' || inner.items.length > 0)
    .map(([name, inner]): [string, ProtoValue] => {
      const only = inner.kind === 'list' && inner.items.length === 1 ? inner.items[0] : undefined;
      return [name, sortedValue(only ?? inner)];
    });
  return {
    kind: 'map',
    members: new Map(members.sort(([one], [other]) => compareText(one, other))),
  };
}

function sortedTexts(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareText);
}

function sortedRanges(
  lists: readonly (readonly ProtoRange[])[],
): readonly (readonly ProtoRange[])[] {
  return lists
    .flat()
    .sort((one, other) => startOf(one) - startOf(other) || compareText(nameOf(one), nameOf(other)))
    .map((range) => [single(range)]);
}

function single(range: ProtoRange): ProtoRange {
  return typeof range === 'object' && range.from === range.to ? range.from : range;
}

/** Names come after numbers. */
function startOf(range: ProtoRange | undefined): number {
  if (typeof range === 'object') return range.from;
  return typeof range === 'number' ? range : 2 ** 31;
}

function nameOf(range: ProtoRange): string {
  return typeof range === 'string' ? range : '';
}
