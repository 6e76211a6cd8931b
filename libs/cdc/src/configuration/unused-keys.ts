import type { ComponentConfig } from '@millrace/connector-api';
import type { Logger } from '@millrace/foundation';

/** Keys of Debezium that are accepted and change nothing, with why; of all change sources. */
export const COMMON_UNUSED: Readonly<Record<string, string>> = {
  'max.queue.size': 'what is read ahead is bounded in bytes: max.queue.size.in.bytes',
  'queue.provider.type': 'what is read ahead is in memory',
  'poll.dispatch.interval.ms': 'records go out as soon as they are there',
  'topic.cache.size': 'the name of a topic is kept with its table',
  'custom.metric.tags': 'metrics carry the name of the connector',
  'executor.shutdown.timeout.ms': 'there are no threads to wait for',
  'statistics.metrics.enabled': 'metrics are always there, and cost nothing to speak of',
  'signal.kafka.groupId': 'the topic is read from the place that the offsets tell, without a group',
  'signal.kafka.poll.timeout.ms': 'signal.poll.interval.ms is how often the topic is looked at',
  'incremental.snapshot.allow.schema.changes': 'a table may always change its columns meanwhile',
  'snapshot.max.threads.multiplier': 'chunks are made by snapshot.fetch.size',
  'legacy.snapshot.max.threads': 'snapshot.max.threads is how many connections read',
  'snapshot.mode.custom.name': 'classes of Java can not be loaded',
  'snapshot.locking.mode.custom.name': 'classes of Java can not be loaded',
  'snapshot.query.mode.custom.name': 'classes of Java can not be loaded',
};

/** Tells the log which of the given keys have no effect. */
export function warnOfUnused(
  config: ComponentConfig,
  unused: Readonly<Record<string, string>>,
  log: Logger,
): void {
  for (const [key, why] of Object.entries(unused))
    if (config[key] !== undefined)
      log.warn({ key, why }, 'a key of the configuration has no meaning here');
}
