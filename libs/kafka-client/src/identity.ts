import type { MillraceError } from '@millrace/foundation';
import type { ProducerIdentity } from './producer-batch.ts';

/** Told by an identity to what sends the batches. */
export interface IdentityEvents {
  /** What couldn't be sent may be sent now. */
  changed(): void;
  /** Everything that is buffered fails. */
  failed(error: MillraceError): void;
}

/** In whose name batches are written: nobody's, an idempotent producer's or a transaction's. */
export interface Identity {
  readonly isIdempotent: boolean;
  readonly transactionalId: string | null;
  /** Not above this version of Produce. */
  readonly produceVersionMax: number | undefined;
  /** Present: nothing is sent any more, and what isn't on the wire fails with it. */
  readonly failure: MillraceError | undefined;
  /** Why records may not be sent now. */
  readonly refusal: MillraceError | undefined;
  /** With whose stamp, `undefined` for none; 'pending' until it is known, which `changed` tells. */
  current(): ProducerIdentity | undefined | 'pending';
  /** Whether the partition may be written to; if not yet, `changed` tells when. */
  mayWrite(topic: string, partition: number): boolean;
  /** A batch goes onto the wire. */
  onWrite(): void;
  /**
   * The sequence of a partition has a gap. `'renew'`: go on under `renewed()`; `'fail'`: the batch
   * fails, since what was written before can't be told from what comes.
   */
  readonly afterGap: 'renew' | 'fail';
  renewed(): ProducerIdentity | undefined;
  onBatchFailed(error: MillraceError, wasSent: boolean): void;
  stop(): Promise<void>;
}

/** Batches bear no stamp, retries may write twice. */
export const ANONYMOUS: Identity = {
  isIdempotent: false,
  transactionalId: null,
  produceVersionMax: undefined,
  failure: undefined,
  refusal: undefined,
  afterGap: 'fail',
  current: () => undefined,
  mayWrite: () => true,
  onWrite: () => undefined,
  renewed: () => undefined,
  onBatchFailed: () => undefined,
  stop: () => Promise.resolve(),
};
