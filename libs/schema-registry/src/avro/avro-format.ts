import { compareText } from '../json/json.ts';
import type {
  ParsedSchema,
  SchemaFormat,
  SchemaReference,
  SchemaSource,
} from '../parsed-schema.ts';
import { compareAvro } from './compare-avro.ts';
import { isNamed, isRecord, fullNameOf, type AvroType } from './model.ts';
import { normalizeAvro } from './normalize-avro.ts';
import { AvroParser } from './parse-avro.ts';
import { printAvro } from './print-avro.ts';

export const avroFormat: SchemaFormat = {
  type: 'AVRO',
  parse({ text, references, resolved }: SchemaSource, isNew: boolean): ParsedSchema {
    const parser = new AvroParser(isNew);
    const referred = resolved.map((reference) => parser.parse(reference.text));
    return new AvroSchema(parser.parse(text), referred, references);
  },
};

class AvroSchema implements ParsedSchema {
  readonly type = 'AVRO';
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly #root: AvroType;
  readonly #referred: readonly AvroType[];

  constructor(
    root: AvroType,
    referred: readonly AvroType[],
    references: readonly SchemaReference[],
  ) {
    this.#root = root;
    this.#referred = referred;
    this.references = references;
    this.text = printAvro(root, namesOf(referred));
  }

  check(): void {
    // parsing has found everything
  }

  normalized(): ParsedSchema {
    return new AvroSchema(
      normalizeAvro(this.#root),
      this.#referred,
      distinctReferences(this.references),
    );
  }

  formatted(format: string): string {
    return format.toLowerCase() === 'resolved' ? printAvro(this.#root) : this.text;
  }

  incompatibilities(previous: ParsedSchema): readonly string[] {
    if (!(previous instanceof AvroSchema)) return ['Incompatible because of different schema type'];
    return compareAvro(this.#root, previous.#root);
  }

  isEquivalent(other: ParsedSchema): boolean {
    if (!(other instanceof AvroSchema)) return false;
    return printAvro(normalizeAvro(this.#root)) === printAvro(normalizeAvro(other.#root));
  }

  hasTopLevelField(name: string): boolean {
    return isRecord(this.#root) && this.#root.fields.some((field) => field.name === name);
  }
}

export function distinctReferences(
  references: readonly SchemaReference[],
): readonly SchemaReference[] {
  const byText = new Map(
    references.map((reference) => [
      JSON.stringify([reference.subject, reference.version, reference.name]),
      reference,
    ]),
  );
  return [...byText.values()].sort(
    (one, other) =>
      compareText(one.subject, other.subject) ||
      one.version - other.version ||
      compareText(one.name, other.name),
  );
}

/** Only their own names: what stands within them is written out again, as Java's Avro does. */
function namesOf(types: readonly AvroType[]): readonly string[] {
  return types.filter(isNamed).map(fullNameOf);
}
