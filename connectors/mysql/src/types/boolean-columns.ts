import { matchesAny } from '@millrace/cdc';
import type { ConfigProblem } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { ValueSettings } from './value-settings.ts';

const TINYINT_TO_BOOLEAN =
  /^io\.debezium\.connector\.(?:binlog|mysql|mariadb)\.converters\.TinyIntOneToBooleanConverter$/;

interface Converter {
  readonly name: string;
  readonly type: string;
}

function converters(raw: ComponentConfig): readonly Converter[] {
  return listOf(raw['converters']).map((name) => ({ name, type: raw[`${name}.type`] ?? '' }));
}

/** Other converters would give other values: better none than wrong ones. */
export function converterProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  return converters(raw)
    .filter(({ type }) => !TINYINT_TO_BOOLEAN.test(type))
    .map(({ name, type }) => ({
      key: 'converters',
      message: `"${name}.type" is "${type}"; there is only io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter`,
    }));
}

/** By `converters`, with the `selector` of columns and the `length.checker` of each. */
export function booleanColumns(raw: ComponentConfig): ValueSettings['isBoolean'] {
  const rules = converters(raw).map(({ name }) => {
    const selector = listOf(raw[`${name}.selector`]);
    const isSelected = selector.length === 0 ? (): boolean => true : matchesAny(selector);
    const checksLength = raw[`${name}.length.checker`]?.trim().toLowerCase() !== 'false';
    return { isSelected, checksLength };
  });
  return (id, column) =>
    rules.some(
      ({ checksLength, isSelected }) => isSelected(id) && (!checksLength || column.length === 1),
    );
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
