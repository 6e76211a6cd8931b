import type { WorkerSettings } from '../config/worker-fields.ts';
import { listOf } from '../config/prefixes.ts';
import type { ConnectorSupervisor } from '../connectors/connector-supervisor.ts';
import type { ConnectorConfig } from '../herder.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import { converterConfig } from '../tasks/pipeline.ts';
import type { Families, Labels } from './families.ts';

type Texts = readonly (readonly [attribute: string, text: string])[];

/** Adds what a connector is made of; the same for each of its tasks is returned. */
export function addClasses(
  families: Families,
  labels: Labels,
  connector: ConnectorSupervisor,
  config: ConnectorConfig,
  { registry, worker }: { readonly registry: PluginRegistry; readonly worker: WorkerSettings },
): Texts {
  const className = config['connector.class'] ?? '';
  const plugin = registry.findConnector(className);
  const type = plugin?.kind ?? 'unknown';
  const version = connector.version ?? '';
  const prefix = 'kafka_connect_connector_';
  families.addText(prefix, 'status', labels, connector.state.toLowerCase());
  const own: Texts = [
    ['connector_class', className],
    ['connector_type', type],
    ['connector_version', version],
  ];
  for (const [attribute, text] of own) families.addText(prefix, attribute, labels, text);
  // Rules of others name them without the repetition.
  families.add(`${prefix}type`, { ...labels, type }, 1);
  families.add(`${prefix}class`, { ...labels, class: className }, 1);
  families.add(`${prefix}version`, { ...labels, version }, 1);
  const converters = (['key', 'value', 'header'] as const).flatMap((role): Texts => {
    const { className: converter } = converterConfig(role, config, worker);
    const converterVersion = registry.find('converter', converter)?.version ?? '';
    return [
      [`${role}_converter_class`, converter],
      [`${role}_converter_version`, converterVersion],
    ];
  });
  return [
    ...own,
    ['task_class', className.replace(/Connector$/, 'Task')],
    ['task_version', version],
    ...converters,
  ];
}

/** Transforms and predicates of a task (KIP-1134). */
export function addTransforms(
  families: Families,
  labels: Labels,
  config: ConnectorConfig,
  registry: PluginRegistry,
): void {
  for (const kind of ['transform', 'predicate'] as const)
    for (const alias of new Set(listOf(config[`${kind}s`]))) {
      const className = config[`${kind}s.${alias}.type`] ?? '';
      const version = registry.find(kind, className)?.version ?? '';
      const prefix = `kafka_connect_connector_${kind}_`;
      const own = { ...labels, [kind]: alias };
      families.addText(prefix, `${kind}_class`, own, className);
      families.addText(prefix, `${kind}_version`, own, version);
    }
}
