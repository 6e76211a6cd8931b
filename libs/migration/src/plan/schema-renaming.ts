import type { Endpoint } from '../server/endpoint.ts';

/**
 * What a schema of the source is called in the target. Between PostgreSQL databases schemas keep their names; a MySQL
 * database becomes the schema `public`, and the other way round `public` becomes the database of the URL.
 */
export function schemaRenaming(
  source: Endpoint,
  target: Endpoint,
  renames: readonly string[],
): (schema: string) => string {
  const given = new Map(
    renames.flatMap((text): [string, string][] => {
      const [from = '', to] = text.split(':');
      return to === undefined || to === '' ? [] : [[from, to]];
    }),
  );
  return (schema) => given.get(schema) ?? usual(source, target, schema);
}

function usual(source: Endpoint, target: Endpoint, schema: string): string {
  const isMain = source.family === 'mysql' ? schema === source.database : schema === 'public';
  if (target.family === 'mysql') return isMain ? target.database : schema;
  return source.family === 'mysql' && isMain ? 'public' : schema;
}
