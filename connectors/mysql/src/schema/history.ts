import type { TopicAccess, TopicLog } from '@millrace/connector-api';
import type { Logger } from '@millrace/foundation';
import type { SourceOffset, SourcePartition } from '@millrace/record';
import { parseGtidSet } from '../binlog/gtid/gtid-set.ts';
import type { Table } from '../catalog.ts';
import { positionOf, type OffsetPosition } from '../position.ts';
import type { Settings } from '../settings.ts';
import { changeDocument, readChange, type TableChange } from './table-change.ts';

/** A statement for the history, with the offset at which it holds. */
export interface HistoryEntry {
  readonly offset: SourceOffset;
  readonly isSnapshot: boolean;
  readonly timestampMs: number;
  readonly database: string;
  readonly ddl: string;
  readonly changes: readonly TableChange[];
}

export interface HistoryOptions {
  readonly settings: Settings;
  readonly topics: TopicAccess;
  readonly topic: string;
  readonly partition: SourcePartition;
  readonly log: Logger;
}

/** Never deleted from: the tables of an old position are made of all that came before it. */
const TOPIC_SETTINGS = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
};

/** Appended with one request, so that a large catalogue is not one of many round trips. */
const ENTRIES_PER_APPEND = 200;

/**
 * The schema history in a topic, in Debezium's format: each statement that changed the catalogue, with the tables as
 * they are afterwards. Read once at the start up to the offset; written while the stream passes statements, also when
 * the binlog names its columns by itself, so that Debezium can go on with it.
 */
export class SchemaHistory implements AsyncDisposable {
  readonly #options: HistoryOptions;
  readonly #log: TopicLog;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#log = options.topics.open(options.topic);
  }

  get topic(): string {
    return this.#options.topic;
  }

  async ensure(signal: AbortSignal): Promise<void> {
    await this.#log.ensure(TOPIC_SETTINGS, signal);
  }

  /** The tables at this position, by `database.table`; null: the history has nothing of this connector. */
  async tablesAt(
    position: OffsetPosition,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Table> | null> {
    const tables = new Map<string, Table>();
    let isKnown = false;
    const end = await this.#log.end(signal);
    for (let next = 0; next < end;) {
      const { records, nextOffset } = await this.#log.read(next, 0, signal);
      for (const { value } of records) {
        const entry = this.#entryOf(value);
        if (entry === undefined || !isAtOrBefore(entry.position, position, this.#options.settings))
          continue;
        isKnown = true;
        for (const change of entry.changes) apply(tables, change);
      }
      if (nextOffset === next) break;
      next = nextOffset;
    }
    return isKnown ? tables : null;
  }

  async append(entries: readonly HistoryEntry[], signal: AbortSignal): Promise<void> {
    const { partition, settings } = this.#options;
    const withComments = settings.config['include.schema.comments'];
    for (let start = 0; start < entries.length; start += ENTRIES_PER_APPEND)
      await this.#log.append(
        entries.slice(start, start + ENTRIES_PER_APPEND).map((entry) => ({
          key: null,
          value: Buffer.from(
            JSON.stringify(
              {
                source: partition,
                position: positionOfEntry(entry),
                ts_ms: entry.timestampMs,
                databaseName: entry.database,
                ddl: entry.ddl,
                tableChanges: entry.changes.map((change) => changeDocument(change, withComments)),
              },
              (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
            ),
          ),
        })),
        signal,
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]();
  }

  #entryOf(
    value: Uint8Array | null,
  ): { readonly position: OffsetPosition; readonly changes: readonly TableChange[] } | undefined {
    if (value === null) return undefined;
    try {
      const document: unknown = JSON.parse(Buffer.from(value).toString());
      if (typeof document !== 'object' || document === null) return undefined;
      const source: unknown = Reflect.get(document, 'source');
      const server: unknown =
        typeof source === 'object' && source !== null ? Reflect.get(source, 'server') : undefined;
      // Several connectors in one topic are a mistake that need not hurt.
      if (server !== this.#options.partition['server']) return undefined;
      const stored = positionOf(offsetOf(Reflect.get(document, 'position')));
      const changes: unknown = Reflect.get(document, 'tableChanges');
      if (stored.kind === 'none') return undefined;
      return {
        position: stored.position,
        changes: Array.isArray(changes) ? changes.flatMap((each) => readChange(each) ?? []) : [],
      };
    } catch (error) {
      this.#options.log.warn(
        { err: error },
        'a record of the schema history is no JSON and left out',
      );
      return undefined;
    }
  }
}

/** Where it holds, as Debezium tells it: without what an offset has beyond. */
function positionOfEntry({ isSnapshot, offset }: HistoryEntry): SourceOffset {
  const position = Object.fromEntries(
    Object.entries(offset).filter(
      ([key]) => !key.startsWith('millrace.') && key !== 'snapshot_completed',
    ),
  );
  return isSnapshot ? { ...position, snapshot: 'INITIAL' } : position;
}

function offsetOf(value: unknown): SourceOffset | undefined {
  // What of it is no number or text, `positionOf` leaves out.
  return typeof value === 'object' && value !== null ? (value as SourceOffset) : undefined;
}

function apply(tables: Map<string, Table>, change: TableChange): void {
  const { previous, table } = change;
  if (previous !== undefined) tables.delete(`${previous.database}.${previous.name}`);
  const id = `${change.database}.${change.name}`;
  if (table === null) tables.delete(id);
  else tables.set(id, table);
}

/** As Debezium compares: by GTIDs where both have some, else by file and position. */
export function isAtOrBefore(
  recorded: OffsetPosition,
  wanted: OffsetPosition,
  { flavour }: Pick<Settings, 'flavour'>,
): boolean {
  if (wanted.gtids !== null) {
    if (recorded.gtids === null) return true;
    const before = parseGtidSet(flavour, recorded.gtids);
    const here = parseGtidSet(flavour, wanted.gtids);
    if (before.toString() === here.toString()) return recorded.eventsToSkip <= wanted.eventsToSkip;
    return here.includes(before);
  }
  if (recorded.gtids !== null) return false;
  const [recordedBase, recordedNumber] = splitFile(recorded.file);
  const [wantedBase, wantedNumber] = splitFile(wanted.file);
  // Numbers of different series say nothing; to leave a statement out would be worse than to repeat it.
  if (recordedBase !== wantedBase) return true;
  if (recordedNumber !== wantedNumber) return recordedNumber < wantedNumber;
  if (recorded.position !== wanted.position) return recorded.position < wanted.position;
  if (recorded.eventsToSkip !== wanted.eventsToSkip)
    return recorded.eventsToSkip < wanted.eventsToSkip;
  return recorded.rowsToSkip <= wanted.rowsToSkip;
}

function splitFile(file: string): readonly [string, number] {
  const dot = file.lastIndexOf('.');
  return [file.slice(0, dot), Number(file.slice(dot + 1))];
}
