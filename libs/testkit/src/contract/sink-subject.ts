import type { ComponentConfig, SinkConnector } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import type { SinkRecord } from '@millrace/record';

/** A sink connector and how to make a target for it. */
export interface SinkSubject {
  readonly connector: SinkConnector;
  /** A new, empty target for each promise. */
  open(): Promise<SinkWorld>;
  /** A record that is put twice is in the target once. */
  readonly isIdempotent?: boolean;
  /** How long any call may take; default 10 s. */
  readonly limitMs?: number;
  /** The tasks' clock; default the system's. */
  readonly clock?: Clock;
}

/** What a sink writes to; disposed at the end of a promise. */
export interface SinkWorld extends AsyncDisposable {
  readonly config: ComponentConfig;
  /** Key, value and schemas of the record of this number: 1, 2, … */
  record(number: number): Partial<SinkRecord>;
  /** The numbers that are in the target now, in the order in which they arrived, as often as they are there. */
  delivered(): Promise<readonly number[]>;
  /** Key, value and schemas of a record that the sink can't deliver, whatever it does. */
  poison?(): Partial<SinkRecord>;
  /** From now on the target takes calls and never answers. */
  hang?(): Promise<void>;
  /** Cuts what is open now; new attempts succeed. */
  interrupt?(): Promise<void>;
}
