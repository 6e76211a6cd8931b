import { markdownTable } from '@millrace/testkit';
import { MODES, TYPES } from './type-cases.ts';

/** The tables in TYPES.md, from the cases that the test tries on both servers: each schema with its types. */
export function typeTable(): string {
  const groups = new Map<string, { readonly types: string[]; readonly server: string }>();
  for (const { type, schema, only } of TYPES) {
    const key = `${schema} ${only ?? ''}`;
    const group = groups.get(key);
    const shown = nameOf(type);
    if (group === undefined) groups.set(key, { types: [shown], server: only ?? 'both' });
    else if (!group.types.includes(shown)) group.types.push(shown);
  }
  return markdownTable(
    ['column', 'server', 'schema'],
    [...groups].map(([key, { types, server }]) => [
      types.join(', '),
      server,
      code(key.split(' ')[0] ?? ''),
    ]),
  );
}

export function modeTable(): string {
  const rows = new Map<string, readonly string[]>();
  for (const { name, type, schema, value } of MODES) {
    if (value instanceof Error) continue;
    rows.set(`${name} ${nameOf(type)}`, [code(name), nameOf(type), code(schema)]);
  }
  return markdownTable(['setting', 'column', 'schema'], [...rows.values()]);
}

function nameOf(type: string): string {
  return code(type.length > 60 ? `${type.slice(0, 12)}…)` : type);
}

function code(text: string): string {
  return `\`${text}\``;
}
