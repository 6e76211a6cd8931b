/** What kind of server it is, as far as SQL and types differ. */
export interface ServerKind {
  readonly isMariadb: boolean;
  /** Such as 80_020 for 8.0.20 or 101_119 for 10.11.19. */
  readonly version: number;
  /** Bytes of a statement at the most. */
  readonly packetBytesMax: number;
  readonly files: FileUse;
}

/** Whether rows may come by LOAD DATA LOCAL within a transaction; `off`: the server could, and is told not to. */
export type FileUse = 'taken' | 'off' | 'unfit';

/** Such as `9.7.4-2`, or `5.5.5-10.11.19-MariaDB-log` of a MariaDB that pretends. */
export function serverKind(version: string, packetBytesMax: number, files: FileUse): ServerKind {
  const isMariadb = /mariadb/i.test(version);
  const text = isMariadb ? version.replace(/^5\.5\.5-/, '') : version;
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return {
    isMariadb,
    version: Number(major) * 10_000 + Number(minor) * 100 + Number(patch),
    packetBytesMax,
    files,
  };
}

/** `INSERT … AS new ON DUPLICATE KEY UPDATE c = new.c`; `VALUES(c)` is on its way out of MySQL and all that MariaDB has. */
export const hasRowAlias = (server: ServerKind): boolean =>
  !server.isMariadb && server.version >= 80_020;

/** A collation in which only equal texts are equal, blanks at the end included: like keys of other databases. */
export function exactCollation(server: ServerKind): string {
  if (server.isMariadb) return server.version >= 100_202 ? 'utf8mb4_nopad_bin' : 'utf8mb4_bin';
  return server.version >= 80_017 ? 'utf8mb4_0900_bin' : 'utf8mb4_bin';
}
