import { resolveConfig, type RawConfig, type Resolved } from '@millrace/config';
import { brokerFields } from './fields.ts';
import { invalidListener, invalidSettings } from './errors.ts';

export interface Listener {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface BrokerSettings {
  readonly values: Resolved<typeof brokerFields>;
  /** The keys that were given, as texts: what DescribeConfigs shows as set in the file. */
  readonly given: Readonly<Record<string, string>>;
  readonly listeners: readonly Listener[];
  readonly advertised: readonly Listener[];
  readonly logDir: string;
}

/** Throws with all problems at once. */
export function resolveSettings(raw: RawConfig): BrokerSettings {
  const values = resolveConfig(brokerFields, raw, 'broker configuration');
  const problems = crossFieldProblems(values);
  if (problems.length > 0) throw invalidSettings(problems);
  const given = Object.fromEntries(
    Object.entries(raw).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  return {
    values,
    given,
    listeners: values.listeners.map(parseListener),
    advertised: (values['advertised.listeners'] ?? []).map(parseListener),
    logDir: values['log.dirs'][0] ?? '',
  };
}

type Values = Resolved<typeof brokerFields>;

function crossFieldProblems(values: Values): readonly string[] {
  const problems: string[] = [];
  if (values['log.dirs'].length !== 1) problems.push('log.dirs must name one folder');
  if (values.listeners.length === 0) problems.push('listeners must name at least one address');
  if (values['group.min.session.timeout.ms'] > values['group.max.session.timeout.ms'])
    problems.push('group.min.session.timeout.ms must not exceed group.max.session.timeout.ms');
  const advertised = values['advertised.listeners']?.length ?? 0;
  if (advertised > 0 && advertised !== values.listeners.length)
    problems.push('advertised.listeners must name one address for each of listeners');
  return problems;
}

/** `PLAINTEXT://host:port`; an empty host is all addresses, an IPv6 one stands in brackets. */
export function parseListener(text: string): Listener {
  const match = /^([A-Za-z0-9_]+):\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s]*):(\d{1,5})$/.exec(text.trim());
  if (match === null) throw invalidListener(text, 'NAME://host:port');
  const [, name = '', host = '', port = ''] = match;
  if (name.toUpperCase() !== 'PLAINTEXT')
    throw invalidListener(text, 'PLAINTEXT, the one kind served');
  if (Number(port) > 65_535) throw invalidListener(text, 'a port up to 65535');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
