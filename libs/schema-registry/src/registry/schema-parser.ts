import { invalidSchema, SchemaRegistryError } from '../errors.ts';
import type {
  ParsedSchema,
  ResolvedReference,
  SchemaFormat,
  SchemaReference,
} from '../parsed-schema.ts';
import type { SchemaVersion, SchemaContent } from './entities.ts';
import type { RegistryState } from './state.ts';
import { joinSubject, qualifyWithParent, splitSubject } from './subject.ts';

/** Parsed schemas that are kept, by the GUID (INV-6). */
const CACHED_MAX = 1000;
/** Far more than anybody has; a graph of references that is larger is an attack or an accident (INV-6). */
const REFERENCES_MAX = 1000;

/** Parses schemas with what they refer to, as the registry knows it. */
export class SchemaParser {
  readonly #formats: ReadonlyMap<string, SchemaFormat>;
  readonly #state: RegistryState;
  readonly #registered = new Map<string, ParsedSchema>();

  constructor(state: RegistryState, formats: readonly SchemaFormat[]) {
    this.#state = state;
    this.#formats = new Map(formats.map((format) => [format.type, format]));
  }

  get types(): readonly string[] {
    return [...this.#formats.keys()];
  }

  /** What is referred to may have been deleted for good. */
  forget(): void {
    this.#registered.clear();
  }

  /** @throws SchemaRegistryError `schema_registry.invalid_schema` */
  parse(
    subject: string,
    content: Pick<SchemaContent, 'schema' | 'schemaType' | 'references'>,
    isNew: boolean,
  ): ParsedSchema {
    const format = this.#formats.get(content.schemaType);
    if (format === undefined) throw invalidSchema(`Invalid schema type ${content.schemaType}`);
    return asInvalid(content.schemaType, () => {
      const { references, resolved } = this.#resolve(subject, content.references, isNew);
      return format.parse({ text: content.schema, references, resolved }, isNew);
    });
  }

  /** @throws SchemaRegistryError `schema_registry.invalid_schema` */
  check(schema: ParsedSchema): void {
    asInvalid(schema.type, () => {
      schema.check();
    });
  }

  parseRegistered(schema: SchemaVersion): ParsedSchema {
    const key = `${schema.guid} ${splitSubject(schema.subject).context} ${schema.schemaType}`;
    const known = this.#registered.get(key);
    if (known !== undefined) return known;
    const parsed = this.parse(schema.subject, schema, false);
    if (this.#registered.size >= CACHED_MAX) this.#registered.clear();
    this.#registered.set(key, parsed);
    return parsed;
  }

  /** Everything referred to, depth first; -1 becomes the latest version. */
  #resolve(
    subject: string,
    references: readonly SchemaReference[],
    isNew: boolean,
  ): {
    readonly references: readonly SchemaReference[];
    readonly resolved: readonly ResolvedReference[];
  } {
    const resolved: ResolvedReference[] = [];
    const visited = new Set<string>();
    const visit = (parent: string, items: readonly SchemaReference[]): SchemaReference[] =>
      items.map((reference) => {
        const target = this.#target(parent, reference, isNew);
        const exact = { ...reference, version: target.version };
        // By name, and before what it refers to itself: a cycle ends here.
        if (visited.has(reference.name)) return exact;
        visited.add(reference.name);
        if (visited.size > REFERENCES_MAX)
          throw new Error(`more than ${REFERENCES_MAX} schemas are referred to`);
        visit(target.subject, target.references);
        resolved.push({ name: reference.name, text: target.schema });
        return exact;
      });
    return { references: visit(subject, references), resolved };
  }

  #target(parent: string, reference: SchemaReference, isNew: boolean): SchemaVersion {
    const subject = qualifyWithParent(parent, reference.subject);
    const found =
      this.#find(subject, reference.version, isNew) ??
      // A schema of no context may refer to one that only another context has.
      this.#findInContexts(subject, reference.version, isNew);
    if (found !== undefined) return found;
    throw new Error(
      `No schema reference found for subject "${subject}" and version ${reference.version}`,
    );
  }

  #find(subject: string, version: number, isNew: boolean): SchemaVersion | undefined {
    if (version === -1) return this.#state.latest(subject);
    const found = this.#state.version(subject, version);
    return found?.deleted === true && isNew ? undefined : found;
  }

  #findInContexts(subject: string, version: number, isNew: boolean): SchemaVersion | undefined {
    const { context, subject: own } = splitSubject(subject);
    if (context !== '.') return undefined;
    for (const other of this.#state.contexts()) {
      const found = this.#find(joinSubject({ context: other, subject: own }), version, isNew);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function asInvalid<T>(type: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SchemaRegistryError || !(error instanceof Error)) throw error;
    const what = error instanceof RangeError ? 'nested too deeply' : error.message;
    throw invalidSchema(`Invalid schema of type ${type}, details: ${what}`, error);
  }
}
