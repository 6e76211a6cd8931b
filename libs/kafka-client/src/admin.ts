import { isRetriable, type MillraceError } from '@millrace/foundation';
import { apis, ErrorCode, errorFromCode } from '@millrace/kafka-protocol';
import type {
  Admin,
  AdminOutcome,
  ClusterDescription,
  ConfigChange,
  ConfigResource,
  GroupDescription,
  GroupListing,
  NewTopic,
  OffsetAnswer,
  OffsetQuery,
  ResourceConfig,
  TopicDescription,
} from './admin-api.ts';
import { errorOf, type Answered } from './admin-answers.ts';
import { Asking } from './admin-asking.ts';
import { AdminConfigs } from './admin-configs.ts';
import { describeGroup } from './admin-groups.ts';
import type { BrokerLink, BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import type { CommittedOffset, IsolationLevel, OffsetToCommit } from './consumer-api.ts';
import { Coordinator } from './coordinator.ts';
import { answerIncomplete, apiNotServed } from './errors.ts';
import { commitGroupOffsets, fetchGroupOffsets, NO_MEMBER } from './group-offsets.ts';
import {
  EARLIEST_TIMESTAMP,
  LATEST_TIMESTAMP,
  lookUpOffsets,
  MAX_TIMESTAMP,
} from './offset-lookup.ts';
import type { TopicPartition } from './records.ts';

/** From here on topics are named in a list of objects. */
const DELETE_TOPICS_NAMED_SINCE = 6;

export class KafkaAdmin implements Admin {
  readonly #cluster: Cluster;
  /** Apart from the cluster's own, since metadata must not wait behind a slow creation. */
  readonly #links: BrokerLinks;
  readonly #configs: AdminConfigs;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#links = cluster.newLinks();
    this.#configs = new AdminConfigs(cluster, this.#links);
  }

  get asking(): Asking {
    return new Asking(this.#cluster, this.#links);
  }

  async close(): Promise<void> {
    await this.#links.close();
  }

  async createTopics(
    topics: readonly NewTopic[],
    options: { readonly validateOnly?: boolean } = {},
  ): Promise<readonly AdminOutcome[]> {
    const { requestTimeoutMs } = this.#cluster.settings;
    const outcomes = await this.#onController(
      topics,
      ({ name }) => name,
      'create topic',
      async (link, part) => {
        const answer = await link.request(apis.createTopics, {
          timeoutMs: requestTimeoutMs,
          validateOnly: options.validateOnly ?? false,
          topics: part.map(({ configs = {}, name, partitions = -1, replicationFactor = -1 }) => ({
            name,
            numPartitions: partitions,
            replicationFactor,
            configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
          })),
        });
        return new Map(answer.topics.map((topic) => [topic.name, topic]));
      },
    );
    const created = outcomes.filter(({ error }) => error === undefined).map(({ name }) => name);
    if (created.length > 0 && options.validateOnly !== true) {
      // So that they can be used at once; if it fails, whoever needs them asks again.
      await this.#cluster.fetchMetadata(created, false).catch(() => undefined);
    }
    return outcomes;
  }

  async deleteTopics(names: readonly string[]): Promise<readonly AdminOutcome[]> {
    const { requestTimeoutMs: timeoutMs } = this.#cluster.settings;
    return await this.#onController(
      names,
      (name) => name,
      'delete topic',
      async (link, part) => {
        const answer = await link.request(apis.deleteTopics, (version) =>
          version >= DELETE_TOPICS_NAMED_SINCE
            ? { topics: part.map((name) => ({ name })), timeoutMs }
            : { topicNames: part, timeoutMs },
        );
        return new Map(answer.responses.map((topic) => [topic.name ?? '', topic]));
      },
    );
  }

  async createPartitions(
    topics: readonly { readonly name: string; readonly total: number }[],
  ): Promise<readonly AdminOutcome[]> {
    const { requestTimeoutMs: timeoutMs } = this.#cluster.settings;
    const outcomes = await this.#onController(
      topics,
      ({ name }) => name,
      'add partitions to topic',
      async (link, part) => {
        const answer = await link.request(apis.createPartitions, {
          timeoutMs,
          topics: part.map(({ name, total }) => ({ name, count: total })),
        });
        return new Map(answer.results.map((topic) => [topic.name, topic]));
      },
    );
    const grown = outcomes.filter(({ error }) => error === undefined).map(({ name }) => name);
    if (grown.length > 0) await this.#cluster.fetchMetadata(grown, false).catch(() => undefined);
    return outcomes;
  }

  async listTopics(): Promise<readonly { readonly name: string; readonly isInternal: boolean }[]> {
    const topics = await this.#retrying(() => this.#cluster.refreshAll());
    return topics.map(({ name, isInternal }) => ({ name, isInternal }));
  }

  async describeTopics(names: readonly string[]): Promise<readonly TopicDescription[]> {
    if (names.length === 0) return [];
    return await this.#retrying(async () => {
      const answer = await this.#cluster.fetchMetadata(names, false);
      const found: TopicDescription[] = [];
      for (const { errorCode, isInternal, name, partitions } of answer.topics) {
        if (
          errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ||
          errorCode === ErrorCode.UNKNOWN_TOPIC_ID
        ) {
          continue;
        }
        if (errorCode !== 0) throw errorFromCode(errorCode, `describe topic "${name ?? ''}"`);
        const described = partitions.map((partition) => ({
          partition: partition.partitionIndex,
          leader: partition.leaderId,
          leaderEpoch: partition.leaderEpoch,
          replicas: partition.replicaNodes,
          isr: partition.isrNodes,
        }));
        described.sort((a, b) => a.partition - b.partition);
        found.push({ name: name ?? '', isInternal, partitions: described });
      }
      return found;
    });
  }

  describeConfigs(resources: readonly ConfigResource[]): Promise<readonly ResourceConfig[]> {
    return this.#configs.describe(resources);
  }

  incrementalAlterConfigs(changes: readonly ConfigChange[]): Promise<readonly AdminOutcome[]> {
    return this.#configs.alter(changes);
  }

  async listOffsets(
    queries: readonly OffsetQuery[],
    options: { readonly isolationLevel?: IsolationLevel } = {},
  ): Promise<readonly OffsetAnswer[]> {
    const lookups = queries.map(({ partition, timestamp, topic }) => ({
      topic,
      partition,
      timestamp: timestampOf(timestamp),
    }));
    return await this.#retrying(() =>
      lookUpOffsets(this.#cluster, lookups, options.isolationLevel ?? 'read_uncommitted'),
    );
  }

  async deleteRecords(
    offsets: readonly (TopicPartition & { readonly beforeOffset: number })[],
  ): Promise<readonly (TopicPartition & { readonly lowWatermark: number })[]> {
    const { requestTimeoutMs: timeoutMs } = this.#cluster.settings;
    return await Promise.all(
      offsets.map(({ beforeOffset, partition, topic }) =>
        this.#retrying(async () => {
          const leader = this.#cluster.findLeader(topic, partition);
          if (leader === undefined) {
            await this.#cluster.refresh([topic]);
            const code = ErrorCode.LEADER_NOT_AVAILABLE;
            if (this.#cluster.findLeader(topic, partition) === undefined) {
              throw errorFromCode(code, `delete records of ${topic}-${partition}`);
            }
          }
          const address = this.#cluster.findLeader(topic, partition);
          if (address === undefined) throw answerIncomplete('Metadata', `${topic}-${partition}`);
          const answer = await this.#links.to(address).request(apis.deleteRecords, {
            timeoutMs,
            topics: [
              { name: topic, partitions: [{ partitionIndex: partition, offset: beforeOffset }] },
            ],
          });
          const [result] = answer.topics.flatMap(({ partitions }) => partitions);
          if (result === undefined) {
            throw answerIncomplete('DeleteRecords', `${topic}-${partition}`);
          }
          if (result.errorCode !== 0) {
            await this.#cluster.refresh([topic]);
            throw errorFromCode(result.errorCode, `delete records of ${topic}-${partition}`);
          }
          return { topic, partition, lowWatermark: result.lowWatermark };
        }),
      ),
    );
  }

  async listGroups(): Promise<readonly GroupListing[]> {
    return await this.#retrying(async () => {
      await this.#cluster.fetchMetadata([], false);
      const answers = await Promise.all(
        this.#cluster
          .brokers()
          .map((broker) => this.#links.to(broker).request(apis.listGroups, {})),
      );
      return answers.flatMap(({ errorCode, groups }) => {
        if (errorCode !== 0) throw errorFromCode(errorCode, 'list groups');
        return groups.map(({ groupId, groupState, protocolType }) => ({
          groupId,
          protocolType,
          state: groupState,
        }));
      });
    });
  }

  async describeGroups(groupIds: readonly string[]): Promise<readonly GroupDescription[]> {
    return await Promise.all(
      groupIds.map((groupId) =>
        this.#onCoordinator(groupId, async (coordinator) => {
          const answer = await coordinator.ask((link) =>
            link.request(apis.describeGroups, { groups: [groupId] }),
          );
          const [group] = answer.groups;
          if (group === undefined) throw answerIncomplete('DescribeGroups', groupId);
          if (group.errorCode !== 0 && group.errorCode !== ErrorCode.GROUP_ID_NOT_FOUND) {
            throw coordinator.refuse(group.errorCode, 'describe group', group.errorMessage);
          }
          return describeGroup(group);
        }),
      ),
    );
  }

  async listGroupOffsets(groupId: string): Promise<readonly CommittedOffset[]> {
    return await this.#onCoordinator(groupId, (coordinator) =>
      fetchGroupOffsets(coordinator, null, false),
    );
  }

  async alterGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    await this.#onCoordinator(groupId, async (coordinator) => {
      const code = await commitGroupOffsets(coordinator, NO_MEMBER, offsets);
      if (code !== 0) throw coordinator.refuse(code, 'alter offsets of group');
    });
  }

  async deleteGroups(groupIds: readonly string[]): Promise<readonly AdminOutcome[]> {
    return await Promise.all(
      groupIds.map(async (groupId) => {
        const code = await this.#onCoordinator(groupId, async (coordinator) => {
          const answer = await coordinator.ask((link) =>
            link.request(apis.deleteGroups, { groupsNames: [groupId] }),
          );
          const [result] = answer.results;
          if (result === undefined) throw answerIncomplete('DeleteGroups', groupId);
          const error = coordinator.refuse(result.errorCode, 'delete group');
          if (isRetriable(error)) throw error;
          return result.errorCode;
        });
        const error = code === 0 ? undefined : errorFromCode(code, `delete group "${groupId}"`);
        return { name: groupId, error };
      }),
    );
  }

  async describeCluster(): Promise<ClusterDescription> {
    return await this.#retrying(async () => {
      await this.#cluster.fetchMetadata([], false);
      const { clusterId } = this.#cluster;
      if (clusterId === undefined) throw apiNotServed('cluster ids', 'does not know');
      return {
        clusterId,
        controllerId: this.#cluster.controllerId,
        brokers: this.#cluster.brokers(),
      };
    });
  }

  #retrying<T>(operation: () => Promise<T>): Promise<T> {
    const { defaultApiTimeoutMs } = this.#cluster.settings;
    return this.#cluster.retrying(defaultApiTimeoutMs, undefined, operation);
  }

  async #onCoordinator<T>(
    groupId: string,
    use: (coordinator: Coordinator) => Promise<T>,
  ): Promise<T> {
    const coordinator = new Coordinator(this.#cluster, this.#links, groupId);
    return await this.#retrying(() => use(coordinator));
  }

  /** Asks the controller for all, then again for those that failed and may be retried. */
  async #onController<T>(
    items: readonly T[],
    nameOf: (item: T) => string,
    doing: string,
    ask: (link: BrokerLink, part: readonly T[]) => Promise<ReadonlyMap<string, Answered>>,
  ): Promise<readonly AdminOutcome[]> {
    const outcomes = new Map<string, AdminOutcome>();
    let left = items;
    const attempt = async (): Promise<void> => {
      let again: MillraceError | undefined;
      const answers = await this.#cluster.withController((link) =>
        ask(this.#links.to(link.address), left),
      );
      for (const item of left) {
        const name = nameOf(item);
        const answer = answers.get(name);
        const error =
          answer === undefined
            ? answerIncomplete(doing, name)
            : errorOf(answer, `${doing} "${name}"`);
        outcomes.set(name, { name, error });
        const isNotController = answer?.errorCode === ErrorCode.NOT_CONTROLLER;
        // An unknown topic may become known, but asking to delete it again would only be slow.
        const isTransient = isRetriable(error) && answer?.errorCode !== 3;
        if (isNotController || isTransient) again ??= error;
      }
      left = left.filter((item) => isRetriable(outcomes.get(nameOf(item))?.error));
      if (again === undefined) return;
      await this.#cluster.fetchMetadata([], false);
      throw again;
    };
    if (items.length === 0) return [];
    try {
      await this.#retrying(attempt);
    } catch (error) {
      if (outcomes.size === 0) throw error;
    }
    return items.map((item) => {
      const name = nameOf(item);
      return outcomes.get(name) ?? { name, error: answerIncomplete(doing, name) };
    });
  }
}

function timestampOf(timestamp: OffsetQuery['timestamp']): number {
  switch (timestamp) {
    case 'earliest':
      return EARLIEST_TIMESTAMP;
    case 'latest':
      return LATEST_TIMESTAMP;
    case 'max-timestamp':
      return MAX_TIMESTAMP;
    default:
      return timestamp;
  }
}
