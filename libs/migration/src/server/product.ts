import { text, type Session } from './session-api.ts';

export interface Product {
  readonly product: 'postgres' | 'mysql' | 'mariadb';
  readonly version: string;
}

export async function productOf(session: Session): Promise<Product> {
  if (session.endpoint.family === 'postgres') {
    const [row] = await session.query('SHOW server_version');
    return { product: 'postgres', version: text(row, 'server_version') };
  }
  const [row] = await session.query('SELECT version() AS version');
  const version = text(row, 'version');
  return {
    product: /mariadb/i.test(version) ? 'mariadb' : 'mysql',
    version: /^[\d.]+/.exec(version)?.[0] ?? version,
  };
}
