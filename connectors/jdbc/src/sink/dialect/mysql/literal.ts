import type { Column, ColumnType } from '../../write/table.ts';
import { quoteText } from './names.ts';

/** A column's text (`column-text.ts`) to its SQL literal. */
export type Literal = (text: string) => string;

const DECIMAL = /^[+-]?\d+(\.\d*)?$/;

export function literalsFor(columns: readonly Column[]): readonly Literal[] {
  return columns.map(({ type }) => literalFor(type));
}

function literalFor(type: ColumnType): Literal {
  switch (type.kind) {
    case 'integer':
      return (text) => text;
    case 'float':
      // A bare -0 would be a whole number, which has no sign.
      return (text) => (text === '-0' ? '-0e0' : text);
    case 'numeric':
      // In quotes an exponent stays exact; bare it would be a floating point number.
      return (text) => (DECIMAL.test(text) ? text : `'${text}'`);
    case 'bits':
      return (text) => `b'${text}'`;
    case 'bytes':
    case 'geometry':
      return (text) => `x'${text}'`;
    case 'vector':
      return (text) => `${type.castName}(${quoteText(text)})`;
    default:
      return quoteText;
  }
}
