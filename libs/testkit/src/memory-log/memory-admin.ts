import type { Admin } from '@millrace/kafka-client';
import type { MemoryLog } from './memory-log.ts';

export function memoryAdmin(log: MemoryLog): Admin {
  const unsupported = (): Promise<never> =>
    Promise.reject(new Error('the memory log does not have this call'));
  return {
    createTopics: (topics) =>
      Promise.resolve(
        topics.map(({ name, partitions, configs }) => {
          log.createTopic(name, Math.max(1, partitions ?? 1), configs ?? {});
          return { name, error: undefined };
        }),
      ),
    deleteTopics: unsupported,
    listTopics: () =>
      Promise.resolve(log.topicNames().map((name) => ({ name, isInternal: false }))),
    describeTopics: (names) =>
      Promise.resolve(
        names.flatMap((name) => {
          const topic = log.topic(name);
          const partitions = topic?.partitions.map((_, partition) => ({
            partition,
            leader: 1,
            leaderEpoch: 0,
            replicas: [1],
            isr: [1],
          }));
          return partitions === undefined ? [] : [{ name, isInternal: false, partitions }];
        }),
      ),
    createPartitions: unsupported,
    describeConfigs: (resources) =>
      Promise.resolve(
        resources.map((resource) => ({
          resource,
          entries: Object.entries({
            'cleanup.policy': 'delete',
            ...log.topic(resource.name)?.configs,
          }).map(([name, value]) => ({
            name,
            value,
            isDefault: false,
            isReadOnly: false,
            isSensitive: false,
          })),
          error: undefined,
        })),
      ),
    incrementalAlterConfigs: unsupported,
    listOffsets: unsupported,
    deleteRecords: unsupported,
    listGroups: unsupported,
    describeGroups: unsupported,
    listGroupOffsets: (groupId) =>
      Promise.resolve(
        [...log.group(groupId).committed].map(([key, offset]) => {
          const slash = key.lastIndexOf('/');
          const topic = key.slice(0, slash);
          return { topic, partition: Number(key.slice(slash + 1)), offset, metadata: '' };
        }),
      ),
    alterGroupOffsets: (groupId, offsets) => {
      for (const { topic, partition, offset } of offsets)
        log.group(groupId).committed.set(`${topic}/${partition}`, offset);
      return Promise.resolve();
    },
    deleteGroups: (groupIds) =>
      Promise.resolve(
        groupIds.map((name) => {
          log.forgetGroup(name);
          return { name, error: undefined };
        }),
      ),
    describeCluster: () =>
      Promise.resolve({
        clusterId: 'memory-log',
        controllerId: 1,
        brokers: [{ id: 1, host: '127.0.0.1', port: 0, rack: null }],
      }),
  };
}
