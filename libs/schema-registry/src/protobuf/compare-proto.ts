import {
  fieldsOf,
  isMapEntry,
  isScalar,
  mapTypes,
  type ProtoField,
  type ProtoFile,
  type ProtoLabel,
  type ProtoMessage,
  type ProtoType,
} from './model.ts';
import type { IndexedType, TypeIndex } from './type-index.ts';

export interface IndexedProto {
  readonly file: ProtoFile;
  readonly index: TypeIndex;
}

type Scopes = readonly [string, string];

/** Why data of the writer can't be read by the reader, in Confluent's words; empty when it can. */
export function compareProto(reader: IndexedProto, writer: IndexedProto): readonly string[] {
  const comparison = new Comparison(writer.index, reader.index);
  if ((writer.file.packageName ?? '') !== (reader.file.packageName ?? ''))
    comparison.add('PACKAGE_CHANGED', []);
  const scopes = [writer.index.packageName, reader.index.packageName] as const;
  comparison.types(writer.file.types, reader.file.types, [], scopes);
  return comparison.problems;
}

/** Only what breaks readers; what Confluent calls a compatible difference is passed over. */
const DESCRIPTIONS = {
  PACKAGE_CHANGED:
    "The package at '@' in the %s schema does not match the package in the %s schema",
  MESSAGE_REMOVED: "The %s schema is missing a MESSAGE type at path '@' in the %s schema",
  FIELD_KIND_CHANGED:
    "The type of a field at path '@' in the %s schema does not match the %s schema",
  FIELD_SCALAR_KIND_CHANGED:
    "The kind of a SCALAR field at path '@' in the %s schema does not match its kind in the %s schema",
  FIELD_NAMED_TYPE_CHANGED:
    "The type of a MESSAGE field at path '@' in the %s schema does not match its type in the %s schema",
  FIELD_NUMERIC_LABEL_CHANGED:
    "The label for a NUMERIC field at path '@' in the %s schema does not match its label in the %s schema",
  REQUIRED_FIELD_ADDED:
    "A required field  at path '@' in the %s schema is missing in the %s schema",
  REQUIRED_FIELD_REMOVED: "The %s schema is missing a required field at path: '@' in the %s schema",
  ONEOF_FIELD_REMOVED: "The %s schema is missing a oneof field at path '@' in the %s schema",
  MULTIPLE_FIELDS_MOVED_TO_ONEOF:
    "Multiple fields in the oneof at path '@' in the %s schema are outside a oneof in the %s schema",
  FIELD_MOVED_TO_EXISTING_ONEOF:
    "A field in the oneof at path '@' in the %s schema is outside an existing oneof in the %s schema",
} as const;

class Comparison {
  readonly problems: string[] = [];
  readonly #original: TypeIndex;
  readonly #update: TypeIndex;
  /** Messages in work: types may contain themselves. */
  readonly #entered = new Set<ProtoMessage>();

  constructor(original: TypeIndex, update: TypeIndex) {
    this.#original = original;
    this.#update = update;
  }

  add(type: keyof typeof DESCRIPTIONS, path: readonly string[]): void {
    const description = DESCRIPTIONS[type].replace('@', `#/${path.join('/')}`);
    this.problems.push(`{errorType:"${type}", description:"${description}"}`);
  }

  types(
    original: readonly ProtoType[],
    update: readonly ProtoType[],
    path: readonly string[],
    scopes: Scopes,
  ): void {
    for (const type of original) {
      if (type.kind !== 'message') continue;
      const other = update.find(
        (each): each is ProtoMessage => each.kind === 'message' && each.name === type.name,
      );
      const at = [...path, type.name];
      if (other !== undefined) this.#messages(type, other, at, inside(scopes, type.name));
      // The entries of a map written as a message: the fields are compared as maps.
      else if (!isMapEntry(type)) this.add('MESSAGE_REMOVED', at);
    }
  }

  #messages(
    original: ProtoMessage,
    update: ProtoMessage,
    path: readonly string[],
    scopes: Scopes,
  ): void {
    if (this.#entered.has(original)) return;
    this.#entered.add(original);
    this.#oneofs(original, update, path);
    this.#fields(original, update, path, scopes);
    this.#entered.delete(original);
    this.types(original.types, update.types, path, scopes);
  }

  /** Fields that could be set together once can't be any more. */
  #oneofs(original: ProtoMessage, update: ProtoMessage, path: readonly string[]): void {
    const groups = oneofsByTag(original);
    const tags = new Set(fieldsOf(original).map(({ tag }) => tag));
    for (const oneof of update.oneofs) {
      const before = oneof.fields.filter(({ tag }) => tags.has(tag));
      const origins = new Set(before.map(({ tag }) => groups.get(tag) ?? tag));
      if (origins.size < 2) continue;
      const movedIn = before.filter(({ tag }) => !groups.has(tag)).length;
      const type = movedIn > 1 ? 'MULTIPLE_FIELDS_MOVED_TO_ONEOF' : 'FIELD_MOVED_TO_EXISTING_ONEOF';
      this.add(type, [...path, oneof.name]);
    }
  }

  #fields(
    original: ProtoMessage,
    update: ProtoMessage,
    path: readonly string[],
    scopes: Scopes,
  ): void {
    const originals = new Map(fieldsOf(original).map((field) => [field.tag, field]));
    const updates = new Map(fieldsOf(update).map((field) => [field.tag, field]));
    const originalOneofs = oneofsByTag(original);
    const updateOneofs = oneofsByTag(update);
    const tags = [...new Set([...originals.keys(), ...updates.keys()])].sort((a, b) => a - b);
    for (const tag of tags) {
      const before = originals.get(tag);
      const after = updates.get(tag);
      const at = [...path, String(tag)];
      if (before === undefined) {
        const isRequired = after?.label === 'required' && !updateOneofs.has(tag);
        if (isRequired) this.add('REQUIRED_FIELD_ADDED', at);
      } else if (after === undefined) {
        const oneof = originalOneofs.get(tag);
        if (oneof === undefined) {
          if (before.label === 'required') this.add('REQUIRED_FIELD_REMOVED', at);
        } else if (!isDeleted(oneof, original, update))
          this.add('ONEOF_FIELD_REMOVED', [...path, oneof, String(tag)]);
      } else {
        const oneof = updateOneofs.get(tag);
        const where = oneof === undefined ? at : [...path, oneof, String(tag)];
        this.#field(before, after, where, scopes);
      }
    }
  }

  #field(original: ProtoField, update: ProtoField, path: readonly string[], scopes: Scopes): void {
    this.#fieldTypes(
      [original.label, update.label],
      this.#mapped(original.type, this.#original, scopes[0]),
      this.#mapped(update.type, this.#update, scopes[1]),
      path,
      scopes,
    );
  }

  #mapped(type: string, index: TypeIndex, scope: string): string {
    const entry = index.mapEntry(type, scope);
    return entry === undefined ? type : `map<${entry[0]}, ${entry[1]}>`;
  }

  #fieldTypes(
    labels: readonly [ProtoLabel | undefined, ProtoLabel | undefined],
    original: string,
    update: string,
    path: readonly string[],
    scopes: Scopes,
  ): void {
    const kind = kindOf(original, this.#original, scopes[0]);
    if (kind !== kindOf(update, this.#update, scopes[1])) {
      this.add('FIELD_KIND_CHANGED', path);
      return;
    }
    if (kind === 'message') this.#messageTypes(original, update, path, scopes);
    else if (kind === 'scalar') this.#scalarTypes(labels, original, update, path);
    else {
      const before = mapTypes(original) ?? ['', ''];
      const after = mapTypes(update) ?? ['', ''];
      this.#fieldTypes([undefined, undefined], before[0], after[0], path, scopes);
      this.#fieldTypes([undefined, undefined], before[1], after[1], path, scopes);
    }
  }

  #scalarTypes(
    [before, after]: readonly [ProtoLabel | undefined, ProtoLabel | undefined],
    original: string,
    update: string,
    path: readonly string[],
  ): void {
    const kind = scalarKindOf(original);
    if (kind !== scalarKindOf(update)) this.add('FIELD_SCALAR_KIND_CHANGED', path);
    else if (before !== undefined && after !== undefined && before !== after && kind !== 'text')
      this.add('FIELD_NUMERIC_LABEL_CHANGED', path);
  }

  #messageTypes(original: string, update: string, path: readonly string[], scopes: Scopes): void {
    const before = this.#original.find(original, scopes[0]);
    const after = this.#update.find(update, scopes[1]);
    if (before === undefined || after === undefined) {
      if (original !== update) this.add('FIELD_NAMED_TYPE_CHANGED', path);
      return;
    }
    if (localName(before) !== localName(after)) {
      this.add('FIELD_NAMED_TYPE_CHANGED', path);
      return;
    }
    if (isSameSource(before, after)) return;
    if (before.type?.kind !== 'message' || after.type?.kind !== 'message') return;
    // A type that moved, or a reference to another version: it is compared where it is used.
    const inner = new Comparison(this.#original, this.#update);
    for (const message of this.#entered) inner.#entered.add(message);
    inner.#messages(before.type, after.type, localName(before).split('.'), [
      before.fullName,
      after.fullName,
    ]);
    if (inner.problems.length === 0) return;
    this.problems.push(...inner.problems);
    this.add('FIELD_NAMED_TYPE_CHANGED', path);
  }
}

/** Own types of both files are compared anyway. */
function isSameSource(before: IndexedType, after: IndexedType): boolean {
  if (before.isOwn && after.isOwn) return true;
  const one = before.reference;
  const other = after.reference;
  return (
    one !== undefined &&
    other !== undefined &&
    one.subject === other.subject &&
    one.version === other.version
  );
}

function localName({ fullName, packageName }: IndexedType): string {
  const prefix = `${packageName}.`;
  return fullName.startsWith(prefix) ? fullName.slice(prefix.length) : fullName;
}

function oneofsByTag(message: ProtoMessage): ReadonlyMap<number, string> {
  return new Map(
    message.oneofs.flatMap(({ name, fields }) => fields.map(({ tag }) => [tag, name] as const)),
  );
}

/** A oneof that is gone with all of its fields is no loss. */
function isDeleted(oneof: string, original: ProtoMessage, update: ProtoMessage): boolean {
  if (update.oneofs.some(({ name }) => name === oneof)) return false;
  const left = new Set(fieldsOf(update).map(({ tag }) => tag));
  const fields = original.oneofs.find(({ name }) => name === oneof)?.fields ?? [];
  return fields.every(({ tag }) => !left.has(tag));
}

function kindOf(type: string, index: TypeIndex, scope: string): 'scalar' | 'map' | 'message' {
  if (isScalar(type)) return 'scalar';
  if (mapTypes(type) !== undefined) return 'map';
  return index.find(type, scope)?.isEnum === true ? 'scalar' : 'message';
}

/** What is the same on the wire; enums are numbers. */
function scalarKindOf(type: string): string {
  switch (type) {
    case 'sint32':
    case 'sint64':
      return 'signed';
    case 'string':
    case 'bytes':
      return 'text';
    case 'fixed32':
    case 'sfixed32':
      return 'fixed32';
    case 'fixed64':
    case 'sfixed64':
      return 'fixed64';
    case 'float':
    case 'double':
      return type;
    default:
      return 'number';
  }
}

function inside([original, update]: Scopes, name: string): Scopes {
  const join = (scope: string): string => (scope === '' ? name : `${scope}.${name}`);
  return [join(original), join(update)];
}
