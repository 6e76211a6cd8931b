import { MariadbGtidSet } from './mariadb-gtid-set.ts';
import { MysqlGtidSet } from './mysql-gtid-set.ts';

/** Which transactions were executed; immutable. MySQL's sets of UUIDs, or MariaDB's positions of domains. */
export interface GtidSet {
  readonly flavour: 'mysql' | 'mariadb';
  readonly isEmpty: boolean;
  /** The set with this transaction (`uuid:5`, `uuid:tag:5`, `0-1-5`) too. */
  with(gtid: string): GtidSet;
  contains(gtid: string): boolean;
  /** Whether all of the other set is in this one. */
  includes(other: GtidSet): boolean;
  union(other: GtidSet): GtidSet;
  /** What is in this set and not in the other. Of MariaDB, the domains in which this one is further. */
  subtract(other: GtidSet): GtidSet;
  /** Only the sources (server UUIDs; of MariaDB domains) that pass. */
  filter(passes: (source: string) => boolean): GtidSet;
  /** The sources in it. */
  readonly sources: readonly string[];
  /** As the server prints it, without line breaks. */
  toString(): string;
}

/** @throws MillraceError `mysql.gtid_set_unreadable` */
export function parseGtidSet(flavour: 'mysql' | 'mariadb', text: string): GtidSet {
  return flavour === 'mysql' ? MysqlGtidSet.parse(text) : MariadbGtidSet.parse(text);
}
