import type { MillraceError } from '@millrace/foundation';
import { ErrorCode, errorFromCode } from '@millrace/kafka-protocol';
import type { BrokerLink, BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import { Coordinator } from './coordinator.ts';
import { answerIncomplete } from './errors.ts';

/** Whom administrators ask, retried until `default.api.timeout.ms`. */
export class Asking {
  readonly #cluster: Cluster;
  readonly #links: BrokerLinks;

  constructor(cluster: Cluster, links: BrokerLinks) {
    this.#cluster = cluster;
    this.#links = links;
  }

  get requestTimeoutMs(): number {
    return this.#cluster.settings.requestTimeoutMs;
  }

  retrying<T>(operation: () => Promise<T>): Promise<T> {
    const { defaultApiTimeoutMs } = this.#cluster.settings;
    return this.#cluster.retrying(defaultApiTimeoutMs, undefined, operation);
  }

  /** The controller, looked up again when it has moved. */
  async controller<T extends object>(
    doing: string,
    use: (link: BrokerLink) => Promise<T>,
  ): Promise<T> {
    return await this.retrying(async () => {
      const answer = await this.#cluster.withController((link) =>
        use(this.#links.to(link.address)),
      );
      if ('errorCode' in answer && answer.errorCode === ErrorCode.NOT_CONTROLLER) {
        await this.#cluster.fetchMetadata([], false);
        throw errorFromCode(ErrorCode.NOT_CONTROLLER, doing);
      }
      return answer;
    });
  }

  async anyBroker<T>(use: (link: BrokerLink) => Promise<T>): Promise<T> {
    return await this.retrying(() =>
      this.#cluster.withAnyBroker((link) => use(this.#links.to(link.address))),
    );
  }

  /** Each broker's answer by its id. */
  async allBrokers<T>(
    use: (link: BrokerLink) => Promise<T>,
  ): Promise<readonly { readonly brokerId: number; readonly answer: T }[]> {
    return await this.retrying(async () => {
      await this.#cluster.fetchMetadata([], false);
      return await Promise.all(
        this.#cluster.brokers().map(async (broker) => ({
          brokerId: broker.id,
          answer: await use(this.#links.to(broker)),
        })),
      );
    });
  }

  async leader<T>(
    topic: string,
    partition: number,
    use: (link: BrokerLink) => Promise<T>,
  ): Promise<T> {
    return await this.retrying(async () => {
      if (this.#cluster.findLeader(topic, partition) === undefined) {
        await this.#cluster.refresh([topic]);
      }
      const leader = this.#cluster.findLeader(topic, partition);
      if (leader === undefined) throw answerIncomplete('Metadata', `${topic}-${partition}`);
      try {
        return await use(this.#links.to(leader));
      } catch (error) {
        await this.#cluster.refresh([topic]).catch(() => undefined); // it may have moved
        throw error;
      }
    });
  }

  async coordinator<T>(
    key: string,
    keyType: 'group' | 'transaction',
    use: (coordinator: Coordinator) => Promise<T>,
  ): Promise<T> {
    const coordinator = new Coordinator(this.#cluster, this.#links, key, keyType);
    return await this.retrying(() => use(coordinator));
  }
}

export function errorOf(
  answer: { readonly errorCode: number; readonly errorMessage?: string | null },
  doing: string,
): MillraceError | undefined {
  if (answer.errorCode === 0) return undefined;
  return errorFromCode(answer.errorCode, doing, answer.errorMessage);
}

export function throwIfRefused(
  answer: { readonly errorCode: number; readonly errorMessage?: string | null },
  doing: string,
): void {
  const error = errorOf(answer, doing);
  if (error !== undefined) throw error;
}
