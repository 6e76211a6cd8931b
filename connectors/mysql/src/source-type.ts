import type { ColumnDefinition } from './types/column.ts';

/** A column with its type as the server prints it, where that is known. */
type TypedColumn = ColumnDefinition & { readonly typeText?: string };

/** What Debezium tells of a column's type in its schema. */
export function sourceTypeParameters(column: TypedColumn): Readonly<Record<string, string>> {
  const length = typeLength(column);
  return {
    '__debezium.source.column.type': typeName(column),
    ...(length === null ? {} : { '__debezium.source.column.length': String(length) }),
    ...(column.scale === null ? {} : { '__debezium.source.column.scale': String(column.scale) }),
    '__debezium.source.column.name': column.name,
  };
}

/** As Debezium's parser names types: in capitals, with what follows the brackets. */
export function typeName({ isUnsigned, labels, type, typeText }: TypedColumn): string {
  if (typeText === undefined) return (isUnsigned ? `${type} unsigned` : type).toUpperCase();
  const behind = /\)(.*)$/.exec(typeText)?.[1] ?? /^\S+(.*)$/.exec(typeText)?.[1];
  const attributes = labels.length > 0 ? '' : (behind ?? '');
  const words = attributes.match(/\b(?:unsigned|zerofill)\b/gi) ?? [];
  const name = /^geomcollection\b/i.test(typeText) ? 'geomcollection' : type;
  return [name, ...words].join(' ').toUpperCase();
}

/** Of an enum or a set so many characters as its values have when each label has one. */
export function typeLength({ labels, length, type }: TypedColumn): number | null {
  if (type === 'enum') return 1;
  return type === 'set' ? Math.max(1, 2 * labels.length - 1) : length;
}
