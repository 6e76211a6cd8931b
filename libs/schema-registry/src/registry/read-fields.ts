import type { SchemaReference } from '../parsed-schema.ts';
import type { Metadata, Rule, RuleSet } from './entities.ts';

/** From parsed JSON of a record or a request; undefined when it is not such a thing. Unknown members are left out. */
export function readReferences(json: unknown): readonly SchemaReference[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const references: SchemaReference[] = [];
  for (const item of json as readonly unknown[]) {
    if (!isFields(item)) return undefined;
    const { name, subject, version } = item;
    if (typeof name !== 'string' || typeof subject !== 'string') return undefined;
    if (typeof version !== 'number' || !Number.isInteger(version)) return undefined;
    references.push({ name, subject, version });
  }
  return references;
}

export function readMetadata(json: unknown): Metadata | undefined {
  if (!isFields(json)) return undefined;
  const tags = isFields(json['tags']) ? json['tags'] : undefined;
  const properties = isFields(json['properties']) ? json['properties'] : undefined;
  const sensitive = textsOf(json['sensitive']);
  return {
    ...(tags === undefined
      ? {}
      : {
          tags: sortedRecord(
            Object.entries(tags).map(([name, value]) => [name, sortedTexts(textsOf(value) ?? [])]),
          ),
        }),
    ...(properties === undefined
      ? {}
      : { properties: sortedRecord(Object.entries(properties).map(([k, v]) => [k, asText(v)])) }),
    ...(sensitive === undefined ? {} : { sensitive: sortedTexts(sensitive) }),
  };
}

export function readRuleSet(json: unknown): RuleSet | undefined {
  if (!isFields(json)) return undefined;
  const enableAt = json['enableAt'];
  return {
    ...rulesMember('migrationRules', json['migrationRules']),
    ...rulesMember('domainRules', json['domainRules']),
    ...rulesMember('encodingRules', json['encodingRules']),
    ...(typeof enableAt === 'string' ? { enableAt } : {}),
  };
}

function rulesMember(name: string, json: unknown): Readonly<Record<string, readonly Rule[]>> {
  if (!Array.isArray(json)) return {};
  return { [name]: (json as readonly unknown[]).filter(isFields).map(readRule) };
}

const RULE_TEXTS = ['name', 'doc', 'kind', 'mode', 'type'] as const;
const RULE_ENDS = ['expr', 'onSuccess', 'onFailure'] as const;

function readRule(json: Fields): Rule {
  const texts = (names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = json[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
  const tags = textsOf(json['tags']);
  const params = isFields(json['params']) ? json['params'] : undefined;
  return {
    ...texts(RULE_TEXTS),
    ...(tags === undefined ? {} : { tags: sortedTexts(tags) }),
    ...(params === undefined
      ? {}
      : { params: sortedRecord(Object.entries(params).map(([k, v]) => [k, asText(v)])) }),
    ...texts(RULE_ENDS),
    disabled: json['disabled'] === true,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function textsOf(json: unknown): readonly string[] | undefined {
  return Array.isArray(json) ? (json as readonly unknown[]).map(asText) : undefined;
}

function asText(json: unknown): string {
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function sortedTexts(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

function sortedRecord<V>(entries: readonly (readonly [string, V])[]): Readonly<Record<string, V>> {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}
