import type { ProtoOption, ProtoValue } from './model.ts';
import type { ProtoReader } from './proto-reader.ts';

const DEPTH_MAX = 64;

/** `[name = value, …]`, if it stands there. */
export function readOptionList(reader: ProtoReader): readonly ProtoOption[] {
  const options: ProtoOption[] = [];
  if (!reader.accept('[')) return options;
  do options.push(readOption(reader, '='));
  while (reader.accept(','));
  reader.expect(']');
  return options;
}

/** `name = value`, or within a value in braces `name: value`. */
export function readOption(reader: ProtoReader, separator: '=' | ':', depth = 0): ProtoOption {
  const isExtension = reader.peek() === '(';
  const isBracketed = reader.peek() === '[';
  const word = reader.name();
  const name = isBracketed ? `[${word}]` : word;
  const members = reader.accept('.') ? reader.word().split('.') : [];
  if (separator === '=' || (reader.peek() !== '{' && reader.peek() !== '<'))
    reader.expect(separator);
  const value = members.reduceRight<ProtoValue>(
    (inner, member) => ({
      kind: 'member',
      option: { name: member, isExtension: false, value: inner },
    }),
    readValue(reader, depth),
  );
  return { name, isExtension, value };
}

function readValue(reader: ProtoReader, depth: number): ProtoValue {
  if (depth > DEPTH_MAX) throw reader.problem(`options nested deeper than ${DEPTH_MAX}`);
  const next = reader.peek();
  if (next === '{' || next === '<') return readMap(reader, depth);
  if (next === '[') return readList(reader, depth);
  if (next === '"' || next === "'") return { kind: 'string', text: reader.string() };
  return { kind: 'word', text: reader.word() };
}

/** A member that stands several times is a list. */
function readMap(reader: ProtoReader, depth: number): ProtoValue {
  const close = reader.take() === '{' ? '}' : '>';
  const members = new Map<string, ProtoValue>();
  while (!reader.accept(close)) {
    const { name, value } = readOption(reader, ':', depth + 1);
    const before = members.get(name);
    members.set(
      name,
      before === undefined ? value : { kind: 'list', items: joined(before, value) },
    );
    if (!reader.accept(',')) reader.accept(';');
  }
  return { kind: 'map', members };
}

function joined(before: ProtoValue, value: ProtoValue): readonly ProtoValue[] {
  const items = value.kind === 'list' ? value.items : [value];
  return before.kind === 'list' ? [...before.items, ...items] : [before, ...items];
}

function readList(reader: ProtoReader, depth: number): ProtoValue {
  reader.expect('[');
  const items: ProtoValue[] = [];
  while (!reader.accept(']')) {
    items.push(readValue(reader, depth + 1));
    reader.accept(',');
  }
  return { kind: 'list', items };
}
