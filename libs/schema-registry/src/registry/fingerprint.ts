import { createHash, type Hash } from 'node:crypto';
import { compareText } from '../json/json.ts';
import type { Metadata, Rule, RuleSet, SchemaContent } from './entities.ts';

/**
 * The schema's GUID: MD5 over what makes it up, as Confluent's registry computes it, so that both find the same schema
 * under the same GUID.
 */
export function guidOf(content: Omit<SchemaContent, 'schemaType'>): string {
  const hash = createHash('md5');
  hash.update(content.schema);
  for (const { name, subject, version } of content.references) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(version);
    hash.update(name).update(subject).update(bytes);
  }
  if (content.metadata !== undefined) addMetadata(hash, content.metadata);
  if (content.ruleSet !== undefined) addRuleSet(hash, content.ruleSet);
  return formatGuid(hash.digest('hex'));
}

/** From the `md5` of a stored record, which Confluent writes beside encrypted metadata. */
export function guidFromBase64(md5: string): string | undefined {
  const bytes = Buffer.from(md5, 'base64');
  return bytes.byteLength === 16 ? formatGuid(bytes.toString('hex')) : undefined;
}

/** With or without dashes, in any case. */
export function parseGuid(text: string): string | undefined {
  const hex = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(hex) ? formatGuid(hex) : undefined;
}

function formatGuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const PRESENT = Buffer.of(1);

function addMetadata(hash: Hash, { tags, properties, sensitive }: Metadata): void {
  hash.update(PRESENT);
  for (const [name, values] of sortedEntries(tags ?? {})) {
    hash.update(name);
    for (const value of values.toSorted(compareText)) hash.update(value);
  }
  for (const [name, value] of sortedEntries(properties ?? {})) hash.update(name).update(value);
  for (const name of (sensitive ?? []).toSorted(compareText)) hash.update(name);
}

function addRuleSet(hash: Hash, ruleSet: RuleSet): void {
  hash.update(PRESENT);
  for (const rule of ruleSet.migrationRules ?? []) addRule(hash, rule);
  for (const rule of ruleSet.domainRules ?? []) addRule(hash, rule);
  for (const rule of ruleSet.encodingRules ?? []) addRule(hash, rule);
  if (ruleSet.enableAt !== undefined) hash.update(ruleSet.enableAt);
}

function addRule(hash: Hash, rule: Rule): void {
  for (const text of [rule.name, rule.doc, rule.kind, rule.mode, rule.type])
    if (text !== undefined) hash.update(text);
  for (const tag of (rule.tags ?? []).toSorted(compareText)) hash.update(tag);
  for (const [name, value] of sortedEntries(rule.params ?? {})) hash.update(name).update(value);
  for (const text of [rule.expr, rule.onSuccess, rule.onFailure])
    if (text !== undefined) hash.update(text);
  if (rule.disabled === true) hash.update(PRESENT);
}

function sortedEntries<V>(record: Readonly<Record<string, V>>): readonly [string, V][] {
  return Object.entries(record).sort(([one], [other]) => compareText(one, other));
}
