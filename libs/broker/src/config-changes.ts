import { nearestName } from '@millrace/config';
import { ErrorCode } from '@millrace/kafka-protocol';
import { findConfigProblem } from './effective-configs.ts';
import type { Refusal } from './refusal.ts';
import {
  clientMetricsFields,
  fieldIn,
  findBoundProblem,
  findIntervalProblem,
  findMatchProblem,
  groupResourceFields,
} from './resource-fields.ts';
import type { BrokerSettings } from './settings.ts';
import { topicFieldOf, topicFields } from './topic-fields.ts';

export interface ConfigSetting {
  readonly name: string;
  readonly value: string | null;
}

const NO_TIERED_STORAGE =
  'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.';

/** Everything wrong with settings of a topic, in Kafka's words. */
export function configProblems(settings: readonly ConfigSetting[]): readonly string[] {
  const problems = settings.flatMap(({ name, value }) => {
    const field = topicFieldOf(name);
    if (field === undefined) return [`Unknown topic config name: ${name}${suggest(name)}`];
    if (value === null) return [`Null value not supported for topic configs: ${name}`];
    if (name === 'remote.storage.enable' && value.trim() === 'true') return [NO_TIERED_STORAGE];
    return findConfigProblem(name, field, value) ?? [];
  });
  return problems.length > 0 ? problems : findConflict(settings);
}

function findConflict(settings: readonly ConfigSetting[]): readonly string[] {
  const values = new Map(settings.map(({ name, value }) => [name, value]));
  const min = values.get('min.compaction.lag.ms') ?? '0';
  const max = values.get('max.compaction.lag.ms') ?? null;
  if (max === null || Number(min) <= Number(max)) return [];
  return [
    `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`,
  ];
}

/** Everything wrong with settings of a group, which the broker's own bound. */
export function groupConfigProblems(
  settings: readonly ConfigSetting[],
  broker: BrokerSettings['values'],
): readonly string[] {
  return settings.flatMap(({ name, value }) => {
    const field = fieldIn(groupResourceFields, name);
    if (field === undefined) return [`Unknown group config name: ${name}`];
    const text = value ?? '';
    return findConfigProblem(name, field, text) ?? findGroupBoundProblem(name, text, broker) ?? [];
  });
}

const BOUNDS = {
  'consumer.session.timeout.ms': {
    min: 'group.consumer.min.session.timeout.ms',
    max: 'group.consumer.max.session.timeout.ms',
  },
  'consumer.heartbeat.interval.ms': {
    min: 'group.consumer.min.heartbeat.interval.ms',
    max: 'group.consumer.max.heartbeat.interval.ms',
  },
} as const;

function isBounded(name: string): name is keyof typeof BOUNDS {
  return name in BOUNDS;
}

function findGroupBoundProblem(
  name: string,
  text: string,
  broker: BrokerSettings['values'],
): string | undefined {
  if (!isBounded(name)) return undefined;
  const names = BOUNDS[name];
  return findBoundProblem(name, text, { min: broker[names.min], max: broker[names.max] }, names);
}

/** What is wrong with a subscription to metrics of clients, with its error code. */
export function findClientMetricsProblem(settings: readonly ConfigSetting[]): Refusal | undefined {
  for (const { name, value } of settings) {
    if (fieldIn(clientMetricsFields, name) === undefined)
      return {
        errorCode: ErrorCode.INVALID_REQUEST,
        message: `Unknown client metrics configuration: ${name}`,
      };
    const interval = name === 'interval.ms' ? findIntervalProblem(value ?? '') : undefined;
    if (interval !== undefined) return { errorCode: ErrorCode.INVALID_REQUEST, message: interval };
    const match = name === 'match' ? findMatchProblem(value ?? '') : undefined;
    if (match !== undefined) return { errorCode: ErrorCode.INVALID_CONFIG, message: match };
  }
  return undefined;
}

function suggest(name: string): string {
  const nearest = nearestName(name, Object.keys(topicFields));
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}
