import {
  fullNameOf,
  isNamed,
  isRecord,
  kindNameOf,
  type AvroEnum,
  type AvroField,
  type AvroNamed,
  type AvroRecord,
  type AvroType,
} from './model.ts';

/** What writers' types a reader of another type can read (Avro's schema resolution). */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/** Why data of the writer can't be read by the reader, in Confluent's words; empty when it can. */
export function compareAvro(reader: AvroType, writer: AvroType): readonly string[] {
  return new Comparison().compare(reader, writer, '');
}

class Comparison {
  /** Pairs in work are taken for compatible until proven otherwise, since types may contain themselves. */
  readonly #known = new Map<AvroType, Map<AvroType, readonly string[]>>();

  compare(reader: AvroType, writer: AvroType, path: string): readonly string[] {
    const ofReader = this.#known.get(reader) ?? new Map<AvroType, readonly string[]>();
    this.#known.set(reader, ofReader);
    const known = ofReader.get(writer);
    if (known !== undefined) return known;
    ofReader.set(writer, []);
    const problems = this.#calculate(reader, writer, path);
    ofReader.set(writer, problems);
    return problems;
  }

  #calculate(reader: AvroType, writer: AvroType, path: string): readonly string[] {
    if (reader.kind === 'union' && writer.kind === 'union')
      return writer.types.flatMap((branch, index) =>
        this.#missingBranch(reader, branch, `${path}/${index}`),
      );
    if (writer.kind === 'union')
      return writer.types.flatMap((branch, index) =>
        this.compare(reader, branch, `${path}/${index}`),
      );
    if (reader.kind === 'union') {
      const reads = reader.types.some((branch) => this.compare(branch, writer, '').length === 0);
      return reads ? [] : [missingBranch(writer, path)];
    }
    if (reader.kind === 'array' && writer.kind === 'array')
      return this.compare(reader.items, writer.items, `${path}/items`);
    if (reader.kind === 'map' && writer.kind === 'map')
      return this.compare(reader.values, writer.values, `${path}/values`);
    if (isNamed(reader) && isNamed(writer) && kindNameOf(reader) === kindNameOf(writer))
      return [...compareNames(reader, writer, path), ...this.#compareNamed(reader, writer, path)];
    if (reader.kind === writer.kind || PROMOTIONS[reader.kind]?.includes(writer.kind) === true)
      return [];
    return [
      problem(
        'TYPE_MISMATCH',
        `The type (path '${pointer(path)}') of a field in the %s schema does not match with the %s schema`,
        `reader type: ${kindNameOf(reader)} not compatible with writer type: ${kindNameOf(writer)}`,
      ),
    ];
  }

  #missingBranch(reader: AvroType, branch: AvroType, path: string): readonly string[] {
    return this.compare(reader, branch, '').length === 0 ? [] : [missingBranch(branch, path)];
  }

  #compareNamed(reader: AvroNamed, writer: AvroNamed, path: string): readonly string[] {
    if (isRecord(reader) && isRecord(writer)) return this.#compareFields(reader, writer, path);
    if (reader.kind === 'enum' && writer.kind === 'enum')
      return compareSymbols(reader, writer, path);
    if (reader.kind !== 'fixed' || writer.kind !== 'fixed' || reader.size === writer.size)
      return [];
    return [
      problem(
        'FIXED_SIZE_MISMATCH',
        `The size of FIXED type field at path '${path}/size' in the %s schema does not match with the %s schema`,
        `expected: ${writer.size}, found: ${reader.size}`,
      ),
    ];
  }

  #compareFields(reader: AvroRecord, writer: AvroRecord, path: string): readonly string[] {
    return reader.fields.flatMap((field, index) => {
      const at = `${path}/fields/${index}`;
      const written = findWritten(writer, field);
      if (written !== undefined) return this.compare(field.type, written.type, `${at}/type`);
      if (field.default !== undefined) return [];
      if (field.type.kind === 'enum' && field.type.default !== undefined)
        return this.compare(field.type, writer, `${at}/type`);
      return [
        problem(
          'READER_FIELD_MISSING_DEFAULT_VALUE',
          `The field '${field.name}' at path '${at}' in the %s schema has no default value and is missing in the %s schema`,
          field.name,
        ),
      ];
    });
  }
}

/** By name, or by an alias of the reader. */
function findWritten(writer: AvroRecord, field: AvroField): AvroField | undefined {
  const found = [field.name, ...field.aliases].flatMap((wanted) =>
    writer.fields.filter(({ name }) => name === wanted),
  );
  if (found.length > 1)
    throw new Error(
      `Reader record field ${field.name} matches multiple fields in writer record schema ${fullNameOf(writer)}`,
    );
  return found[0];
}

/** Namespaces don't count, as in Avro's Java. */
function compareNames(reader: AvroNamed, writer: AvroNamed, path: string): readonly string[] {
  if (reader.name === writer.name || reader.aliases.includes(fullNameOf(writer))) return [];
  return [
    problem(
      'NAME_MISMATCH',
      `The name of the schema has changed (path '${path}/name')`,
      `expected: ${fullNameOf(writer)}`,
    ),
  ];
}

function compareSymbols(reader: AvroEnum, writer: AvroEnum, path: string): readonly string[] {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).toSorted();
  if (missing.length === 0 || reader.default !== undefined) return [];
  const shown = `[${missing.join(', ')}]`;
  return [
    problem(
      'MISSING_ENUM_SYMBOLS',
      `The %s schema is missing enum symbols '${shown}' at path '${path}/symbols' in the %s schema`,
      shown,
    ),
  ];
}

function missingBranch(writer: AvroType, path: string): string {
  return problem(
    'MISSING_UNION_BRANCH',
    `The %s schema is missing a type inside a union field at path '${pointer(path)}' in the %s schema`,
    `reader union lacking writer type: ${kindNameOf(writer)}`,
  );
}

function pointer(path: string): string {
  return path === '' ? '/' : path;
}

function problem(errorType: string, description: string, additionalInfo: string): string {
  return `{errorType:'${errorType}', description:'${description}', additionalInfo:'${additionalInfo}'}`;
}
