import { createHash } from 'node:crypto';
import { matchesAny, type NameFilter } from './name-filter.ts';

/** Changes the text of a column before anybody sees it. */
export type ColumnMask = (text: string) => string;

export interface ColumnMaskRule {
  /** The fully qualified column name. */
  readonly matchesColumn: NameFilter;
  readonly mask: ColumnMask;
  /** What stands for null; null: itself. */
  readonly maskOfNull: string | null;
  /** A hash is cut to the length of its column; `mask` does not know it. */
  readonly fitsColumn: boolean;
  /** Tells in the schema of the column what was done. */
  readonly parameter: readonly [key: string, value: string];
}

const FIXED = /^column\.mask\.with\.(\d+)\.chars$/;
const TRUNCATE = /^column\.truncate\.to\.(\d+)\.chars$/;
const HASH = /^column\.mask\.hash\.(v2\.)?([^.]+)\.with\.salt\.(.+)$/;
const MASKED = ['masked', 'true'] as const;

/**
 * The rules among raw configuration keys such as `column.mask.with.10.chars`; an entry of `problems` for each that
 * can't be obeyed.
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
      const rule = ruleOf(key);
      if (rule === undefined)
        problems.push({ key, message: `"${key}" is not a column mask that is known` });
      else rules.push({ ...rule, matchesColumn: matchesAny(value.split(',')) });
    } catch (error) {
      problems.push({
        key,
        message: `Invalid value ${value} for configuration ${key}: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
  return { rules, problems };
}

function ruleOf(key: string): Omit<ColumnMaskRule, 'matchesColumn'> | undefined {
  const fixed = FIXED.exec(key);
  if (fixed !== null) {
    const stars = '*'.repeat(Number(fixed[1]));
    return { mask: () => stars, maskOfNull: stars, fitsColumn: false, parameter: MASKED };
  }
  const truncate = TRUNCATE.exec(key);
  if (truncate !== null) {
    const length = Number(truncate[1]);
    return {
      mask: (text) => text.slice(0, length),
      maskOfNull: null,
      fitsColumn: false,
      parameter: ['truncateLength', String(length)],
    };
  }
  const hash = HASH.exec(key);
  if (hash !== null) {
    const algorithm = (hash[2] ?? '').replaceAll('-', '').toLowerCase();
    const salt = hash[3] ?? '';
    const bytesOf = hash[1] === undefined ? serialized : (text: string) => Buffer.from(text);
    createHash(algorithm); // an unknown algorithm is refused now, not at the first row
    return {
      mask: (text) => createHash(algorithm).update(salt).update(bytesOf(text)).digest('hex'),
      maskOfNull: null,
      fitsColumn: true,
      parameter: MASKED,
    };
  }
  return undefined;
}

/** A text as Java serialises it: what the hashes of the first version are made of. */
function serialized(text: string): Buffer {
  const units: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0 && unit < 0x80) units.push(unit);
    else if (unit < 0x800) units.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else units.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  const isLong = units.length > 0xffff;
  const head = Buffer.alloc(isLong ? 13 : 7);
  head.writeUInt32BE(0xaced0005, 0);
  head.writeUInt8(isLong ? 0x7c : 0x74, 4);
  if (isLong) head.writeBigUInt64BE(BigInt(units.length), 5);
  else head.writeUInt16BE(units.length, 5);
  return Buffer.concat([head, Buffer.from(units)]);
}
