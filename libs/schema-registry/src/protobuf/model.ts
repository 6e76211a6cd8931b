/** A .proto file, member by member as written; what belongs to one kind keeps its order. */
export interface ProtoFile {
  readonly syntax: string | undefined;
  /** `edition = "2023"`, in place of a syntax. */
  readonly edition: string | undefined;
  readonly packageName: string | undefined;
  readonly imports: readonly string[];
  readonly publicImports: readonly string[];
  readonly options: readonly ProtoOption[];
  readonly types: readonly ProtoType[];
  readonly extends: readonly ProtoExtend[];
  readonly services: readonly ProtoService[];
}

export type ProtoType = ProtoMessage | ProtoEnum;

export interface ProtoMessage {
  readonly kind: 'message';
  readonly name: string;
  readonly fields: readonly ProtoField[];
  readonly oneofs: readonly ProtoOneof[];
  readonly groups: readonly ProtoGroup[];
  readonly reserved: readonly (readonly ProtoRange[])[];
  readonly extensions: readonly ProtoExtensions[];
  readonly extends: readonly ProtoExtend[];
  readonly types: readonly ProtoType[];
  readonly options: readonly ProtoOption[];
}

export type ProtoLabel = 'optional' | 'required' | 'repeated';

export interface ProtoField {
  readonly label: ProtoLabel | undefined;
  /** As written; maps as `map<K, V>`. */
  readonly type: string;
  readonly name: string;
  readonly tag: number;
  readonly options: readonly ProtoOption[];
}

export interface ProtoOneof {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  readonly groups: readonly ProtoGroup[];
  readonly options: readonly ProtoOption[];
}

export interface ProtoGroup {
  readonly label: ProtoLabel | undefined;
  readonly name: string;
  readonly tag: number;
  readonly fields: readonly ProtoField[];
}

export interface ProtoEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly constants: readonly ProtoConstant[];
  readonly reserved: readonly (readonly ProtoRange[])[];
  readonly options: readonly ProtoOption[];
}

export interface ProtoConstant {
  readonly name: string;
  readonly tag: number;
  readonly options: readonly ProtoOption[];
}

/** A name, a number, or numbers from one to another, both included. */
export type ProtoRange = string | number | { readonly from: number; readonly to: number };

export interface ProtoExtensions {
  readonly ranges: readonly ProtoRange[];
  readonly options: readonly ProtoOption[];
}

export interface ProtoExtend {
  readonly name: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoService {
  readonly name: string;
  readonly methods: readonly ProtoMethod[];
  readonly options: readonly ProtoOption[];
}

export interface ProtoMethod {
  readonly name: string;
  readonly requestType: string;
  readonly responseType: string;
  readonly isRequestStreaming: boolean;
  readonly isResponseStreaming: boolean;
  readonly options: readonly ProtoOption[];
}

export interface ProtoOption {
  readonly name: string;
  /** `(name)`: an extension of the options. */
  readonly isExtension: boolean;
  readonly value: ProtoValue;
}

export type ProtoValue =
  | { readonly kind: 'string'; readonly text: string }
  /** A number, true, false, or the name of a constant, as written. */
  | { readonly kind: 'word'; readonly text: string }
  /** `(name).member = …` */
  | { readonly kind: 'member'; readonly option: ProtoOption }
  | { readonly kind: 'map'; readonly members: ReadonlyMap<string, ProtoValue> }
  | { readonly kind: 'list'; readonly items: readonly ProtoValue[] };

export const TAG_MAX = 536_870_911;

const SCALARS = new Set([
  ...['bool', 'bytes', 'double', 'float', 'fixed32', 'fixed64', 'int32', 'int64', 'sfixed32'],
  ...['sfixed64', 'sint32', 'sint64', 'string', 'uint32', 'uint64'],
]);

export function isScalar(type: string): boolean {
  return SCALARS.has(type);
}

/** Key and value of `map<K, V>`. */
export function mapTypes(type: string): readonly [string, string] | undefined {
  const found = /^map<(?<key>[^,>]+), (?<value>.+)>$/.exec(type)?.groups;
  return found === undefined ? undefined : [found['key'] ?? '', found['value'] ?? ''];
}

/** All fields, those of oneofs too. */
export function fieldsOf(message: ProtoMessage): readonly ProtoField[] {
  return [...message.fields, ...message.oneofs.flatMap(({ fields }) => fields)];
}

export function findOption(options: readonly ProtoOption[], name: string): ProtoValue | undefined {
  return options.find((option) => option.name === name && !option.isExtension)?.value;
}

/** The message that stands for the entries of a map, as compilers write it. */
export function isMapEntry(type: ProtoType): boolean {
  if (type.kind !== 'message') return false;
  const option = findOption(type.options, 'map_entry');
  return option?.kind === 'word' && option.text === 'true';
}
