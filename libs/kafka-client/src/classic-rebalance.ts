import { Background } from './background.ts';
import type { GroupMember, Rebalance } from './group-member.ts';
import type { JoinOutcome, Membership } from './membership.ts';
import type { Ownership } from './ownership.ts';
import type { TopicDiscovery } from './topic-discovery.ts';

/** The classic protocol: all members join and wait for each other, one of them distributes. */
export class ClassicRebalance implements Rebalance {
  readonly #membership: Membership;
  readonly #ownership: Ownership;
  readonly #discovery: TopicDiscovery;
  readonly #joining: Background<JoinOutcome>;
  readonly #isCooperative: boolean;

  constructor(
    membership: Membership,
    ownership: Ownership,
    discovery: TopicDiscovery,
    isCooperative: boolean,
    signal: AbortSignal,
    onChange: () => void,
  ) {
    this.#membership = membership;
    this.#ownership = ownership;
    this.#discovery = discovery;
    this.#isCooperative = isCooperative;
    this.#joining = new Background(signal, onChange);
  }

  get member(): GroupMember {
    return this.#membership;
  }

  get nextMs(): number {
    return this.#discovery.nextMs;
  }

  async advance(): Promise<boolean> {
    const membership = this.#membership;
    if (membership.isLost && this.#joining.isIdle) {
      await this.#ownership.giveUpAll(true);
      membership.forget();
      return true;
    }
    if (membership.failure !== undefined) throw membership.failure;
    const found = this.#discovery.advance();
    if (found !== 'idle') {
      if (found === 'changed' || membership.haveCountsChanged()) membership.rejoin();
      return true;
    }
    if (this.#joining.isDone) {
      await this.#adopt();
      return true;
    }
    const { topics } = this.#discovery;
    if (membership.mustRejoin && this.#joining.isIdle && topics !== undefined) {
      // Eagerly nobody keeps anything over a rebalance; cooperatively all go on.
      if (!this.#isCooperative) await this.#ownership.revoke(this.#ownership.held());
      if (membership.isLost) return true; // a commit in the callback found it out
      this.#joining.start(membership.join(topics, this.#ownership.held()));
    }
    return false;
  }

  async #adopt(): Promise<void> {
    let outcome: JoinOutcome;
    try {
      outcome = this.#joining.take();
    } catch (error) {
      this.#membership.rejoin(); // should somebody poll on after it
      throw error;
    }
    if (outcome.kind !== 'assigned') return;
    const revoked = this.#ownership.superfluous(outcome.partitions);
    if (revoked.length > 0) {
      await this.#ownership.revoke(revoked);
      this.#membership.rejoin(); // so that others get them
    }
    await this.#ownership.add(outcome.partitions);
  }
}
