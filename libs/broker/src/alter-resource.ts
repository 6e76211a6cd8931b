import { ErrorCode } from '@millrace/kafka-protocol';
import { brokerConfigProblems, configProblems, type ConfigSetting } from './config-changes.ts';
import { storageRefusal, type BrokerCore } from './core.ts';
import { configsOf, type ConfigOverrides } from './metadata/metadata-image.ts';
import type { Refusal } from './refusal.ts';
import { ResourceType } from './resource-type.ts';

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
    if (entry === undefined)
      return refusal(
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        `The topic '${resourceName}' does not exist.`,
      );
    const problem = findProblem(plan(entry.configs), configProblems);
    if (problem !== undefined || isValidateOnly) return problem;
    await core.topics.configure(entry.topicId, (current) => accepted(plan(current), current));
    return undefined;
  }
  if (resourceType === ResourceType.BROKER) {
    if (resourceName !== '' && resourceName !== String(core.nodeId))
      return refusal(
        ErrorCode.INVALID_REQUEST,
        `Unexpected broker id, expected ${core.nodeId} or empty string, but received ${resourceName}`,
      );
    const problem = findProblem(
      plan(configsOf(core.topics.image, resourceType, resourceName)),
      brokerConfigProblems,
    );
    if (problem !== undefined || isValidateOnly) return problem;
    await core.topics.configureResource(resourceType, resourceName, (current) =>
      accepted(plan(current), current),
    );
    return undefined;
  }
  return refusal(ErrorCode.INVALID_REQUEST, `Unexpected resource type ${resourceType}`);
}

function findProblem(
  planned: ConfigOverrides | Refusal,
  problemsOf: (settings: readonly ConfigSetting[]) => readonly string[],
): Refusal | undefined {
  if (isRefusal(planned)) return planned;
  const problems = problemsOf(Object.entries(planned).map(([name, value]) => ({ name, value })));
  return problems.length === 0 ? undefined : refusal(ErrorCode.INVALID_CONFIG, problems.join('; '));
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
