import { checkCompatibility, type CompatibilityLevel } from '../compatibility.ts';
import { invalidSchema } from '../errors.ts';
import type { ParsedSchema, SchemaReference } from '../parsed-schema.ts';
import { completeContract, isSameContract } from './data-contract.ts';
import type {
  ContextId,
  Mode,
  SchemaVersion,
  SchemaContent,
  SchemaRequest,
  SubjectConfig,
  SubjectVersion,
} from './entities.ts';
import { guidOf, parseGuid } from './fingerprint.ts';
import type { SchemaParser } from './schema-parser.ts';
import type { RegistryState } from './state.ts';
import {
  ALL_CONTEXTS,
  contextOf,
  contextPrefix,
  DEFAULT_CONTEXT,
  GLOBAL_CONTEXT,
  joinSubject,
  qualifyWithParent,
  splitSubject,
} from './subject.ts';

/** Which versions count. */
export type Deleted = 'without' | 'with' | 'only';

export interface RegistryDefaults {
  readonly compatibilityLevel: CompatibilityLevel;
  /** Reserved fields of the metadata are checked. */
  readonly validateFields: boolean;
  /** New schemas are looked at more closely than those registered before. */
  readonly validateNewSchemas: boolean;
}

/** What the registry knows, without asking the log. Subjects are given as `normalizeSubject` writes them. */
export class RegistryQueries {
  readonly #state: RegistryState;
  readonly #defaults: RegistryDefaults;
  readonly parser: SchemaParser;

  constructor(state: RegistryState, parser: SchemaParser, defaults: RegistryDefaults) {
    this.#state = state;
    this.parser = parser;
    this.#defaults = defaults;
  }

  /** All versions, ascending. */
  versions(subject: string, deleted: Deleted): readonly SchemaVersion[] {
    return this.#state.versions(subject).filter((schema) => includes(deleted, schema.deleted));
  }

  /** -1 is the latest. Where no context is named, those that have one are looked through too. */
  version(subject: string, version: number, withDeleted: boolean): SchemaVersion | undefined {
    for (const candidate of this.#candidates(subject)) {
      const found = this.exactVersion(candidate, version, withDeleted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  exactVersion(subject: string, version: number, withDeleted: boolean): SchemaVersion | undefined {
    if (version === -1) return this.#state.latest(subject);
    const found = this.#state.version(subject, version);
    return found?.deleted === true && !withDeleted ? undefined : found;
  }

  hasSubjects(scope: string, withDeleted: boolean): boolean {
    return this.#state.hasSubjects(scope, withDeleted);
  }

  /** Sorted. `prefix` may be `:*:` and a prefix without context. */
  subjects(prefix: string, deleted: Deleted): readonly string[] {
    return this.#state.subjects().filter((subject) => {
      if (!startsWith(subject, prefix)) return false;
      const isDeleted = this.#state.versions(subject).every((schema) => schema.deleted);
      return includes(deleted, isDeleted);
    });
  }

  schemas(prefix: string, deleted: Deleted, latestOnly: boolean): readonly SchemaVersion[] {
    const subjects = this.#state.subjects().filter((subject) => startsWith(subject, prefix));
    return subjects.flatMap((subject) => {
      const versions = this.versions(subject, deleted);
      return latestOnly ? versions.slice(-1) : versions;
    });
  }

  /** Subjects that have this one as their alias. */
  aliasesOf(subject: string): readonly string[] {
    return this.#state
      .aliases()
      .filter(([, alias]) => alias === subject)
      .map(([aliased]) => aliased);
  }

  /** A name given within a subject's context. */
  qualify(parent: string, subject: string): string {
    return qualifyWithParent(parent, subject);
  }

  contexts(): readonly string[] {
    return [DEFAULT_CONTEXT, ...this.#state.contexts()];
  }

  /** @param subject or a context; empty: the default context */
  byId(id: number, subject: string): SchemaVersion | undefined {
    const { context, subject: own } = splitSubject(subject);
    if (own === '') return this.#state.byId(context, id);
    const exact = this.#state.byId(context, id, subject);
    if (exact !== undefined || context !== DEFAULT_CONTEXT) return exact;
    for (const other of this.#state.contexts()) {
      const found = this.#state.byId(other, id, joinSubject({ context: other, subject: own }));
      if (found !== undefined) return found;
    }
    return this.#state.byId(context, id);
  }

  idMax(subject: string): number {
    return this.#state.idMax(contextOf(subject));
  }

  /** Undefined when the id is not known at all. */
  versionsOfId(
    id: number,
    subject: string,
    withDeleted: boolean,
  ): readonly SubjectVersion[] | undefined {
    const schema = this.byId(id, subject);
    if (schema === undefined) return undefined;
    return this.#state
      .versionsOfId(contextOf(schema.subject), schema.id)
      .filter((at) => this.exactVersion(at.subject, at.version, withDeleted) !== undefined);
  }

  byGuid(guid: string): SchemaVersion | undefined {
    const [first] = this.idsOfGuid(guid);
    return first === undefined ? undefined : this.#state.byId(first.context, first.id);
  }

  idsOfGuid(text: string): readonly ContextId[] {
    const guid = parseGuid(text);
    if (guid === undefined) return [];
    return this.contexts().flatMap((context) => {
      const id = this.#state.idByGuid(context, guid);
      return id === undefined ? [] : [{ context, id }];
    });
  }

  /** Ids of the schemas that refer to the version, ascending. */
  referencedBy(subject: string, version: number, withDeleted: boolean): readonly number[] {
    return this.referrers(subject, version, withDeleted)
      .map(({ id }) => id)
      .sort((one, other) => one - other);
  }

  referrers(subject: string, version: number, withDeleted: boolean): readonly ContextId[] {
    return this.#state
      .referencedBy(subject, version)
      .filter((id) => withDeleted || this.subjectsOf(id, false).length > 0);
  }

  subjectsOf({ context, id }: ContextId, withDeleted: boolean): readonly string[] {
    const versions = this.versionsOfId(id, `:${context}:`, withDeleted);
    return (versions ?? []).map(({ subject }) => subject);
  }

  /** The version of the subject that this schema is, if it is one. */
  lookUp(
    subject: string,
    request: SchemaRequest,
    normalize: boolean,
    withDeleted: boolean,
  ): SchemaVersion | undefined {
    for (const candidate of this.#candidates(subject)) {
      const found = this.#lookUpWithContract(candidate, request, normalize, withDeleted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Once more with what registration would add from the version before. */
  #lookUpWithContract(
    subject: string,
    request: SchemaRequest,
    normalize: boolean,
    withDeleted: boolean,
  ): SchemaVersion | undefined {
    const found = this.lookUpExactly(subject, request, normalize, withDeleted);
    if (found !== undefined) return found;
    const previous = this.#state.latest(subject);
    if (previous === undefined) return undefined;
    const contract = completeContract(
      this.configInScope(subject),
      request, // only its metadata and rules are read
      previous,
      undefined,
    );
    if (contract.metadata === request.metadata && contract.ruleSet === request.ruleSet)
      return undefined;
    return this.lookUpExactly(subject, { ...request, ...contract }, normalize, withDeleted);
  }

  lookUpExactly(
    subject: string,
    request: SchemaRequest,
    normalize: boolean,
    withDeleted: boolean,
    latestOnly = false,
  ): SchemaVersion | undefined {
    if (isBlank(request.schema)) return undefined;
    const { parsed, content } = this.canonicalize(subject, request, normalize, false);
    if (latestOnly) {
      const latest = this.#state.latest(subject);
      return latest !== undefined && this.isSame(parsed, content, latest) ? latest : undefined;
    }
    const context = contextOf(subject);
    const id = this.#state.idByGuid(context, guidOf(content));
    const known = id === undefined ? undefined : this.#state.byId(context, id, subject);
    if (known !== undefined && (withDeleted || !known.deleted)) return known;
    const versions = this.versions(subject, withDeleted ? 'with' : 'without').toReversed();
    return versions.find((schema) => this.isSame(parsed, content, schema));
  }

  /** The schema as it would be stored. */
  canonicalize(
    subject: string,
    request: SchemaRequest,
    normalize: boolean,
    isNew: boolean,
  ): { readonly parsed: ParsedSchema; readonly content: SchemaContent } {
    const given = {
      schemaType: request.schemaType ?? 'AVRO',
      schema: request.schema ?? '',
      references: request.references ?? [],
    };
    const asGiven = this.parser.parse(subject, given, isNew);
    const isImport = isImporting(this.modeInScope(subject));
    if (!isImport) this.parser.check(asGiven);
    const parsed = normalize && !isImport ? asGiven.normalized() : asGiven;
    return {
      parsed,
      content: {
        schemaType: parsed.type,
        schema: parsed.text,
        references: parsed.references,
        metadata: request.metadata,
        ruleSet: request.ruleSet,
      },
    };
  }

  /** The same schema: however its references are written, or with none where those of the other one are resolved. */
  isSame(parsed: ParsedSchema, content: SchemaContent, previous: SchemaVersion): boolean {
    if (parsed.type !== previous.schemaType || !isSameContract(content, previous)) return false;
    const isResolved = parsed.references.length === 0 && previous.references.length > 0;
    const hasSameReferences = sameReferences(parsed.references, previous.references);
    if (!isResolved && !hasSameReferences) return false;
    return parsed.isEquivalent(this.parser.parseRegistered(previous));
  }

  /**
   * Why the schema may not come after these versions; empty when it may.
   * @throws SchemaRegistryError `schema_registry.invalid_schema`
   */
  incompatibilities(
    subject: string,
    request: SchemaRequest,
    previous: readonly SchemaVersion[],
    normalize: boolean,
  ): readonly string[] {
    if (isBlank(request.schema)) throw invalidSchema('Empty schema');
    const { parsed, content } = this.canonicalize(
      subject,
      request,
      normalize,
      this.validatesNewSchemas(subject),
    );
    return this.problemsAfter(subject, parsed, content, previous);
  }

  problemsAfter(
    subject: string,
    parsed: ParsedSchema,
    content: SchemaContent,
    previous: readonly SchemaVersion[],
  ): readonly string[] {
    const config = this.configInScope(subject);
    const level = config.compatibilityLevel ?? this.#defaults.compatibilityLevel;
    const validateFields = config.validateFields ?? this.#defaults.validateFields;
    const problems = [
      ...(validateFields ? reservedFieldProblems(parsed, content, previous.at(-1)) : []),
      ...checkCompatibility(
        level,
        parsed,
        sameGroup(config.compatibilityGroup, content, previous).map((schema) => ({
          version: schema.version,
          schema: () => this.parser.parseRegistered(schema),
        })),
        config.compatibilityPolicy === 'LENIENT' ? 'LENIENT' : 'STRICT',
      ),
    ];
    if (problems.length === 0) return [];
    return [...problems, `{validateFields: '${validateFields}', compatibility: '${level}'}`];
  }

  validatesNewSchemas(subject: string): boolean {
    return this.configInScope(subject).validateNewSchemas ?? this.#defaults.validateNewSchemas;
  }

  /** What is set for exactly this scope; the global one (null) always has something. */
  config(scope: string | null): SubjectConfig | undefined {
    const own = this.#state.config(scope);
    if (own !== undefined) return this.#complete(own);
    const isTop = scope === null || contextOf(scope) === GLOBAL_CONTEXT;
    return isTop ? this.#complete({}) : undefined;
  }

  configInScope(scope: string | null): SubjectConfig {
    const own = scope === null ? undefined : this.config(scope);
    if (scope !== null && own !== undefined) {
      const top = this.#complete(this.#state.config(null) ?? {});
      return {
        ...pick(top, ['normalize', 'validateFields', 'validateNewSchemas', 'validateRules']),
        ...pick(top, ['compatibilityPolicy', 'compatibilityGroup']),
        ...own,
      };
    }
    for (const wider of scopesAbove(scope)) {
      const config = this.#state.config(wider);
      if (config !== undefined) return this.#complete(config);
    }
    return this.#complete({});
  }

  #complete(config: SubjectConfig): SubjectConfig {
    return { compatibilityLevel: this.#defaults.compatibilityLevel, ...config };
  }

  mode(scope: string | null): Mode | undefined {
    const own = this.#state.mode(scope);
    if (own !== undefined) return own;
    const isTop = scope === null || contextOf(scope) === GLOBAL_CONTEXT;
    return isTop ? 'READWRITE' : undefined;
  }

  modeInScope(scope: string | null): Mode {
    const own = this.#state.mode(scope);
    if (own !== undefined) return own;
    for (const wider of scopesAbove(scope)) {
      const mode = this.#state.mode(wider);
      if (mode !== undefined) return mode;
    }
    return 'READWRITE';
  }

  normalizes(subject: string): boolean {
    return this.configInScope(subject).normalize === true;
  }

  /** The subject, and where it has no context, those of the same name in every context. */
  #candidates(subject: string): readonly string[] {
    const { context, subject: own } = splitSubject(subject);
    if (context !== DEFAULT_CONTEXT) return [subject];
    const inContexts = this.#state
      .contexts()
      .map((other) => joinSubject({ context: other, subject: own }));
    return [subject, ...inContexts];
  }
}

export function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

export function isImporting(mode: Mode): boolean {
  return mode === 'IMPORT' || mode === 'FORWARD';
}

/** The context, or what is set for all; then the global context. */
function scopesAbove(scope: string | null): readonly (string | null)[] {
  const context = scope === null ? DEFAULT_CONTEXT : contextOf(scope);
  const own = context === DEFAULT_CONTEXT ? null : contextPrefix(context);
  return [own, contextPrefix(GLOBAL_CONTEXT)];
}

function includes(deleted: Deleted, isDeleted: boolean): boolean {
  return deleted === 'with' || (deleted === 'only') === isDeleted;
}

function startsWith(subject: string, prefix: string): boolean {
  if (!prefix.startsWith(ALL_CONTEXTS)) return subject.startsWith(prefix);
  return splitSubject(subject).subject.startsWith(prefix.slice(ALL_CONTEXTS.length));
}

function sameReferences(
  one: readonly SchemaReference[],
  other: readonly SchemaReference[],
): boolean {
  return (
    one.length === other.length &&
    one.every((reference, index) => {
      const against = other[index];
      return (
        reference.name === against?.name &&
        reference.subject === against.subject &&
        reference.version === against.version
      );
    })
  );
}

/** Only versions of the same group are compared, where a group is configured. */
function sameGroup(
  group: string | undefined,
  content: SchemaContent,
  previous: readonly SchemaVersion[],
): readonly SchemaVersion[] {
  if (group === undefined) return previous;
  const own = content.metadata?.properties?.[group];
  return previous.filter(({ metadata }) => metadata?.properties?.[group] === own);
}

const RESERVED_PROPERTY = 'confluent:reserved';

function reservedFieldProblems(
  parsed: ParsedSchema,
  content: SchemaContent,
  previous: SchemaVersion | undefined,
): readonly string[] {
  const reserved = reservedFields(content);
  const before = previous === undefined ? [] : reservedFields(previous);
  return [
    ...before
      .filter((field) => !reserved.includes(field))
      .map(
        (field) =>
          `The new schema has reserved field ${field} removed from its metadata which is present in the old schema's metadata.`,
      ),
    ...reserved
      .filter((field) => parsed.hasTopLevelField(field))
      .map((field) => `The new schema has field that conflicts with the reserved field ${field}.`),
  ];
}

function reservedFields({ metadata }: SchemaContent): readonly string[] {
  const fields = (metadata?.properties?.[RESERVED_PROPERTY] ?? '').split(',');
  return fields.map((field) => field.trim()).filter((field) => field !== '');
}

function pick<K extends keyof SubjectConfig>(
  config: SubjectConfig,
  keys: readonly K[],
): Pick<SubjectConfig, K> {
  const entries = keys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]));
  return Object.fromEntries(entries) as Pick<SubjectConfig, K>; // only those keys were taken
}
