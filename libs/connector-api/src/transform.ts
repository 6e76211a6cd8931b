import type { ConnectRecord } from '@millrace/record';
import type { ComponentConfig, Plugin } from './plugin.ts';

export interface TransformPlugin extends Plugin {
  readonly kind: 'transform';
  /** @throws ConfigError */
  create(config: ComponentConfig): Transform | Promise<Transform>;
}

/**
 * A single message transform. Returns the record itself when nothing changes, a changed copy (`{ ...record, … }`,
 * without `json` when key or value changed), or null to drop it. Pure, apart from caches.
 */
export interface Transform {
  apply<R extends ConnectRecord>(record: R): R | null;
  /**
   * Called instead of `apply` where it is there: any number of records in place of one, in this order. Either all of
   * them are delivered before the position behind the one moves, or the one is delivered again.
   */
  split?<R extends ConnectRecord>(record: R): readonly R[];
  close?(): void;
}

export interface PredicatePlugin extends Plugin {
  readonly kind: 'predicate';
  create(config: ComponentConfig): Predicate;
}

export interface Predicate {
  test(record: ConnectRecord): boolean;
}
