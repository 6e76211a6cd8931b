import { distinctReferences } from '../avro/avro-format.ts';
import type {
  ParsedSchema,
  ResolvedReference,
  SchemaFormat,
  SchemaReference,
  SchemaSource,
} from '../parsed-schema.ts';
import { compareProto } from './compare-proto.ts';
import { fileFromDescriptor, fileToDescriptor } from './descriptor.ts';
import { fieldsOf, type ProtoFile } from './model.ts';
import { normalizeProto } from './normalize-proto.ts';
import { parseProto } from './parse-proto.ts';
import { printProto } from './print-proto.ts';
import { TypeIndex } from './type-index.ts';

export const protobufFormat: SchemaFormat = {
  type: 'PROTOBUF',
  parse({ text, references, resolved }: SchemaSource): ParsedSchema {
    return new ProtobufSchema(readFile(text), references, asText(resolved));
  },
};

/** A .proto file, or a `FileDescriptorProto` in Base64 as some clients send it. */
function readFile(text: string): ProtoFile {
  try {
    return parseProto(text);
  } catch (error) {
    const fromDescriptor = fileFromDescriptor(text);
    if (fromDescriptor === undefined) throw error;
    return fromDescriptor;
  }
}

function asText(resolved: readonly ResolvedReference[]): readonly ResolvedReference[] {
  return resolved.map(({ name, text }) => ({ name, text: printProto(readFile(text)) }));
}

class ProtobufSchema implements ParsedSchema {
  readonly type = 'PROTOBUF';
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly #file: ProtoFile;
  readonly #index: TypeIndex;
  readonly #resolved: readonly ResolvedReference[];

  constructor(
    file: ProtoFile,
    references: readonly SchemaReference[],
    resolved: readonly ResolvedReference[],
  ) {
    this.#file = file;
    this.references = references;
    this.#resolved = resolved;
    this.#index = new TypeIndex(file, references, resolved);
    this.text = printProto(file);
  }

  check(): void {
    this.normalized(); // names every type: one that nobody has is found here
  }

  normalized(): ParsedSchema {
    return new ProtobufSchema(
      normalizeProto(this.#file, this.#index),
      distinctReferences(this.references),
      this.#resolved,
    );
  }

  formatted(format: string): string {
    if (format.toLowerCase() === 'serialized') return fileToDescriptor(this.#file, this.#index);
    return this.text;
  }

  incompatibilities(previous: ParsedSchema): readonly string[] {
    if (!(previous instanceof ProtobufSchema))
      return ['Incompatible because of different schema type'];
    return compareProto(
      { file: this.#file, index: this.#index },
      { file: previous.#file, index: previous.#index },
    );
  }

  isEquivalent(other: ParsedSchema): boolean {
    return other instanceof ProtobufSchema && other.text === this.text;
  }

  hasTopLevelField(name: string): boolean {
    const [first] = this.#file.types.filter((type) => type.kind === 'message');
    return first !== undefined && fieldsOf(first).some((field) => field.name === name);
  }
}
