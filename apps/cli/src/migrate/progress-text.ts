import type { Progress, TableProgress } from '@millrace/migration';

const BAR_WIDTH = 24;
/** More would not fit on a screen. */
const TABLES_MAX = 30;

/** A bar for each table that is being copied, and one line for the whole. */
export function progressLines(progress: Progress): readonly string[] {
  const total = totalLine(progress);
  if (progress.phase === 'following') return [total];
  const width = Math.max(...progress.tables.map(({ table }) => table.length), 5);
  const open = [...progress.tables].sort(
    (left, right) => Number(left.isDone) - Number(right.isDone),
  );
  const lines = open.slice(0, TABLES_MAX).map((table) => tableLine(table, width));
  const more = open.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more tables`] : []), total];
}

/** One line, for where nothing can be redrawn. */
export function totalLine({
  phase,
  tables,
  rowsWritten,
  rowsPerSecond,
  lagRecords,
  lagMs,
}: Progress): string {
  if (phase === 'following')
    return `following  lag ${number(lagRecords)} records, ${duration(lagMs / 1_000)}  ${number(rowsPerSecond)} rows/s`;
  const done = tables.filter(({ isDone }) => isDone).length;
  const expected = tables.every(({ rowsExpected }) => rowsExpected !== undefined)
    ? tables.reduce((total, { rowsExpected }) => total + (rowsExpected ?? 0), 0)
    : undefined;
  const left =
    expected === undefined || rowsPerSecond <= 0
      ? ''
      : `  ${duration(Math.max(0, expected - rowsWritten) / rowsPerSecond)} left`;
  return `copying  ${done} of ${tables.length} tables  ${number(rowsWritten)}${expected === undefined ? '' : ` of ${number(expected)}`} rows  ${number(rowsPerSecond)} rows/s${left}`;
}

function tableLine(table: TableProgress, width: number): string {
  const { rowsExpected, rowsWritten, rowsPerSecond, secondsLeft, isDone } = table;
  const part = isDone
    ? 1
    : rowsExpected === undefined || rowsExpected === 0
      ? 0
      : Math.min(0.99, rowsWritten / rowsExpected);
  const filled = Math.round(part * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const figures = isDone
    ? `${number(rowsWritten)} rows`
    : `${number(rowsWritten)} of ${rowsExpected === undefined ? '?' : number(rowsExpected)}  ${number(rowsPerSecond)} rows/s${secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`}`;
  return `${table.table.padEnd(width)}  ${bar} ${String(Math.round(part * 100)).padStart(3)} %  ${figures}`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
