import { nearestName } from '@millrace/config';
import { findConfigProblem } from './effective-configs.ts';
import { brokerFieldOf, dynamicBrokerKeys, topicFieldOf, topicFields } from './topic-fields.ts';

export interface ConfigSetting {
  readonly name: string;
  readonly value: string | null;
}

/** Everything wrong with settings of a topic, in Kafka's words. */
export function configProblems(settings: readonly ConfigSetting[]): readonly string[] {
  return settings.flatMap(({ name, value }) => {
    const field = topicFieldOf(name);
    if (field === undefined) return [`Unknown topic config name: ${name}${suggest(name)}`];
    if (value === null) return [`Null value not supported for topic configs: ${name}`];
    return findConfigProblem(name, field, value) ?? [];
  });
}

/** Everything wrong with settings that a running broker is to take. */
export function brokerConfigProblems(settings: readonly ConfigSetting[]): readonly string[] {
  return settings.flatMap(({ name, value }) => {
    const field = brokerFieldOf(name);
    if (field === undefined) return [`Unknown broker config name: ${name}`];
    if (!dynamicBrokerKeys.has(name))
      return [`Cannot update these configs dynamically: ${name}; set it in the file and restart`];
    if (value === null) return [`Null value not supported for broker configs: ${name}`];
    return findConfigProblem(name, field, value) ?? [];
  });
}

function suggest(name: string): string {
  const nearest = nearestName(name, Object.keys(topicFields));
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}
