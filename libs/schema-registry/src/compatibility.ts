import { InvariantError } from '@millrace/foundation';
import type { CompatibilityPolicy, ParsedSchema } from './parsed-schema.ts';

export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

/** Backward: the new schema reads old data. Forward: old schemas read new data. Transitive: all of the old ones. */
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** A registered version, parsed only when it is compared with. */
export interface PreviousSchema {
  readonly version: number;
  readonly schema: () => ParsedSchema;
}

/** Longer ones are cut in messages. */
const SHOWN_SCHEMA_CHARACTERS = 10 * 1024;

export function findCompatibilityLevel(name: string): CompatibilityLevel | undefined {
  return COMPATIBILITY_LEVELS.find((level) => level === name.toUpperCase());
}

/**
 * Why the level forbids the schema after those before it; empty when it is allowed.
 * @param previous by version, ascending
 */
export function checkCompatibility(
  level: CompatibilityLevel,
  schema: ParsedSchema,
  previous: readonly PreviousSchema[],
  policy: CompatibilityPolicy = 'STRICT',
): readonly string[] {
  if (level === 'NONE') return [];
  const compared = level.endsWith('_TRANSITIVE') ? previous.toReversed() : previous.slice(-1);
  for (const { version, schema: parse } of compared) {
    const problems = tryCompare(() => compare(level, schema, parse(), version, policy));
    if (problems.length > 0) return problems;
  }
  return [];
}

/** What can't be compared is not compatible: two fields of one name, say, or a schema that is too complex. */
function tryCompare(work: () => readonly string[]): readonly string[] {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof InvariantError) throw error;
    return [`Unexpected exception during compatibility check: ${error.message}`];
  }
}

function compare(
  level: CompatibilityLevel,
  schema: ParsedSchema,
  existing: ParsedSchema,
  version: number,
  policy: CompatibilityPolicy,
): readonly string[] {
  if (schema.type !== existing.type) return ['Incompatible because of different schema type'];
  const forward = (): readonly string[] =>
    existing.incompatibilities(schema, policy).map((message) => named(message, 'old', 'new'));
  const backward = (): readonly string[] =>
    schema.incompatibilities(existing, policy).map((message) => named(message, 'new', 'old'));
  const about = [`{oldSchemaVersion: ${version}}`, shown(existing.text)];
  if (level.startsWith('FORWARD')) return withDetails(forward(), about);
  if (level.startsWith('BACKWARD')) return withDetails(backward(), about);
  return [...forward(), ...withDetails(backward(), about)];
}

function withDetails(problems: readonly string[], about: readonly string[]): readonly string[] {
  return problems.length === 0 ? [] : [...problems, ...about];
}

function named(message: string, reader: string, writer: string): string {
  let isReader = true;
  return message.replaceAll('%s', () => {
    const name = isReader ? reader : writer;
    isReader = false;
    return name;
  });
}

function shown(text: string): string {
  if (text.length <= SHOWN_SCHEMA_CHARACTERS) return `{oldSchema: '${text}'}`;
  return `{oldSchema: <truncated> '${text.slice(0, SHOWN_SCHEMA_CHARACTERS)}...'}`;
}
