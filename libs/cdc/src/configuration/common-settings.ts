import type { ConfigProblem, Resolved } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { columnMaskRules, type ColumnMaskRule } from '../column-mask.ts';
import {
  includeExclude,
  matchesAny,
  parseKeyColumns,
  rankOf,
  type KeyColumnsRule,
} from '../name-filter.ts';
import type { NameAdjustment } from '../schema-names.ts';
import { reselectProblems, reselectRules, type ReselectRule } from '../reselect/reselect-rules.ts';
import { signalProblems } from '../signals/signal-fields.ts';
import type { tableFilterFields } from './filter-fields.ts';
import type { commonRuntimeFields } from './runtime-fields.ts';
import type { commonSnapshotFields } from './snapshot-fields.ts';
import type { commonValueFields } from './value-fields.ts';

/** Parsed values of the fields that all change sources have. */
export type CommonConfig = Resolved<
  typeof tableFilterFields &
    typeof commonRuntimeFields &
    typeof commonSnapshotFields &
    typeof commonValueFields
>;

/** What follows from the configuration of any change source. `namespace` is the schema or database of a table. */
export interface CommonSettings {
  readonly capturesColumn: (namespace: string, table: string, column: string) => boolean;
  /** Tables are read in the order in which `table.include.list` names them. */
  readonly snapshotRank: (namespace: string, table: string) => number;
  readonly keyColumns: readonly KeyColumnsRule[];
  readonly masks: readonly ColumnMaskRule[];
  /** Whether the schema of a column tells its type in the database. */
  readonly propagatesType: (column: string, type: string) => boolean;
  readonly skipped: ReadonlySet<string>;
  readonly schemaNames: NameAdjustment;
  readonly fieldNames: NameAdjustment;
  /** Statements in place of whole tables, by the table's name in lower case. */
  readonly selectOverrides: ReadonlyMap<string, string>;
  /** Transforms may copy records, so lazy ones are not for them. A reselection copies what it hands on itself. */
  readonly hasTransforms: boolean;
  /** `post.processors` */
  readonly reselect: readonly ReselectRule[];
  readonly queueBytesMax: number;
}

const QUEUE_BYTES_DEFAULT = 8 << 20;

export function commonSettings(raw: ComponentConfig, config: CommonConfig): CommonSettings {
  const columnFilter = includeExclude(config['column.include.list'], config['column.exclude.list']);
  const propagatesColumn = matchesAny(config['column.propagate.source.type'] ?? []);
  const propagatesDatatype = matchesAny(config['datatype.propagate.source.type'] ?? []);
  const rank = rankOf(config['table.include.list']);
  const reselect = reselectRules(raw);
  const queueBytes = config['max.queue.size.in.bytes'];
  return {
    capturesColumn: (namespace, table, column) => columnFilter(`${namespace}.${table}.${column}`),
    snapshotRank: (namespace, table) => rank(`${namespace}.${table}`),
    keyColumns: parseKeyColumns(config['message.key.columns'] ?? '') ?? [],
    masks: columnMaskRules(raw).rules,
    propagatesType: (column, type) => propagatesColumn(column) || propagatesDatatype(type),
    skipped: new Set<string>(config['skipped.operations']),
    schemaNames: adjustment(config['schema.name.adjustment.mode']),
    fieldNames: adjustment(config['field.name.adjustment.mode']),
    selectOverrides: selectOverrides(raw, config['snapshot.select.statement.overrides'] ?? []),
    hasTransforms: isGiven(raw['transforms']) && reselect.length === 0,
    reselect,
    queueBytesMax: queueBytes === 0 ? QUEUE_BYTES_DEFAULT : queueBytes,
  };
}

/** Which tables a snapshot reads, by whole names. */
export function snapshotFilter(config: CommonConfig): (table: string) => boolean {
  const list = config['snapshot.include.collection.list'];
  return list === null ? (): boolean => true : matchesAny(list);
}

/** The bytes of `unavailable.value.placeholder`. */
export function placeholderOf(config: CommonConfig): Buffer {
  const text = config['unavailable.value.placeholder'];
  return text.startsWith('hex:')
    ? Buffer.from(text.slice(4).replaceAll(/[ _-]/g, ''), 'hex')
    : Buffer.from(text);
}

/** Rules that span fields. `exclusive`: pairs of keys of which one may be given. */
export function commonProblems(
  raw: ComponentConfig,
  exclusive: readonly (readonly [include: string, exclude: string])[],
): readonly ConfigProblem[] {
  return [
    ...columnMaskRules(raw).problems,
    ...signalProblems(raw),
    ...reselectProblems(raw),
    ...exclusive.flatMap(([include, exclude]) =>
      isGiven(raw[include]) && isGiven(raw[exclude])
        ? [{ key: exclude, message: `"${exclude}" can't be used together with "${include}"` }]
        : [],
    ),
    ...skippedProblems(raw),
    ...overrideProblems(raw),
  ];
}

export function isGiven(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

function skippedProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  const key = 'skipped.operations';
  const skipped = splitList(raw[key]);
  return skipped.includes('none') && skipped.length > 1
    ? [{ key, message: '"none" can\'t be combined with operations to skip' }]
    : [];
}

function overrideProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  const key = 'snapshot.select.statement.overrides';
  return splitList(raw[key]).flatMap((table) =>
    isGiven(raw[`${key}.${table}`])
      ? []
      : [{ key, message: `"${table}" is listed, but "${key}.${table}" has no statement` }],
  );
}

function splitList(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function adjustment(mode: string): NameAdjustment {
  return mode === 'avro' || mode === 'avro_unicode' ? mode : 'none';
}

function selectOverrides(
  raw: ComponentConfig,
  tables: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(
    tables.map((table) => [
      table.toLowerCase(),
      raw[`snapshot.select.statement.overrides.${table}`] ?? '',
    ]),
  );
}
