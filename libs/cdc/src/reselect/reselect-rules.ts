import type { ConfigProblem } from '@millrace/config';
import { matchesAny } from '../name-filter.ts';

/** One entry of `post.processors`: which columns of a change are read again from their row. */
export interface ReselectRule {
  /** Of `schema.table:column`; of MySQL `database.table:column`. */
  readonly selects: (column: string) => boolean;
  /** Values that the server did not send. */
  readonly ofUnavailable: boolean;
  /** Values that are null. */
  readonly ofNulls: boolean;
  /** The row is found by the key of the event, not by that of the table. */
  readonly byEventKey: boolean;
  /** What can not be read fails the task; else the event stays as it is. */
  readonly isStrict: boolean;
}

const RESELECT = 'io.debezium.processors.reselect.ReselectColumnsPostProcessor';
type RawConfig = Readonly<Record<string, string | undefined>>;

export function reselectRules(raw: RawConfig): readonly ReselectRule[] {
  return namesOf(raw).map((name) => {
    const key = (rest: string): string | undefined => raw[`${name}.reselect.${rest}`]?.trim();
    const included = listOf(key('columns.include.list'));
    const excluded = listOf(key('columns.exclude.list'));
    const isIncluded = included.length > 0 ? matchesAny(included) : (): boolean => true;
    const isExcluded =
      included.length === 0 && excluded.length > 0 ? matchesAny(excluded) : (): boolean => false;
    return {
      selects: (column) => isIncluded(column) && !isExcluded(column),
      ofUnavailable: isOn(key('unavailable.values'), true),
      ofNulls: isOn(key('null.values'), true),
      byEventKey: isOn(key('use.event.key'), false),
      isStrict: key('error.handling.mode')?.toLowerCase() === 'fail',
    };
  });
}

/** Other post-processors would give other values: better none than wrong ones. */
export function reselectProblems(raw: RawConfig): readonly ConfigProblem[] {
  return namesOf(raw).flatMap((name) => {
    const problems: ConfigProblem[] = [];
    const type = raw[`${name}.type`]?.trim() ?? '';
    if (type !== RESELECT)
      problems.push({
        key: 'post.processors',
        message: `"${name}.type" is "${type}", a Java class that can't run here; there is ${RESELECT}, and for other changes of events there are transforms`,
      });
    const mode = raw[`${name}.reselect.error.handling.mode`]?.trim().toLowerCase() ?? 'warn';
    if (mode !== 'warn' && mode !== 'fail')
      problems.push({
        key: 'post.processors',
        message: `"${name}.reselect.error.handling.mode" is "${mode}"; "warn" or "fail" is expected`,
      });
    for (const list of ['include', 'exclude'])
      for (const pattern of listOf(raw[`${name}.reselect.columns.${list}.list`]))
        if (!isRegex(pattern))
          problems.push({
            key: 'post.processors',
            message: `"${pattern}" in "${name}.reselect.columns.${list}.list" is no regular expression`,
          });
    return problems;
  });
}

function namesOf(raw: RawConfig): readonly string[] {
  return listOf(raw['post.processors']);
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isOn(text: string | undefined, fallback: boolean): boolean {
  return text === undefined || text === '' ? fallback : text.toLowerCase() === 'true';
}

function isRegex(pattern: string): boolean {
  try {
    matchesAny([pattern])('');
    return true;
  } catch {
    return false; // what it is not is the answer
  }
}
