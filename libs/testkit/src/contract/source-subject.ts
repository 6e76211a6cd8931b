import type { ComponentConfig, SourceConnector } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';

/** A source connector and how to make a world for it to read. */
export interface SourceSubject {
  readonly connector: SourceConnector;
  /** A new world for each promise, with nothing to read in it yet. */
  open(): Promise<SourceWorld>;
  /** After a restart records may come again that were delivered before. They are never lost. */
  readonly mayRepeat?: boolean;
  /** How long any call may take; default 10 s. */
  readonly limitMs?: number;
  /** The tasks' clock; default the system's. */
  readonly clock?: Clock;
}

/** What a source reads from; disposed at the end of a promise. */
export interface SourceWorld extends AsyncDisposable {
  readonly config: ComponentConfig;
  /** Puts so many more records there; resolves with their identities, in order. */
  produce(count: number): Promise<readonly string[]>;
  /** The identity of a record that `produce` made; undefined for one that is none of these, such as a heartbeat. */
  identify(record: SourceRecord): string | undefined;
  /** Something that can't be read as a record. */
  poison?(): Promise<void>;
  /** From now on the outside takes calls and never answers. */
  hang?(): Promise<void>;
  /** Cuts what is open now; new attempts succeed. */
  interrupt?(): Promise<void>;
}
