import type { Logger } from '@millrace/foundation';
import { parseGtidSet, type GtidSet } from './binlog/gtid/gtid-set.ts';
import type { Session } from './connection.ts';
import { binlogPurged, gtidsOff, gtidsUnknown, serverChanged } from './errors.ts';
import type { OffsetPosition } from './position.ts';
import { readServerGtids, type ServerFacts } from './server.ts';
import type { Settings } from './settings.ts';

/** Where the server is asked to begin. */
export interface StreamStart {
  /** Where we are, with what of it was delivered. */
  readonly position: OffsetPosition;
  readonly from:
    | { readonly kind: 'file'; readonly file: string; readonly position: number }
    | { readonly kind: 'gtid'; readonly gtids: GtidSet };
}

export interface StartOptions {
  readonly settings: Settings;
  readonly session: Session;
  readonly facts: ServerFacts;
  readonly log: Logger;
  readonly position: OffsetPosition;
}

/**
 * Whether the server can go on where the position stands, and how it is asked: by GTIDs where there are any, since
 * they mean the same on each server of a group, else by file and position, which mean something on one server only.
 * @throws MillraceError `mysql.binlog_purged`, `mysql.server_changed`, `mysql.gtids_unknown`, `mysql.gtid_mode`
 */
export async function planStream(options: StartOptions): Promise<StreamStart> {
  const { facts, log, position, settings } = options;
  const isOther = position.server !== null && position.server !== facts.identity;
  const delivered = settings.config['gtid.ignore.on.recovery'] ? null : position.gtids;
  if (delivered !== null && facts.hasGtids) {
    const gtids = await gtidStart(options, delivered);
    if (isOther)
      log.info(
        { before: position.server, now: facts.identity },
        'another server is read from now on; a transaction that was delivered in part comes again as a whole',
      );
    return {
      position: {
        ...position,
        ...(isOther ? { eventsToSkip: 0, rowsToSkip: 0 } : {}),
        gtids: gtids.toString(),
        server: facts.identity,
      },
      from: { kind: 'gtid', gtids },
    };
  }
  if (isOther) throw serverChanged(position.server, facts.identity);
  if (delivered !== null && settings.flavour === 'mysql') throw gtidsOff();
  await checkFile(options);
  return {
    position: { ...position, server: facts.identity },
    from: { kind: 'file', file: position.file, position: position.position },
  };
}

async function gtidStart(
  { facts, session, settings }: StartOptions,
  text: string,
): Promise<GtidSet> {
  const { flavour } = settings;
  const server = await readServerGtids(session, facts);
  const executed = parseGtidSet(flavour, server.executed);
  const purged = parseGtidSet(flavour, server.purged);
  const counts = (source: string): boolean =>
    !settings.filtersGtidSources || flavour === 'mariadb' || settings.countsGtidSource(source);
  const all = parseGtidSet(flavour, text);
  const wanted = all.filter(counts);
  // What was delivered of sources that do not count need not be here; what of it is here does not come again.
  const rest = all.filter((source) => !counts(source));
  const delivered = wanted.union(rest.subtract(rest.subtract(executed)));
  const known = sourcesOf(delivered);
  const ofKnown = (set: GtidSet): GtidSet => set.filter((source) => known.has(source));
  // A replica without the transactions that we have seen is behind, or of another group.
  if (!executed.union(purged).includes(wanted))
    throw gtidsUnknown(wanted.toString(), executed.toString());
  if (!delivered.includes(ofKnown(purged).filter(counts)))
    throw binlogPurged(`GTIDs ${delivered.toString()}`, `those behind ${purged.toString()}`);
  const unknown =
    settings.config['gtid.new.channel.position'] === 'latest' ? executed.union(purged) : purged;
  return delivered
    .union(unknown.filter((source) => !known.has(source)))
    .union(purged.filter((source) => !counts(source)));
}

function sourcesOf(set: GtidSet): ReadonlySet<string> {
  const sources = new Set<string>();
  set.filter((source) => {
    sources.add(source);
    return true;
  });
  return sources;
}

async function checkFile({ position, session }: StartOptions): Promise<void> {
  const rows = await session.query('SHOW BINARY LOGS');
  const file = rows.find((row) => row['Log_name'] === position.file);
  const names = rows.map((row) => row['Log_name'] ?? '');
  const range = names.length === 0 ? 'none' : `${names[0] ?? ''} to ${names.at(-1) ?? ''}`;
  if (file === undefined) throw binlogPurged(`${position.file}:${position.position}`, range);
  // A file that is shorter than it was is another one: the server was set up anew.
  if (Number(file['File_size']) < position.position)
    throw binlogPurged(
      `${position.file}:${position.position}`,
      `${position.file} up to ${file['File_size'] ?? '0'} only, so it is another file of that name`,
    );
}
