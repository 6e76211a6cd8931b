import type { JsonMember, JsonNode } from './binary-json.ts';

type Leg = { readonly name: string } | { readonly index: number };

/** One change of a partial update. @throws RangeError when the path leads nowhere */
export function applyDiff(
  document: JsonNode,
  operation: 'replace' | 'insert' | 'remove',
  path: string,
  value: JsonNode | undefined,
): JsonNode {
  return change(document, parsePath(path), operation, value);
}

function change(
  node: JsonNode,
  legs: readonly Leg[],
  operation: 'replace' | 'insert' | 'remove',
  value: JsonNode | undefined,
): JsonNode {
  const [leg, ...rest] = legs;
  if (leg === undefined) {
    if (operation !== 'replace' || value === undefined) throw nowhere();
    return value;
  }
  if ('index' in leg) {
    if (node.kind !== 'array') throw nowhere();
    const items = [...node.items];
    if (rest.length === 0 && operation === 'remove') items.splice(leg.index, 1);
    else if (rest.length === 0 && operation === 'insert' && value !== undefined)
      items.splice(leg.index, 0, value);
    else {
      const item = items[leg.index];
      if (item === undefined) throw nowhere();
      items[leg.index] = change(item, rest, operation, value);
    }
    return { kind: 'array', items };
  }
  if (node.kind !== 'object') throw nowhere();
  const members = node.members.filter(({ name }) => name !== leg.name);
  if (rest.length === 0 && operation === 'remove') return { kind: 'object', members };
  if (rest.length === 0 && operation === 'insert' && value !== undefined)
    return { kind: 'object', members: inserted(members, { name: leg.name, value }) };
  return {
    kind: 'object',
    members: node.members.map((member) =>
      member.name === leg.name
        ? { name: member.name, value: change(member.value, rest, operation, value) }
        : member,
    ),
  };
}

/** Members stand in the order of their names' lengths, then of their bytes. */
function inserted(members: readonly JsonMember[], member: JsonMember): readonly JsonMember[] {
  const bytes = Buffer.from(member.name);
  const place = members.findIndex(({ name }) => {
    const other = Buffer.from(name);
    return other.length === bytes.length
      ? Buffer.compare(other, bytes) > 0
      : other.length > bytes.length;
  });
  return place < 0
    ? [...members, member]
    : [...members.slice(0, place), member, ...members.slice(place)];
}

const LEG = /\[(\d+)\]|\.("(?:[^"\\]|\\.)*"|[^.[\]"]+)/gy;

function parsePath(path: string): readonly Leg[] {
  if (!path.startsWith('$')) throw nowhere();
  const legs: Leg[] = [];
  LEG.lastIndex = 1;
  while (LEG.lastIndex < path.length) {
    const match = LEG.exec(path);
    if (match === null) throw nowhere();
    const [, index, name = ''] = match;
    if (index !== undefined) legs.push({ index: Number(index) });
    else legs.push({ name: name.startsWith('"') ? unquoted(name) : name });
  }
  return legs;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    throw nowhere();
  }
}

function nowhere(): RangeError {
  return new RangeError('a change of a JSON value leads nowhere');
}
