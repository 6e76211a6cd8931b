import type { TableResult } from '@millrace/migration';

const KEYS_SHOWN_MAX = 20;

export function tableLine(result: TableResult): string {
  const { table, rows, settled, differences, unsettled, notCompared, hasMore, agrees } = result;
  const head = `${agrees ? 'equal  ' : 'DIFFERS'}  ${table}  ${rows.toLocaleString('en-US')} rows${settled > 0 ? `, ${settled} were in flight` : ''}`;
  const keys = differences
    .slice(0, KEYS_SHOWN_MAX)
    .map(
      ({ key, kind, columns }) =>
        `    ${shown(key)}  ${kind}${columns.length > 0 ? `: ${columns.join(', ')}` : ''}`,
    );
  const more = differences.length - keys.length;
  return [
    head,
    ...keys,
    ...(more > 0 || hasMore ? [`    and ${hasMore ? 'many' : more} more (--json shows them)`] : []),
    ...(unsettled.length > 0
      ? [
          `    ${unsettled.length} keys changed whenever they were looked at; run it again when there is less going on`,
        ]
      : []),
    ...(notCompared.length > 0 ? [`    not compared: ${notCompared.join(', ')}`] : []),
  ].join('\n');
}

function shown(key: Readonly<Record<string, string>>): string {
  return Object.entries(key)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

export function verifyJson(results: readonly TableResult[]): unknown {
  return {
    equal: results.every(({ agrees }) => agrees),
    tables: results.map((result) => ({
      table: result.table,
      target: result.target,
      equal: result.agrees,
      rows: result.rows,
      chunks: result.chunks,
      in_flight: result.settled,
      differences: result.differences,
      more_differences: result.hasMore,
      unsettled: result.unsettled,
      not_compared: result.notCompared,
    })),
  };
}
