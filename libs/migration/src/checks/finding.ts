/** Something about a server that the plan shows, with what mends it. */
export interface Finding {
  /** A problem keeps the migration from starting. */
  readonly severity: 'problem' | 'warning';
  readonly side: 'source' | 'target';
  readonly code: string;
  readonly message: string;
  /** Statements to run on that side, as somebody who may. */
  readonly sql: readonly string[];
}

export function problem(
  side: Finding['side'],
  code: string,
  message: string,
  ...sql: readonly string[]
): Finding {
  return { severity: 'problem', side, code, message, sql };
}

export function warning(
  side: Finding['side'],
  code: string,
  message: string,
  ...sql: readonly string[]
): Finding {
  return { severity: 'warning', side, code, message, sql };
}
