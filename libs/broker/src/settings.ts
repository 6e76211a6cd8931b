import { resolve } from 'node:path';
import { resolveConfig, type RawConfig, type Resolved } from '@millrace/config';
import { brokerFields } from './fields.ts';
import { invalidSettings } from './errors.ts';
import { parseIpOverrides } from './network/connection-limits.ts';
import { resolveListeners, type ListenerSettings } from './network/listeners.ts';
import { refuseUnauthenticatedExposure } from './security/exposure.ts';

export interface BrokerSettings {
  readonly values: Resolved<typeof brokerFields>;
  /** The keys that were given, as texts: what DescribeConfigs shows as set in the file. */
  readonly given: Readonly<Record<string, string>>;
  readonly listeners: readonly ListenerSettings[];
  /** As given, for those that are resolved again. */
  readonly raw: RawConfig;
}

/** Throws with all problems at once. */
export function resolveSettings(raw: RawConfig): BrokerSettings {
  const values = resolveConfig(brokerFields, raw, 'broker configuration');
  const problems = crossFieldProblems(values);
  const listeners = resolveListeners(values, raw, problems);
  if (problems.length > 0) throw invalidSettings(problems);
  refuseUnauthenticatedExposure(listeners);
  const given = Object.fromEntries(
    Object.entries(raw).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  return {
    values,
    given,
    listeners,
    raw,
  };
}

type Values = Resolved<typeof brokerFields>;

function crossFieldProblems(values: Values): string[] {
  const problems: string[] = [];
  const logDirs = values['log.dirs'].map((path) => resolve(path));
  if (logDirs.length === 0) problems.push('log.dirs must name at least one folder');
  if (new Set(logDirs).size !== logDirs.length)
    problems.push('log.dirs must name each folder once');
  const metadataDir = values['metadata.log.dir'];
  if (metadataDir !== null && !logDirs.includes(resolve(metadataDir)))
    problems.push('metadata.log.dir must be one of log.dirs');
  if (values['group.min.session.timeout.ms'] > values['group.max.session.timeout.ms'])
    problems.push('group.min.session.timeout.ms must not exceed group.max.session.timeout.ms');
  const roles = values['process.roles'];
  if (!roles.includes('broker') || !roles.includes('controller'))
    problems.push('process.roles must be broker,controller: one node is both');
  for (const voter of values['controller.quorum.voters']) {
    if (!voter.startsWith(`${values['node.id']}@`))
      problems.push(
        `controller.quorum.voters may name node ${values['node.id']} only, not "${voter}"`,
      );
  }
  problems.push(...groupProblems(values));
  if (parseIpOverrides(values['max.connections.per.ip.overrides']) === undefined)
    problems.push('max.connections.per.ip.overrides must be written as host:count,host:count');
  return problems;
}

function groupProblems(values: Values): readonly string[] {
  const problems: string[] = [];
  for (const name of ['session.timeout.ms', 'heartbeat.interval.ms'] as const) {
    const [least, value, most] = [
      values[`group.consumer.min.${name}`],
      values[`group.consumer.${name}`],
      values[`group.consumer.max.${name}`],
    ];
    if (value < least || value > most)
      problems.push(
        `group.consumer.${name} must be between group.consumer.min.${name} (${least}) and group.consumer.max.${name} (${most})`,
      );
  }
  if (values['group.consumer.heartbeat.interval.ms'] >= values['group.consumer.session.timeout.ms'])
    problems.push(
      'group.consumer.heartbeat.interval.ms must be less than group.consumer.session.timeout.ms',
    );
  return problems;
}
