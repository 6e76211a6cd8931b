import { wholeRegex } from '@millrace/config';

/** Tells by a list of regular expressions which names are meant: each matches the whole name, whatever its case. */
export type NameFilter = (name: string) => boolean;

/** @throws SyntaxError when an entry is no regular expression; settings validate them first */
export function matchesAny(patterns: readonly string[]): NameFilter {
  const expressions = patterns
    .filter((pattern) => pattern.trim() !== '')
    .map((pattern) => wholeRegex(pattern.trim(), 'i'));
  return (name) => expressions.some((expression) => expression.test(name));
}

/** An include list wins; without one everything passes that the exclude list does not name. */
export function includeExclude(
  include: readonly string[] | null | undefined,
  exclude: readonly string[] | null | undefined,
): NameFilter {
  if (include !== null && include !== undefined && include.length > 0) return matchesAny(include);
  if (exclude === null || exclude === undefined || exclude.length === 0) return () => true;
  const excluded = matchesAny(exclude);
  return (name) => !excluded(name);
}

/** The place of a name in a list of expressions: that of the first one which matches it, or behind them all. */
export function rankOf(patterns: readonly string[] | null | undefined): (name: string) => number {
  const filters = (patterns ?? []).map((pattern) => matchesAny([pattern]));
  return (name) => {
    const rank = filters.findIndex((matches) => matches(name));
    return rank < 0 ? filters.length : rank;
  };
}

export interface KeyColumnsRule {
  readonly matchesTable: NameFilter;
  readonly columns: readonly string[];
}

/** `message.key.columns`: `<table regex>:col1,col2;<table regex>:col3`. Undefined when it can't be read. */
export function parseKeyColumns(text: string): readonly KeyColumnsRule[] | undefined {
  const rules: KeyColumnsRule[] = [];
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const colon = part.lastIndexOf(':');
    const columns = part
      .slice(colon + 1)
      .split(',')
      .map((column) => column.trim())
      .filter((column) => column !== '');
    if (colon <= 0 || columns.length === 0) return undefined;
    try {
      rules.push({ matchesTable: matchesAny([part.slice(0, colon)]), columns });
    } catch {
      return undefined; // the regular expression is malformed
    }
  }
  return rules;
}
