import type { ConfigProviderPlugin } from './config-provider.ts';
import type { ConverterPlugin } from './converter.ts';
import type { Plugin } from './plugin.ts';
import type { SinkConnector } from './sink.ts';
import type { SourceConnector } from './source.ts';
import type { PredicatePlugin, TransformPlugin } from './transform.ts';

/** What an author says of a plugin; the rest has defaults. */
type Definition<P extends Plugin> = Omit<P, 'kind' | 'javaClasses' | 'version'> &
  Partial<Pick<P, 'javaClasses' | 'version'>>;
type ConnectorDefinition<P extends SourceConnector | SinkConnector> = Omit<
  Definition<P>,
  'taskConfigs'
> &
  Partial<Pick<P, 'taskConfigs'>>;

/** A plugin that names no version has that of its package. */
const VERSION_OF_PACKAGE = '';

/** A source connector: one task, and no Java name, unless it says otherwise. */
export function defineSource(definition: ConnectorDefinition<SourceConnector>): SourceConnector {
  return { ...defaults(), taskConfigs: oneTask, ...definition, kind: 'source' };
}

/** A sink connector: as many tasks as `tasks.max` allows, each with the configuration as it is. */
export function defineSink(definition: ConnectorDefinition<SinkConnector>): SinkConnector {
  return { ...defaults(), taskConfigs: allTasks, ...definition, kind: 'sink' };
}

export function defineTransform(definition: Definition<TransformPlugin>): TransformPlugin {
  return { ...defaults(), ...definition, kind: 'transform' };
}

export function definePredicate(definition: Definition<PredicatePlugin>): PredicatePlugin {
  return { ...defaults(), ...definition, kind: 'predicate' };
}

export function defineConverter(definition: Definition<ConverterPlugin>): ConverterPlugin {
  return { ...defaults(), ...definition, kind: 'converter' };
}

export function defineConfigProvider(
  definition: Definition<ConfigProviderPlugin>,
): ConfigProviderPlugin {
  return { ...defaults(), ...definition, kind: 'config-provider' };
}

function defaults(): Pick<Plugin, 'javaClasses' | 'version'> {
  return { javaClasses: [], version: VERSION_OF_PACKAGE };
}

/** A source divides its own work: two tasks that read the same would double it. */
const oneTask: SourceConnector['taskConfigs'] = (config) => Promise.resolve([config]);

/** The group divides a sink's partitions. */
const allTasks: SinkConnector['taskConfigs'] = (config, tasksMax) =>
  Promise.resolve(Array.from({ length: tasksMax }, () => config));
