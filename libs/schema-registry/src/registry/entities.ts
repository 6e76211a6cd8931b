import type { CompatibilityLevel } from '../compatibility.ts';
import type { SchemaReference, SchemaType } from '../parsed-schema.ts';

export const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const;

export type Mode = (typeof MODES)[number];

/** Free information about a schema (data contracts). */
export interface Metadata {
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly properties?: Readonly<Record<string, string>>;
  readonly sensitive?: readonly string[];
}

/** Rules that clients carry out; the registry keeps them. */
export interface RuleSet {
  readonly migrationRules?: readonly Rule[];
  readonly domainRules?: readonly Rule[];
  readonly encodingRules?: readonly Rule[];
  readonly enableAt?: string;
}

export interface Rule {
  readonly name?: string;
  readonly doc?: string;
  readonly kind?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly tags?: readonly string[];
  readonly params?: Readonly<Record<string, string>>;
  readonly expr?: string;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly disabled?: boolean;
}

/** What decides whether two schemas are the same one. */
export interface SchemaContent {
  readonly schemaType: SchemaType | (string & {});
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly metadata?: Metadata | undefined;
  readonly ruleSet?: RuleSet | undefined;
}

/** A version of a subject. */
export interface SchemaVersion extends SchemaContent {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string;
  readonly deleted: boolean;
  /** When its record was written; 0 while that is not known. */
  readonly timestampMs: number;
}

/** What a client asks to register or to look up. */
export interface SchemaRequest {
  /** Missing or empty: that of the version before, with other metadata or rules. */
  readonly schema?: string | undefined;
  readonly schemaType?: string | undefined;
  readonly references?: readonly SchemaReference[] | undefined;
  readonly metadata?: Metadata | undefined;
  readonly ruleSet?: RuleSet | undefined;
  /** -1: the next one, and written into the metadata. */
  readonly version?: number | undefined;
  /** In mode IMPORT. */
  readonly id?: number | undefined;
}

/** A subject's, a context's or the global configuration; what is missing comes from the next one up. */
export interface SubjectConfig {
  readonly alias?: string;
  readonly aliasForDeks?: string;
  readonly normalize?: boolean;
  readonly validateFields?: boolean;
  readonly validateNewSchemas?: boolean;
  readonly validateRules?: boolean;
  readonly compatibilityLevel?: CompatibilityLevel;
  readonly compatibilityPolicy?: string;
  readonly compatibilityGroup?: string;
  readonly defaultMetadata?: Metadata;
  readonly overrideMetadata?: Metadata;
  readonly defaultRuleSet?: RuleSet;
  readonly overrideRuleSet?: RuleSet;
}

export const CONFIG_KEYS = [
  'alias',
  'aliasForDeks',
  'normalize',
  'validateFields',
  'validateNewSchemas',
  'validateRules',
  'compatibilityLevel',
  'compatibilityPolicy',
  'compatibilityGroup',
  'defaultMetadata',
  'overrideMetadata',
  'defaultRuleSet',
  'overrideRuleSet',
] as const;

/** Null takes a value away, undefined leaves it. */
export type ConfigChange = {
  readonly [K in keyof SubjectConfig]?: SubjectConfig[K] | null | undefined;
};

export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
}

/** An id is unique within its context. */
export interface ContextId {
  readonly context: string;
  readonly id: number;
}
