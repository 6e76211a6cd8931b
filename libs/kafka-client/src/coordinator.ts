import { apis, ErrorCode, errorFromCode } from '@millrace/kafka-protocol';
import type { MillraceError } from '@millrace/foundation';
import type { BrokerLink, BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import { answerIncomplete } from './errors.ts';
import type { BrokerAddress } from './transport.ts';

/** From here on FindCoordinator takes many keys. */
const BATCHED_SINCE = 4;
const KEY_TYPES = { group: 0, transaction: 1 } as const;

/** The broker that keeps one group or transactional id: found when needed, forgotten when it turns out to be another. */
export class Coordinator {
  readonly key: string;
  readonly #keyType: keyof typeof KEY_TYPES;
  readonly #cluster: Cluster;
  readonly #links: BrokerLinks;
  #address: Promise<BrokerAddress & { readonly nodeId: number }> | undefined;

  constructor(
    cluster: Cluster,
    links: BrokerLinks,
    key: string,
    keyType: keyof typeof KEY_TYPES = 'group',
  ) {
    this.#cluster = cluster;
    this.#links = links;
    this.key = key;
    this.#keyType = keyType;
  }

  /** Runs once; after an error the coordinator is looked up again. Retrying is the caller's. */
  async ask<T>(use: (link: BrokerLink) => Promise<T>): Promise<T> {
    this.#address ??= this.#find();
    try {
      return await use(this.#links.to(await this.#address));
    } catch (error) {
      this.#address = undefined;
      throw error;
    }
  }

  async nodeId(): Promise<number> {
    this.#address ??= this.#find();
    return (await this.#address).nodeId;
  }

  /** The error of an answer; forgets the coordinator when the error is about that. */
  refuse(errorCode: number, doing: string, detail?: string | null): MillraceError {
    if (
      errorCode === ErrorCode.NOT_COORDINATOR ||
      errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE
    ) {
      this.#address = undefined;
    }
    return errorFromCode(errorCode, `${doing} "${this.key}"`, detail);
  }

  async #find(): Promise<BrokerAddress & { readonly nodeId: number }> {
    const { key } = this;
    const keyType = KEY_TYPES[this.#keyType];
    const answer = await this.#cluster.withAnyBroker((link) =>
      link.request(apis.findCoordinator, (version) =>
        version >= BATCHED_SINCE ? { keyType, coordinatorKeys: [key] } : { keyType, key },
      ),
    );
    const found =
      answer.coordinators.length > 0
        ? answer.coordinators.find((coordinator) => coordinator.key === key)
        : answer;
    if (found === undefined) throw answerIncomplete('FindCoordinator', `${this.#keyType} "${key}"`);
    if (found.errorCode !== 0) {
      throw errorFromCode(found.errorCode, `find the coordinator of "${key}"`, found.errorMessage);
    }
    return { nodeId: found.nodeId, host: found.host, port: found.port };
  }
}
