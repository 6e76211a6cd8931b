import { apis, ErrorCode, errorFromCode } from '@millrace/kafka-protocol';
import { errorOf } from './admin-answers.ts';
import type {
  AdminOutcome,
  ConfigChange,
  ConfigEntry,
  ConfigResource,
  ResourceConfig,
} from './admin-api.ts';
import type { BrokerLink, BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import { answerIncomplete } from './errors.ts';

const RESOURCE_TYPES = { topic: 2, broker: 4 } as const;
const DEFAULT_CONFIG = 5;
const OPERATIONS = { set: 0, unset: 1, append: 2, subtract: 3 } as const;

/** Settings of topics and brokers, read and changed. */
export class AdminConfigs {
  readonly #cluster: Cluster;
  readonly #links: BrokerLinks;

  constructor(cluster: Cluster, links: BrokerLinks) {
    this.#cluster = cluster;
    this.#links = links;
  }

  async describe(resources: readonly ConfigResource[]): Promise<readonly ResourceConfig[]> {
    const answers = await this.#onResourceBrokers(resources, async (link, part) => {
      const answer = await link.request(apis.describeConfigs, {
        resources: part.map(({ name, type }) => ({
          resourceType: RESOURCE_TYPES[type],
          resourceName: name,
        })),
      });
      return answer.results.map((result): [string, ResourceConfig] => {
        const resource = resourceOf(result.resourceType, result.resourceName);
        const entries = result.configs.map((config): ConfigEntry => ({
          name: config.name,
          value: config.value,
          isDefault: config.configSource === DEFAULT_CONFIG,
          isReadOnly: config.readOnly,
          isSensitive: config.isSensitive,
        }));
        const doing = `describe ${resource.type} "${resource.name}"`;
        return [keyOf(resource), { resource, entries, error: errorOf(result, doing) }];
      });
    });
    return resources.map((resource) => {
      const found = answers.get(keyOf(resource));
      if (found !== undefined) return found;
      return { resource, entries: [], error: answerIncomplete('DescribeConfigs', resource.name) };
    });
  }

  async alter(changes: readonly ConfigChange[]): Promise<readonly AdminOutcome[]> {
    const byResource = new Map(changes.map((change) => [keyOf(change.resource), change]));
    const resources = changes.map(({ resource }) => resource);
    const answers = await this.#onResourceBrokers(resources, async (link, part) => {
      const answer = await link.request(apis.incrementalAlterConfigs, {
        resources: part.map((resource) => ({
          resourceType: RESOURCE_TYPES[resource.type],
          resourceName: resource.name,
          configs: operationsOf(byResource.get(keyOf(resource))),
        })),
      });
      return answer.responses.map((result): [string, AdminOutcome] => {
        const resource = resourceOf(result.resourceType, result.resourceName);
        const doing = `alter ${resource.type} "${resource.name}"`;
        return [keyOf(resource), { name: resource.name, error: errorOf(result, doing) }];
      });
    });
    return resources.map((resource) => {
      const { name } = resource;
      const missing = { name, error: answerIncomplete('IncrementalAlterConfigs', name) };
      return answers.get(keyOf(resource)) ?? missing;
    });
  }

  /** A broker's own settings are asked of itself; those of topics of anybody. */
  async #onResourceBrokers<T>(
    resources: readonly ConfigResource[],
    ask: (
      link: BrokerLink,
      part: readonly ConfigResource[],
    ) => Promise<readonly (readonly [string, T])[]>,
  ): Promise<ReadonlyMap<string, T>> {
    const { defaultApiTimeoutMs } = this.#cluster.settings;
    const answers = new Map<string, T>();
    const parts = new Map<string, ConfigResource[]>();
    for (const resource of resources) {
      const where = resource.type === 'broker' ? resource.name : '';
      parts.set(where, [...(parts.get(where) ?? []), resource]);
    }
    for (const [where, part] of parts) {
      const entries = await this.#cluster.retrying(defaultApiTimeoutMs, undefined, async () => {
        if (where === '') {
          return await this.#cluster.withController((link) =>
            ask(this.#links.to(link.address), part),
          );
        }
        if (this.#cluster.findBroker(Number(where)) === undefined) {
          await this.#cluster.fetchMetadata([], false);
        }
        const broker = this.#cluster.findBroker(Number(where));
        if (broker === undefined) {
          throw errorFromCode(ErrorCode.BROKER_NOT_AVAILABLE, `ask broker "${where}"`);
        }
        return await ask(this.#links.to(broker), part);
      });
      for (const [key, value] of entries) answers.set(key, value);
    }
    return answers;
  }
}

function keyOf({ name, type }: ConfigResource): string {
  return `${type} ${name}`;
}

function resourceOf(type: number, name: string): ConfigResource {
  return { type: type === RESOURCE_TYPES.topic ? 'topic' : 'broker', name };
}

function operationsOf(
  change: ConfigChange | undefined,
): { name: string; configOperation: number; value: string | null }[] {
  const valued = (['set', 'append', 'subtract'] as const).flatMap((kind) =>
    Object.entries(change?.[kind] ?? {}).map(([name, value]) => ({
      name,
      configOperation: OPERATIONS[kind],
      value,
    })),
  );
  const unset = (change?.unset ?? []).map((name) => ({
    name,
    configOperation: OPERATIONS.unset,
    value: null,
  }));
  return [...valued, ...unset];
}
