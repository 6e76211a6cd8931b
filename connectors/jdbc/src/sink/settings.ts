import type { ConfigProblem } from '@millrace/config';
import type { JdbcUrl } from '../jdbc-url.ts';

export type InsertMode = 'insert' | 'upsert' | 'update';
export type KeyMode = 'none' | 'kafka' | 'record_key' | 'record_value' | 'record_header';

/**
 * What a source's own settings were, told by the user because JSON without schemas can't tell: what a number in a
 * time column counts, and how decimals and bytes were written. Null: not told, and then only what can mean one thing
 * is converted.
 */
export interface SourceHints {
  readonly timePrecisionMode: string | null;
  readonly decimalHandlingMode: string | null;
  readonly binaryHandlingMode: string | null;
  /** `millrace.source.json.texts` */
  readonly hasJsonTexts: boolean;
}

/** The settings of one sink in one form, whichever connector's keys they were written in. */
export interface Settings {
  /** Whose semantics count where Debezium's and Confluent's sink differ. */
  readonly flavour: 'debezium' | 'confluent';
  readonly url: JdbcUrl;
  readonly user: string | null;
  readonly password: string | null;
  readonly insertMode: InsertMode;
  readonly deletes: boolean;
  readonly truncates: boolean;
  readonly createTables: boolean;
  readonly addColumns: boolean;
  readonly keyMode: KeyMode;
  readonly keyFields: readonly string[];
  readonly tableFormat: string;
  readonly isFieldIncluded: (topic: string, field: string) => boolean;
  readonly quoteIdentifiers: boolean;
  readonly rowsMax: number;
  readonly retriesMax: number;
  readonly retryDelayMaxMs: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Offsets are stored in the target, in the transaction of the rows. */
  readonly isExactlyOnce: boolean;
  readonly offsetsTable: string;
  readonly hints: SourceHints;
  /** The keys as this connector calls them, for messages. */
  readonly keys: SettingKeys;
}

export interface SettingKeys {
  readonly user: string;
  readonly keyMode: string;
  readonly keyFields: string;
  readonly createTables: string;
  readonly addColumns: string;
  readonly tableFormat: string;
}

/** Rules across fields, each with the keys in the words of the connector. */
export function settingProblems(settings: Settings): readonly ConfigProblem[] {
  const { keys, keyMode, insertMode } = settings;
  const problems: ConfigProblem[] = [];
  if (settings.deletes && keyMode !== 'record_key')
    problems.push({
      key: 'delete.enabled',
      message: `delete.enabled=true requires ${keys.keyMode}=record_key: only then does a delete say which row it means`,
    });
  if (insertMode !== 'insert' && keyMode === 'none')
    problems.push({
      key: keys.keyMode,
      message: `insert.mode=${insertMode} requires a key: set ${keys.keyMode} to record_key, record_value or kafka`,
    });
  if (insertMode === 'update' && keyMode === 'kafka')
    problems.push({
      key: keys.keyMode,
      message: `insert.mode=update with ${keys.keyMode}=kafka would never find a row: use record_key or record_value`,
    });
  if (keyMode === 'record_value' && settings.keyFields.length === 0)
    problems.push({
      key: keys.keyFields,
      message: `${keys.keyMode}=record_value requires ${keys.keyFields}: the fields of the value that are the key`,
    });
  if (keyMode === 'kafka' && settings.keyFields.length !== 0 && settings.keyFields.length !== 3)
    problems.push({
      key: keys.keyFields,
      message: `${keys.keyFields} must name three columns (topic, partition, offset) for ${keys.keyMode}=kafka`,
    });
  if (settings.user === null && !settings.url.properties.has('user'))
    problems.push({
      key: keys.user,
      message: `Missing the database user: set ${keys.user}, or user=… in connection.url`,
    });
  if (settings.url.database === '' && settings.url.subprotocol === 'postgresql')
    problems.push({
      key: 'connection.url',
      message: 'connection.url names no database: expected jdbc:postgresql://host:port/database',
    });
  return problems;
}

export const KAFKA_KEY_COLUMNS = [
  '__connect_topic',
  '__connect_partition',
  '__connect_offset',
] as const;
