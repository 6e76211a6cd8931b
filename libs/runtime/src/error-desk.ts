import type { ErrorGroup } from './errors/error-groups.ts';

/** Where a person sees what failed. Names inside the answers are those of the JSON. */
export interface ErrorDesk {
  /** @throws MillraceError `connect.not_found` */
  errorsOf(name: string): ConnectorErrors;
  clearErrors(name: string): void;
}

export interface ConnectorErrors {
  readonly name: string;
  /** Since when failures are counted: the start of the worker, or the last time they were cleared. */
  readonly since: string;
  /** The kind seen last is first. */
  readonly groups: readonly ErrorGroup[];
  /** Kinds that are not shown any more, since there were more than `errors.groups.max`. */
  readonly forgotten: number;
}
