import type { Endpoint } from './endpoint.ts';

/** Every value is the server's text, or null. */
export type Row = Readonly<Record<string, string | null>>;

/** One connection. Times are in UTC, numbers and bytes as exact text. */
export interface Session extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Parameters are `$1` or `?`, as the server has it. @throws MillraceError `migration.statement_failed` */
  query(sql: string, values?: readonly (string | null)[]): Promise<readonly Row[]>;
  /** Rows in portions, for answers that memory should not hold at once. */
  portions(sql: string, rowsMax: number): AsyncIterable<readonly Row[]>;
}

export function text(row: Row | undefined, column: string): string {
  return row?.[column] ?? '';
}

export function count(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

/** What drivers put into their errors. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}
