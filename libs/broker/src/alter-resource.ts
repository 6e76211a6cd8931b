import { ErrorCode } from '@millrace/kafka-protocol';
import { brokerConfigProblems } from './broker-config-problems.ts';
import { configProblems, findClientMetricsProblem, groupConfigProblems } from './config-changes.ts';
import { storageRefusal, type BrokerCore } from './core.ts';
import { listenerBaseKey } from './dynamic-keys.ts';
import { brokerConfigChain } from './effective-configs.ts';
import { ELR_VERSION, finalizedLevel } from './features.ts';
import { configsOf, type ConfigOverrides } from './metadata/metadata-image.ts';
import type { Refusal } from './refusal.ts';
import { ResourceType } from './resource-type.ts';
import { brokerFieldOf } from './topic-fields.ts';
import { findTopicNameProblem } from './topic-names.ts';

const MIN_ISR = 'min.insync.replicas';

export interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** What a resource's own settings are to become, from what they are: or why not. */
export type PlannedChange = (current: ConfigOverrides) => ConfigOverrides | Refusal;

/** Checks a change of settings and, unless it is only to be checked, makes it durable. */
export async function alterResource(
  core: BrokerCore,
  resource: Resource,
  plan: PlannedChange,
  isValidateOnly: boolean,
): Promise<Refusal | undefined> {
  try {
    return await alter(core, resource, plan, isValidateOnly);
  } catch (error) {
    return storageRefusal(core, error);
  }
}

async function alter(
  core: BrokerCore,
  { resourceType, resourceName }: Resource,
  plan: PlannedChange,
  isValidateOnly: boolean,
): Promise<Refusal | undefined> {
  if (resourceType === ResourceType.TOPIC) {
    const entry = core.topics.find(resourceName);
    if (entry === undefined) return unknownTopic(resourceName);
    const problem = findProblem(plan(entry.configs), resourceType, resourceName, core);
    if (problem !== undefined || isValidateOnly) return problem;
    await core.topics.configure(entry.topicId, (current) => accepted(plan(current), current));
    return undefined;
  }
  const before = configsOf(core.topics.image, resourceType, resourceName);
  const problem =
    findNameProblem(resourceType, resourceName, core.nodeId) ??
    findProblem(plan(before), resourceType, resourceName, core);
  if (problem !== undefined) return problem;
  const planned = plan(before);
  const tlsProblem =
    resourceType === ResourceType.BROKER && !isRefusal(planned)
      ? await core.security.findTlsProblem(planned)
      : undefined;
  if (tlsProblem !== undefined) return refusal(ErrorCode.INVALID_REQUEST, tlsProblem);
  const changes = resourceName === String(core.nodeId) ? core.listenerChanges : undefined;
  const isOfListeners =
    resourceType === ResourceType.BROKER && !isRefusal(planned) && changes?.concerns(planned);
  if (isValidateOnly) {
    const found = isOfListeners === true ? changes?.findProblem(planned) : undefined;
    return found === undefined ? undefined : refusal(ErrorCode.INVALID_REQUEST, found);
  }
  warnOfUnknown(planned, resourceType, core);
  const listeners = isOfListeners === true ? await changes?.prepare(planned) : undefined;
  if (typeof listeners === 'string') return refusal(ErrorCode.INVALID_REQUEST, listeners);
  try {
    await core.topics.configureResource(resourceType, resourceName, (current) =>
      accepted(plan(current), current),
    );
  } catch (error) {
    listeners?.undo();
    throw error;
  }
  listeners?.commit();
  if (resourceType !== ResourceType.BROKER) return undefined;
  core.applySettings();
  await core.security.refreshTls();
  return undefined;
}

function unknownTopic(name: string): Refusal {
  if (name === '')
    return refusal(ErrorCode.INVALID_REQUEST, 'Default topic resources are not allowed.');
  const problem = findTopicNameProblem(name);
  return problem === undefined
    ? refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
    : refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, problem);
}

function findNameProblem(type: number, name: string, nodeId: number): Refusal | undefined {
  switch (type) {
    case ResourceType.BROKER:
      if (name === '' || name === String(nodeId)) return undefined;
      return refusal(
        ErrorCode.INVALID_REQUEST,
        /^-?\d+$/.test(name)
          ? `Unexpected broker id, expected ${nodeId}, but received ${name}`
          : `Node id must be an integer, but it is: ${name}`,
      );
    case ResourceType.GROUP:
      return name === ''
        ? refusal(ErrorCode.INVALID_REQUEST, 'Default group resources are not allowed.')
        : undefined;
    case ResourceType.CLIENT_METRICS:
      return name === ''
        ? refusal(ErrorCode.INVALID_REQUEST, "Subscription name can't be empty")
        : undefined;
    default:
      return refusal(ErrorCode.INVALID_REQUEST, `Unknown resource type ${type}`);
  }
}

function findProblem(
  planned: ConfigOverrides | Refusal,
  type: number,
  resourceName: string,
  core: BrokerCore,
): Refusal | undefined {
  if (isRefusal(planned)) return planned;
  const settings = Object.entries(planned).map(([name, value]) => ({ name, value }));
  switch (type) {
    case ResourceType.TOPIC:
      return refusalOf(ErrorCode.INVALID_CONFIG, configProblems(settings));
    case ResourceType.BROKER:
      return findBrokerProblem(planned, settings, resourceName, core);
    case ResourceType.GROUP:
      return refusalOf(
        ErrorCode.INVALID_CONFIG,
        groupConfigProblems(settings, core.settings.values),
      );
    default:
      return findClientMetricsProblem(settings);
  }
}

function findBrokerProblem(
  planned: ConfigOverrides,
  settings: readonly { readonly name: string; readonly value: string }[],
  resourceName: string,
  { topics }: BrokerCore,
): Refusal | undefined {
  const { layers } = topics;
  const current = (key: string): string | null => brokerConfigChain(key, layers)[0]?.value ?? null;
  const problems = brokerConfigProblems(settings, resourceName === '', current);
  if (problems.length > 0) return refusalOf(ErrorCode.INVALID_REQUEST, problems);
  // As Kafka: the eligible leaders of all brokers rest on one number (KIP-966).
  const isElr = finalizedLevel(topics.image, ELR_VERSION) > 0;
  return isElr && resourceName !== '' && MIN_ISR in planned
    ? refusal(
        ErrorCode.INVALID_CONFIG,
        'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
      )
    : undefined;
}

function refusalOf(errorCode: number, problems: readonly string[]): Refusal | undefined {
  return problems.length === 0 ? undefined : refusal(errorCode, problems.join('; '));
}

function warnOfUnknown(planned: ConfigOverrides | Refusal, type: number, core: BrokerCore): void {
  if (type !== ResourceType.BROKER || isRefusal(planned)) return;
  for (const key of Object.keys(planned)) {
    if (brokerFieldOf(listenerBaseKey(key) ?? key) === undefined)
      core.log.warn({ key }, 'a broker setting was set that has no effect');
  }
}

/** Checked just before; a change that lost a race to another one changes nothing. */
function accepted(planned: ConfigOverrides | Refusal, current: ConfigOverrides): ConfigOverrides {
  return isRefusal(planned) ? current : planned;
}

function isRefusal(planned: ConfigOverrides | Refusal): planned is Refusal {
  return typeof planned['errorCode'] === 'number';
}

function refusal(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}

/** Resources that are named twice in one request; none of them is changed. */
export function findTwice(resources: readonly Resource[]): ReadonlySet<string> {
  const keys = resources.map(resourceKey);
  return new Set(keys.filter((key, index) => keys.indexOf(key) !== index));
}

export function resourceKey({ resourceType, resourceName }: Resource): string {
  return `${resourceType}:${resourceName}`;
}

export const NAMED_TWICE: Refusal = {
  errorCode: ErrorCode.INVALID_REQUEST,
  message: 'Each resource must appear at most once.',
};
