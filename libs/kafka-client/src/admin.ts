import { isRetriable, type MillraceError } from '@millrace/foundation';
import {
  apis,
  decodeVersioned,
  ErrorCode,
  errorFromCode,
  messages,
  type DescribeGroupsResponseGroup,
} from '@millrace/kafka-protocol';
import type {
  Admin,
  AdminOutcome,
  ClusterDescription,
  ConfigChange,
  ConfigEntry,
  ConfigResource,
  GroupDescription,
  GroupListing,
  NewTopic,
  OffsetAnswer,
  OffsetQuery,
  ResourceConfig,
  TopicDescription,
} from './admin-api.ts';
import { Asking } from './admin-asking.ts';
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

const RESOURCE_TYPES = { topic: 2, broker: 4 } as const;
const DEFAULT_CONFIG = 5;
/** From here on topics are named in a list of objects. */
const DELETE_TOPICS_NAMED_SINCE = 6;
const OPERATIONS = { set: 0, unset: 1, append: 2, subtract: 3 } as const;

interface Answered {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

export class KafkaAdmin implements Admin {
  readonly #cluster: Cluster;
  /** Apart from the cluster's own, since metadata must not wait behind a slow creation. */
  readonly #links: BrokerLinks;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#links = cluster.newLinks();
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

  async describeConfigs(resources: readonly ConfigResource[]): Promise<readonly ResourceConfig[]> {
    const answers = await this.#onResourceBrokers(resources, async (link, part) => {
      const answer = await link.request(apis.describeConfigs, {
        resources: part.map(({ name, type }) => ({
          resourceType: RESOURCE_TYPES[type],
          resourceName: name,
        })),
      });
      return answer.results.map((result): [string, ResourceConfig] => {
        const resource = resourceOf(result.resourceType, result.resourceName);
        const entries = result.configs.map((config): ConfigEntry => ({
          name: config.name,
          value: config.value,
          isDefault: config.configSource === DEFAULT_CONFIG,
          isReadOnly: config.readOnly,
          isSensitive: config.isSensitive,
        }));
        const doing = `describe ${resource.type} "${resource.name}"`;
        return [keyOf(resource), { resource, entries, error: errorOf(result, doing) }];
      });
    });
    return resources.map((resource) => {
      const found = answers.get(keyOf(resource));
      if (found !== undefined) return found;
      return { resource, entries: [], error: answerIncomplete('DescribeConfigs', resource.name) };
    });
  }

  async incrementalAlterConfigs(
    changes: readonly ConfigChange[],
  ): Promise<readonly AdminOutcome[]> {
    const byResource = new Map(changes.map((change) => [keyOf(change.resource), change]));
    const resources = changes.map(({ resource }) => resource);
    const answers = await this.#onResourceBrokers(resources, async (link, part) => {
      const answer = await link.request(apis.incrementalAlterConfigs, {
        resources: part.map((resource) => ({
          resourceType: RESOURCE_TYPES[resource.type],
          resourceName: resource.name,
          configs: operationsOf(byResource.get(keyOf(resource))),
        })),
      });
      return answer.responses.map((result): [string, AdminOutcome] => {
        const resource = resourceOf(result.resourceType, result.resourceName);
        const doing = `alter ${resource.type} "${resource.name}"`;
        return [keyOf(resource), { name: resource.name, error: errorOf(result, doing) }];
      });
    });
    return resources.map((resource) => {
      const { name } = resource;
      const missing = { name, error: answerIncomplete('IncrementalAlterConfigs', name) };
      return answers.get(keyOf(resource)) ?? missing;
    });
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
          return describe(group);
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

  /** A broker's own settings are asked of itself; those of topics of anybody. */
  async #onResourceBrokers<T>(
    resources: readonly ConfigResource[],
    ask: (
      link: BrokerLink,
      part: readonly ConfigResource[],
    ) => Promise<readonly (readonly [string, T])[]>,
  ): Promise<ReadonlyMap<string, T>> {
    const answers = new Map<string, T>();
    const parts = new Map<string, ConfigResource[]>();
    for (const resource of resources) {
      const where = resource.type === 'broker' ? resource.name : '';
      parts.set(where, [...(parts.get(where) ?? []), resource]);
    }
    for (const [where, part] of parts) {
      const entries = await this.#retrying(async () => {
        if (where === '') {
          return await this.#cluster.withController((link) =>
            ask(this.#links.to(link.address), part),
          );
        }
        if (this.#cluster.findBroker(Number(where)) === undefined) {
          await this.#cluster.fetchMetadata([], false);
        }
        const broker = this.#cluster.findBroker(Number(where));
        if (broker === undefined) {
          throw errorFromCode(ErrorCode.BROKER_NOT_AVAILABLE, `ask broker "${where}"`);
        }
        return await ask(this.#links.to(broker), part);
      });
      for (const [key, value] of entries) answers.set(key, value);
    }
    return answers;
  }
}

function errorOf(answer: Answered, doing: string): MillraceError | undefined {
  if (answer.errorCode === 0) return undefined;
  return errorFromCode(answer.errorCode, doing, answer.errorMessage);
}

function keyOf({ name, type }: ConfigResource): string {
  return `${type} ${name}`;
}

function resourceOf(type: number, name: string): ConfigResource {
  return { type: type === RESOURCE_TYPES.topic ? 'topic' : 'broker', name };
}

function operationsOf(
  change: ConfigChange | undefined,
): { name: string; configOperation: number; value: string | null }[] {
  const valued = (['set', 'append', 'subtract'] as const).flatMap((kind) =>
    Object.entries(change?.[kind] ?? {}).map(([name, value]) => ({
      name,
      configOperation: OPERATIONS[kind],
      value,
    })),
  );
  const unset = (change?.unset ?? []).map((name) => ({
    name,
    configOperation: OPERATIONS.unset,
    value: null,
  }));
  return [...valued, ...unset];
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

function describe(group: DescribeGroupsResponseGroup): GroupDescription {
  const isUnknown = group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND;
  return {
    groupId: group.groupId,
    state: isUnknown ? 'Dead' : group.groupState,
    protocolType: group.protocolType,
    protocol: group.protocolData,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      assignment:
        group.protocolType === 'consumer' && member.memberAssignment.byteLength > 0
          ? partitionsOf(member.memberAssignment)
          : [],
    })),
  };
}

function partitionsOf(assignment: Uint8Array): TopicPartition[] {
  const { value } = decodeVersioned(messages.consumerProtocolAssignment, assignment);
  return value.assignedPartitions.flatMap(({ partitions, topic }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
