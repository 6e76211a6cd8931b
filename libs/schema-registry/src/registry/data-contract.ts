import { compareText } from '../json/json.ts';
import type { Metadata, Rule, RuleSet, SchemaContent, SubjectConfig } from './entities.ts';

const VERSION_PROPERTY = 'confluent:version';

export interface DataContract {
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
}

/**
 * Metadata and rules that a schema gets: its own, else those of the version before, between the defaults and the
 * overrides of the configuration.
 * @param version of the new schema, when it is to stand in its metadata
 */
export function completeContract(
  config: SubjectConfig,
  own: Partial<DataContract>,
  previous: Partial<DataContract> | undefined,
  version: { readonly next: number; readonly isAsked: boolean } | undefined,
): DataContract {
  const metadata = mergeMetadata(
    mergeMetadata(config.defaultMetadata, own.metadata ?? previous?.metadata),
    config.overrideMetadata,
  );
  const ruleSet = mergeRuleSets(
    mergeRuleSets(config.defaultRuleSet, own.ruleSet ?? previous?.ruleSet),
    config.overrideRuleSet,
  );
  const isWritten = version !== undefined && (version.isAsked || versionIn(metadata) !== undefined);
  return {
    metadata: isWritten ? withVersion(metadata, String(version.next)) : metadata,
    ruleSet,
  };
}

export function hasDefaultsOrOverrides(config: SubjectConfig): boolean {
  return (
    config.defaultMetadata !== undefined ||
    config.overrideMetadata !== undefined ||
    config.defaultRuleSet !== undefined ||
    config.overrideRuleSet !== undefined
  );
}

/** The same metadata and rules; a version that only one of them names in its metadata does not count. */
export function isSameContract(
  current: Partial<DataContract>,
  previous: SchemaContent & { readonly version: number },
): boolean {
  if (canonical(current.ruleSet) !== canonical(previous.ruleSet)) return false;
  const own = versionIn(current.metadata);
  const before = versionIn(previous.metadata);
  if ((own === undefined) === (before === undefined))
    return canonical(current.metadata) === canonical(previous.metadata);
  if (own !== undefined && own !== String(previous.version)) return false;
  return (
    canonical(withoutVersion(current.metadata)) === canonical(withoutVersion(previous.metadata))
  );
}

function canonical(value: Metadata | RuleSet | undefined): string {
  return JSON.stringify(value ?? null);
}

function versionIn(metadata: Metadata | undefined): string | undefined {
  return metadata?.properties?.[VERSION_PROPERTY];
}

function withVersion(metadata: Metadata | undefined, version: string): Metadata {
  return {
    ...metadata,
    properties: sorted({ ...metadata?.properties, [VERSION_PROPERTY]: version }),
  };
}

function withoutVersion(metadata: Metadata | undefined): Metadata {
  const { tags, sensitive } = metadata ?? {};
  const properties = Object.entries(metadata?.properties ?? {}).filter(
    ([name]) => name !== VERSION_PROPERTY,
  );
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(sensitive === undefined ? {} : { sensitive }),
  };
}

function mergeMetadata(
  older: Metadata | undefined,
  newer: Metadata | undefined,
): Metadata | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  const tags = sorted({ ...older.tags, ...newer.tags });
  const properties = sorted({ ...older.properties, ...newer.properties });
  const sensitive = [...new Set([...(older.sensitive ?? []), ...(newer.sensitive ?? [])])].sort();
  return {
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(sensitive.length === 0 ? {} : { sensitive }),
  };
}

function mergeRuleSets(
  older: RuleSet | undefined,
  newer: RuleSet | undefined,
): RuleSet | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  const migrationRules = mergeRules(older.migrationRules, newer.migrationRules);
  const domainRules = mergeRules(older.domainRules, newer.domainRules);
  const encodingRules = mergeRules(older.encodingRules, newer.encodingRules);
  const enableAt = newer.enableAt ?? older.enableAt;
  return {
    ...(migrationRules === undefined ? {} : { migrationRules }),
    ...(domainRules === undefined ? {} : { domainRules }),
    ...(encodingRules === undefined ? {} : { encodingRules }),
    ...(enableAt === undefined ? {} : { enableAt }),
  };
}

function mergeRules(
  older: readonly Rule[] | undefined,
  newer: readonly Rule[] | undefined,
): readonly Rule[] | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  const names = new Set(newer.map(({ name }) => name));
  return [...older.filter(({ name }) => !names.has(name)), ...newer];
}

function sorted<V>(record: Readonly<Record<string, V>>): Readonly<Record<string, V>> {
  return Object.fromEntries(
    Object.entries(record).sort(([one], [other]) => compareText(one, other)),
  );
}

const MIGRATION_MODES = ['UPGRADE', 'DOWNGRADE', 'UPDOWN'];
const DOMAIN_MODES = ['WRITE', 'READ', 'WRITEREAD'];

/** What is wrong with the rules, if anything. */
export function findRuleProblem(ruleSet: RuleSet): string | undefined {
  const rules = [
    ...(ruleSet.migrationRules ?? []).map((rule) => ({
      rule,
      modes: MIGRATION_MODES,
      what: 'Migration',
    })),
    ...(ruleSet.domainRules ?? []).map((rule) => ({ rule, modes: DOMAIN_MODES, what: 'Domain' })),
    ...(ruleSet.encodingRules ?? []).map((rule) => ({
      rule,
      modes: DOMAIN_MODES,
      what: 'Encoding',
    })),
  ];
  const names = new Set<string>();
  for (const { rule, modes, what } of rules) {
    if (rule.name === undefined || rule.name === '') return 'Missing rule name';
    if (names.has(rule.name)) return `Found rule with duplicate name '${rule.name}'`;
    names.add(rule.name);
    if (rule.type === undefined) return 'Missing rule type';
    if (rule.mode !== undefined && !modes.includes(rule.mode))
      return `${what} rules can only be ${modes.join(', ')}`;
  }
  return undefined;
}
