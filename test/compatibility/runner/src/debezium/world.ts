import type { Settings } from './peers.ts';
import type { Allowance } from './compare-events.ts';
import type { Replacements } from './event.ts';

/** A database schema with tables, what is done to them, and the configurations that are tried on it. */
export interface World {
  /** Of the schema; stands before table names in `search_path`. */
  readonly name: string;
  /** Before any connector runs. */
  readonly setup: readonly string[];
  /** One after the other; both sides have read a stage before the next begins. */
  readonly stages: readonly Stage[];
  readonly variants: readonly Variant[];
}

export interface Stage {
  readonly sql: readonly string[];
  /** Records that the topic of this table holds at the end, for what is not of the stream. */
  readonly until?: { readonly table: string; readonly count: number };
}

/** One connector of each side. */
export interface Variant {
  /** Its `topic.prefix`. */
  readonly name: string;
  /** Patterns of table names; `MARKS` comes beside them. */
  readonly tables: readonly string[];
  /** `WORLD` in a value stands for the name of the world. */
  readonly config?: Settings;
  readonly own?: { readonly debezium: Settings; readonly ours: Settings };
  /** False: no rows of a snapshot come. */
  readonly hasSnapshot?: false;
  /** False: it ends with its snapshot. */
  readonly streams?: false;
  readonly replacements?: Replacements;
  readonly allowance?: Allowance;
}

/** The table whose rows say how far a side has read. The last one by name, so that a snapshot ends with it. */
export const MARKS = 'zz_mark';
