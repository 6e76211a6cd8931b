import { text, type Session } from '../server/session-api.ts';

export interface Grants {
  /** As GRANT wants it: `'app'@'%'`. */
  readonly user: string;
  /** Everything that is granted anywhere, in capitals. */
  readonly names: ReadonlySet<string>;
  /** On everything. */
  readonly globals: ReadonlySet<string>;
}

export async function grantsOf(session: Session): Promise<Grants> {
  const [login] = await session.query('SELECT CURRENT_USER() AS user');
  const account = text(login, 'user');
  const at = account.lastIndexOf('@');
  const names = new Set<string>();
  const globals = new Set<string>();
  for (const row of await session.query('SHOW GRANTS')) {
    const statement = Object.values(row)[0] ?? '';
    const match = /^GRANT (.+?) ON (\S+) TO/i.exec(statement);
    for (const name of (match?.[1] ?? '').split(',')) {
      const bare = name
        .trim()
        .replace(/\s*\(.*$/, '')
        .toUpperCase();
      names.add(bare);
      if (match?.[2] === '*.*') globals.add(bare);
    }
  }
  return { user: `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`, names, globals };
}
