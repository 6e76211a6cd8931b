import { parseGtidSet } from './binlog/gtid/gtid-set.ts';
import type { Session } from './connection.ts';
import type { Flavour } from './settings.ts';

/** What is asked of a server once a connection. */
export interface ServerFacts {
  readonly flavour: Flavour;
  /** As it names itself, such as `10.11.19-MariaDB`. */
  readonly version: string;
  /** Tells servers apart: `server_uuid`; of MariaDB, which has none, its `server_id`. */
  readonly identity: string;
  readonly serverId: number;
  readonly hasBinlog: boolean;
  readonly binlogFormat: string;
  readonly rowImage: string;
  readonly hasFullMetadata: boolean;
  /** Whether transactions have GTIDs: always of MariaDB. */
  readonly hasGtids: boolean;
  /** Whether statements are in the binlog beside their rows. */
  readonly writesQueries: boolean;
  /** 1 or 2: table names are compared in lower case. */
  readonly lowerCaseTableNames: number;
  readonly variables: ReadonlyMap<string, string>;
}

const VARIABLES = [
  'version',
  'server_uuid',
  'server_id',
  'log_bin',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'gtid_mode',
  'binlog_rows_query_log_events',
  'binlog_annotate_row_events',
  'lower_case_table_names',
  'read_only',
  'character_set_server',
  'collation_server',
];

export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const rows = await session.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${VARIABLES.map((name) => `'${name}'`).join(', ')})`,
  );
  const variables = new Map(
    rows.map((row) => [(row['Variable_name'] ?? '').toLowerCase(), row['Value'] ?? '']),
  );
  const value = (name: string): string => variables.get(name) ?? '';
  const version = value('version');
  const flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  const serverId = Number(value('server_id'));
  return {
    flavour,
    version,
    identity: value('server_uuid') === '' ? `server-id-${serverId}` : value('server_uuid'),
    serverId,
    hasBinlog: isOn(value('log_bin')),
    binlogFormat: value('binlog_format').toUpperCase(),
    rowImage: value('binlog_row_image').toUpperCase(),
    hasFullMetadata: value('binlog_row_metadata').toUpperCase() === 'FULL',
    hasGtids: flavour === 'mariadb' || isOn(value('gtid_mode')),
    writesQueries: isOn(
      value(flavour === 'mariadb' ? 'binlog_annotate_row_events' : 'binlog_rows_query_log_events'),
    ),
    lowerCaseTableNames: Number(value('lower_case_table_names')),
    variables,
  };
}

function isOn(value: string): boolean {
  return /^(?:on|1|yes|true)$/i.test(value);
}

/** Where the binlog ends at this moment. */
export interface BinlogEnd {
  readonly file: string;
  readonly position: number;
  /** null: the server has no GTIDs. */
  readonly gtids: string | null;
}

/** null: the server writes no binlog. */
export async function readBinlogEnd(
  session: Session,
  facts: ServerFacts,
): Promise<BinlogEnd | null> {
  const [status] = await session.query(await statusStatement(facts));
  const file = status?.['File'] ?? null;
  if (file === null) return null;
  const position = Number(status?.['Position']);
  if (!facts.hasGtids) return { file, position, gtids: null };
  if (facts.flavour === 'mysql') {
    const gtids = (status?.['Executed_Gtid_Set'] ?? '').replaceAll(/\s/g, '');
    return { file, position, gtids };
  }
  const [row] = await session.query(`SELECT BINLOG_GTID_POS('${file}', ${position}) AS gtids`);
  return { file, position, gtids: row?.['gtids'] ?? (await mariadbGtids(session)) };
}

/** The position of a consistent snapshot that this session has just begun, without any lock; null: it can't tell. */
export async function readSnapshotPosition(session: Session): Promise<BinlogEnd | null> {
  const rows = await session.query("SHOW STATUS LIKE 'binlog_snapshot_%'");
  const value = (name: string): string | undefined =>
    rows.find((row) => row['Variable_name']?.toLowerCase() === name)?.['Value'] ?? undefined;
  const file = value('binlog_snapshot_file');
  if (file === undefined || file === '') return null;
  const position = Number(value('binlog_snapshot_position'));
  const [row] = await session.query(`SELECT BINLOG_GTID_POS('${file}', ${position}) AS gtids`);
  return { file, position, gtids: row?.['gtids'] ?? null };
}

async function mariadbGtids(session: Session): Promise<string> {
  const [row] = await session.query('SELECT @@GLOBAL.gtid_binlog_pos AS gtids');
  return row?.['gtids'] ?? '';
}

/** MySQL 8.2 brought another name for it, and 8.4 took the old one away. */
function statusStatement(facts: ServerFacts): Promise<string> {
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  const isNew = facts.flavour === 'mysql' && (major > 8 || (major === 8 && minor >= 2));
  return Promise.resolve(isNew ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
}

/** The binlog files that the server still has, from the oldest. */
export async function readBinlogFiles(session: Session): Promise<readonly string[]> {
  const rows = await session.query('SHOW BINARY LOGS');
  return rows.map((row) => row['Log_name'] ?? '');
}

/** What was executed on the server and what of it is no longer in the binlog, as sets. */
export interface ServerGtids {
  readonly executed: string;
  readonly purged: string;
}

export async function readServerGtids(session: Session, facts: ServerFacts): Promise<ServerGtids> {
  if (facts.flavour === 'mysql') {
    const [row] = await session.query(
      'SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged',
    );
    return {
      executed: (row?.['executed'] ?? '').replaceAll(/\s/g, ''),
      purged: (row?.['purged'] ?? '').replaceAll(/\s/g, ''),
    };
  }
  const executed = await mariadbGtids(session);
  const [first] = await readBinlogFiles(session);
  // The begin of the oldest file: where the position before all that is left stands.
  const [row] = await session.query(`SELECT BINLOG_GTID_POS('${first ?? ''}', 4) AS purged`);
  return { executed, purged: row?.['purged'] ?? '' };
}

/** The union of two sets as text; one may be null or empty. */
export function unionGtids(flavour: Flavour, left: string | null, right: string): string {
  return parseGtidSet(flavour, left ?? '')
    .union(parseGtidSet(flavour, right))
    .toString();
}
