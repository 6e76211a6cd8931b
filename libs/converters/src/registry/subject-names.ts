import { badSchema } from '../errors.ts';

const PREFIX = 'io.confluent.kafka.serializers.subject.';

export type SubjectStrategy = 'topic' | 'record' | 'topic-record';

/** Class names as users write them. Associated names fall back to the topic's where nothing is associated. */
const STRATEGIES: Readonly<Record<string, SubjectStrategy>> = {
  TopicNameStrategy: 'topic',
  AssociatedNameStrategy: 'topic',
  RecordNameStrategy: 'record',
  TopicRecordNameStrategy: 'topic-record',
};

export const STRATEGY_CLASSES: readonly string[] = Object.keys(STRATEGIES).map(
  (name) => PREFIX + name,
);

/** Undefined for a class that is none of the known ones. */
export function strategyOf(className: string): SubjectStrategy | undefined {
  return STRATEGIES[className.slice(className.lastIndexOf('.') + 1)];
}

/** @throws MillraceError `converter.bad_schema` when the strategy needs a record and there is none */
export function subjectOf(
  strategy: SubjectStrategy,
  topic: string,
  isKey: boolean,
  recordName: string | undefined,
): string {
  if (strategy === 'topic') return `${topic}-${isKey ? 'key' : 'value'}`;
  if (recordName === undefined)
    throw badSchema(
      `with this subject name strategy, the message ${isKey ? 'key' : 'value'} must only be a record schema`,
      `set ${isKey ? 'key' : 'value'}.subject.name.strategy=${PREFIX}TopicNameStrategy`,
    );
  return strategy === 'record' ? recordName : `${topic}-${recordName}`;
}
