import type { WorkerSettings } from './worker-fields.ts';

/** `connector.client.config.override.policy` (KIP-458): short names, or the Java classes. */
export const OVERRIDE_POLICIES = ['All', 'None', 'Principal', 'Allowlist'] as const;

type Policy = (typeof OVERRIDE_POLICIES)[number];

const PRINCIPAL_KEYS: ReadonlySet<string> = new Set([
  'sasl.jaas.config',
  'sasl.mechanism',
  'security.protocol',
]);

export function policyOf(name: string): Policy | undefined {
  const simpleName = name
    .trim()
    .slice(name.trim().lastIndexOf('.') + 1)
    .replace(/ConnectorClientConfigOverridePolicy$/, '');
  return OVERRIDE_POLICIES.find((each) => each.toLowerCase() === simpleName.toLowerCase());
}

export function validPolicy(name: string): string | undefined {
  return policyOf(name) === undefined
    ? `must be one of: ${OVERRIDE_POLICIES.join(', ')}`
    : undefined;
}

/** Connect's words; undefined when connectors may set the key. */
export function policyProblem(key: string, { fields }: WorkerSettings): string | undefined {
  const policy = policyOf(fields['connector.client.config.override.policy']) ?? 'All';
  const isAllowed =
    policy === 'All' ||
    (policy === 'Principal' && PRINCIPAL_KEYS.has(key)) ||
    (policy === 'Allowlist' && fields['connector.client.config.override.allowlist'].includes(key));
  return isAllowed
    ? undefined
    : `The '${policy}' policy does not allow '${key}' to be overridden in the connector configuration.`;
}
