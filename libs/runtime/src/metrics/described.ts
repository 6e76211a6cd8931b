import type { WorkerSettings } from '../config/worker-fields.ts';
import { listOf } from '../config/prefixes.ts';
import type { ConnectorSupervisor } from '../connectors/connector-supervisor.ts';
import type { ConnectorConfig } from '../herder.ts';
import { taskClassOf } from '../connectors/stored-task-config.ts';
import { wholeClassName, type PluginRegistry } from '../plugins/plugin-registry.ts';
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
  const named = config['connector.class'] ?? '';
  const plugin = registry.findConnector(named);
  const className = wholeClassName(plugin, named);
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
    const found = registry.find('converter', converter);
    return [
      [`${role}_converter_class`, wholeClassName(found, converter)],
      [`${role}_converter_version`, found?.version ?? ''],
    ];
  });
  return [...own, ['task_class', taskClassOf(className)], ['task_version', version], ...converters];
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
      const named = config[`${kind}s.${alias}.type`] ?? '';
      const plugin = registry.find(kind, named);
      const prefix = `kafka_connect_connector_${kind}_`;
      const own = { ...labels, [kind]: alias };
      families.addText(prefix, `${kind}_class`, own, wholeClassName(plugin, named));
      families.addText(prefix, `${kind}_version`, own, plugin?.version ?? '');
    }
}
