import type { ResolvedReference, SchemaReference } from '../parsed-schema.ts';
import { KNOWN_EXTENSIONS, KNOWN_TYPES } from './known-types.ts';
import { isMapEntry, type ProtoExtend, type ProtoFile, type ProtoType } from './model.ts';
import { parseProto } from './parse-proto.ts';

export interface IndexedType {
  readonly fullName: string;
  readonly packageName: string;
  /** Undefined: of a file that everybody has. */
  readonly type: ProtoType | undefined;
  readonly isEnum: boolean;
  /** Undefined: of the schema itself, of a file that everybody has, or of one that is referred to only indirectly. */
  readonly reference: SchemaReference | undefined;
  readonly isOwn: boolean;
}

/** All types that a file can name: its own, those of its references, and those that everybody has. */
export class TypeIndex {
  readonly #types = new Map<string, IndexedType>();
  readonly #extensions = new Set<string>(KNOWN_EXTENSIONS);
  readonly packageName: string;

  constructor(
    file: ProtoFile,
    references: readonly SchemaReference[],
    resolved: readonly ResolvedReference[],
  ) {
    this.packageName = file.packageName ?? '';
    for (const [fullName, { packageName, isEnum }] of KNOWN_TYPES)
      this.#types.set(fullName, {
        ...{ fullName, packageName, isEnum, type: undefined },
        ...{ reference: undefined, isOwn: false },
      });
    for (const { name, text } of resolved) {
      const reference = references.find((each) => each.name === name);
      this.#addFile(parseProto(text), reference, false);
    }
    this.#addFile(file, undefined, true);
  }

  #addFile(file: ProtoFile, reference: SchemaReference | undefined, isOwn: boolean): void {
    const packageName = file.packageName ?? '';
    this.#addTypes(file.types, packageName, { packageName, reference, isOwn });
    this.#addExtensions(file.extends, packageName);
  }

  #addTypes(
    types: readonly ProtoType[],
    prefix: string,
    from: Pick<IndexedType, 'packageName' | 'reference' | 'isOwn'>,
  ): void {
    for (const type of types) {
      const fullName = prefix === '' ? type.name : `${prefix}.${type.name}`;
      this.#types.set(fullName, { ...from, fullName, type, isEnum: type.kind === 'enum' });
      if (type.kind !== 'message') continue;
      this.#addTypes(type.types, fullName, from);
      this.#addExtensions(type.extends, fullName);
    }
  }

  #addExtensions(extended: readonly ProtoExtend[], prefix: string): void {
    for (const { fields } of extended)
      for (const { name } of fields)
        this.#extensions.add(prefix === '' ? name : `${prefix}.${name}`);
  }

  /** @param scope the full name of the message that the name stands in, or its package */
  find(name: string, scope: string): IndexedType | undefined {
    const fullName = resolveName(name, scope, (candidate) => this.#types.has(candidate));
    return fullName === undefined ? undefined : this.#types.get(fullName);
  }

  findExtension(name: string, scope: string): string | undefined {
    return resolveName(name, scope, (candidate) => this.#extensions.has(candidate));
  }

  /** The key and value of a field that is a map written as a message of its entries. */
  mapEntry(name: string, scope: string): readonly [string, string] | undefined {
    const type = this.find(name, scope)?.type;
    if (type?.kind !== 'message' || !isMapEntry(type)) return undefined;
    const [key, value] = ['key', 'value'].map((part) =>
      type.fields.find((field) => field.name === part),
    );
    return key === undefined || value === undefined ? undefined : [key.type, value.type];
  }
}

/** From the innermost scope outwards; a leading dot means the full name. */
function resolveName(
  name: string,
  scope: string,
  isKnown: (fullName: string) => boolean,
): string | undefined {
  if (name.startsWith('.')) return isKnown(name.slice(1)) ? name.slice(1) : undefined;
  const parts = scope === '' ? [] : scope.split('.');
  for (let length = parts.length; length >= 0; length--) {
    const candidate = [...parts.slice(0, length), name].join('.');
    if (isKnown(candidate)) return candidate;
  }
  return undefined;
}
