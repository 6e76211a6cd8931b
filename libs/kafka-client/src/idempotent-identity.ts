import { isAborted, must } from '@millrace/foundation';
import { apis, errorFromCode } from '@millrace/kafka-protocol';
import type { Cluster } from './cluster.ts';
import { asMillrace } from './errors.ts';
import type { Identity, IdentityEvents } from './identity.ts';
import type { ProducerIdentity } from './producer-batch.ts';

const EPOCH_MAX = 32_767;

/** A producer id of its own, asked for when first needed. */
export class IdempotentIdentity implements Identity {
  readonly isIdempotent = true;
  readonly transactionalId = null;
  readonly produceVersionMax = undefined;
  readonly failure = undefined;
  readonly refusal = undefined;
  readonly afterGap = 'renew';
  readonly #cluster: Cluster;
  readonly #events: IdentityEvents;
  readonly #stop = new AbortController();
  #identity: ProducerIdentity | undefined;
  #isAsking = false;

  constructor(cluster: Cluster, events: IdentityEvents) {
    this.#cluster = cluster;
    this.#events = events;
  }

  current(): ProducerIdentity | 'pending' {
    if (this.#identity !== undefined) return this.#identity;
    if (!this.#isAsking) void this.#ask();
    return 'pending';
  }

  mayWrite(): boolean {
    return true;
  }

  onWrite(): void {
    // Nobody needs to know.
  }

  /** A higher epoch of our own makes sequences begin at 0 again, without asking anybody (KIP-360). */
  renewed(): ProducerIdentity | undefined {
    const { epoch, id } = must(this.#identity, 'renewed only with an identity');
    this.#identity = epoch >= EPOCH_MAX ? undefined : { id, epoch: epoch + 1 };
    if (this.#identity === undefined) void this.#ask();
    return this.#identity;
  }

  onBatchFailed(): void {
    // The partition's queue knows what follows.
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      this.#identity = await this.#cluster.retrying(Infinity, this.#stop.signal, async () => {
        const answer = await this.#cluster.withAnyBroker((link) =>
          link.request(apis.initProducerId, { transactionalId: null }),
        );
        if (answer.errorCode !== 0) {
          throw errorFromCode(answer.errorCode, 'allocate a producer id');
        }
        return { id: answer.producerId, epoch: answer.producerEpoch };
      });
      this.#isAsking = false;
      this.#events.changed();
    } catch (error) {
      this.#isAsking = false;
      if (!isAborted(this.#stop.signal)) this.#events.failed(asMillrace(error));
    }
  }
}
