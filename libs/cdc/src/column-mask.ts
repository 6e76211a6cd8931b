import { createHash } from 'node:crypto';
import { matchesAny, type NameFilter } from './name-filter.ts';

/** Changes the text of a column before anybody sees it. */
export type ColumnMask = (text: string) => string;

export interface ColumnMaskRule {
  /** The fully qualified column name. */
  readonly matchesColumn: NameFilter;
  readonly mask: ColumnMask;
}

const FIXED = /^column\.mask\.with\.(\d+)\.chars$/;
const TRUNCATE = /^column\.truncate\.to\.(\d+)\.chars$/;
const HASH = /^column\.mask\.hash\.(?:v2\.)?([^.]+)\.with\.salt\.(.+)$/;

/**
 * The rules among raw configuration keys such as `column.mask.with.10.chars`; an entry of `problems` for each that
 * can't be obeyed. Hashes are those of `v2`: salt and value as UTF-8, cut to nothing.
 */
export function columnMaskRules(raw: Readonly<Record<string, string>>): {
  readonly rules: readonly ColumnMaskRule[];
  readonly problems: readonly { readonly key: string; readonly message: string }[];
} {
  const rules: ColumnMaskRule[] = [];
  const problems: { key: string; message: string }[] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (!key.startsWith('column.mask.') && !key.startsWith('column.truncate.')) continue;
    try {
      const mask = maskOf(key);
      if (mask === undefined)
        problems.push({ key, message: `"${key}" is not a column mask that is known` });
      else rules.push({ matchesColumn: matchesAny(value.split(',')), mask });
    } catch (error) {
      problems.push({
        key,
        message: `Invalid value ${value} for configuration ${key}: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
  return { rules, problems };
}

function maskOf(key: string): ColumnMask | undefined {
  const fixed = FIXED.exec(key);
  if (fixed !== null) {
    const stars = '*'.repeat(Number(fixed[1]));
    return () => stars;
  }
  const truncate = TRUNCATE.exec(key);
  if (truncate !== null) {
    const length = Number(truncate[1]);
    return (text) => text.slice(0, length);
  }
  const hash = HASH.exec(key);
  if (hash !== null) {
    const algorithm = (hash[1] ?? '').replaceAll('-', '').toLowerCase();
    const salt = hash[2] ?? '';
    createHash(algorithm); // an unknown algorithm is refused now, not at the first row
    return (text) => createHash(algorithm).update(salt).update(text).digest('hex');
  }
  return undefined;
}
