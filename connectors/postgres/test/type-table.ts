import { markdownTable } from '@millrace/testkit';
import { MODES } from './mode-cases.ts';
import { CASES } from './type-cases.ts';

/** The tables in TYPES.md, from the cases that the tests try: each schema with its types. */
export function typeTable(): string {
  const groups = new Map<string, Set<string>>();
  const schemas = new Map<string, string>();
  for (const [type, , , schema] of CASES) if (schema !== undefined) schemas.set(type, schema);
  for (const [type, schema] of schemas)
    groups.set(schema, (groups.get(schema) ?? new Set()).add(code(type)));
  return markdownTable(
    ['column', 'schema'],
    [...groups].map(([schema, types]) => [[...types].join(', '), code(schema)]),
  );
}

export function modeTable(): string {
  const rows = new Map<string, readonly string[]>();
  for (const [config, type, , , schema] of MODES) {
    const setting = Object.entries(config)
      .map(([key, value]) => code(`${key}=${value}`))
      .join(', ');
    rows.set(`${setting} ${type}`, [setting, code(type), code(schema)]);
  }
  return markdownTable(['setting', 'column', 'schema'], [...rows.values()]);
}

function code(text: string): string {
  return `\`${text}\``;
}
