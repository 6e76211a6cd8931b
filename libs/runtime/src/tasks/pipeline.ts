import { parseValue } from '@millrace/config';
import type {
  ComponentConfig,
  Converter,
  ConverterRole,
  Predicate,
  Transform,
} from '@millrace/connector-api';
import type { ConnectRecord } from '@millrace/record';
import { badRequest } from '../errors.ts';
import { listOf, withoutPrefix } from '../config/prefixes.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';

export interface NamedConverter {
  readonly converter: Converter;
  readonly className: string;
}

export interface TransformStep {
  readonly transform: Transform;
  readonly className: string;
  readonly predicate: Predicate | undefined;
  readonly isNegated: boolean;
}

/** What stands between a task and the log. */
export interface Pipeline {
  readonly key: NamedConverter;
  readonly value: NamedConverter;
  readonly header: NamedConverter;
  readonly steps: readonly TransformStep[];
}

/** @throws MillraceError when a class is unknown or its configuration invalid */
export function buildPipeline(
  config: ComponentConfig,
  worker: WorkerSettings,
  registry: PluginRegistry,
): Pipeline {
  return {
    key: buildConverter('key', config, worker, registry),
    value: buildConverter('value', config, worker, registry),
    header: buildConverter('header', config, worker, registry),
    steps: listOf(config['transforms']).map((alias) => buildStep(alias, config, registry)),
  };
}

export function closePipeline(pipeline: Pipeline): void {
  for (const step of pipeline.steps) step.transform.close?.();
}

/** The class and keys of a converter: all the connector's when it names a class, else all the worker's. */
export function converterConfig(
  role: ConverterRole,
  config: ComponentConfig,
  worker: WorkerSettings,
): { readonly className: string; readonly config: ComponentConfig } {
  const prefix = `${role}.converter`;
  const own = config[prefix];
  return {
    className: own ?? worker.fields[`${role}.converter`],
    config: {
      ...withoutPrefix(own === undefined ? worker.raw : config, `${prefix}.`),
      'converter.type': role,
    },
  };
}

function buildConverter(
  role: ConverterRole,
  config: ComponentConfig,
  worker: WorkerSettings,
  registry: PluginRegistry,
): NamedConverter {
  const chosen = converterConfig(role, config, worker);
  const plugin = registry.find('converter', chosen.className);
  if (plugin === undefined)
    throw unknownClass(
      `${role}.converter`,
      chosen.className,
      registry.nearest('converter', chosen.className),
    );
  return { converter: plugin.create(chosen.config, role), className: chosen.className };
}

function buildStep(
  alias: string,
  config: ComponentConfig,
  registry: PluginRegistry,
): TransformStep {
  const own = withoutPrefix(config, `transforms.${alias}.`);
  const className = own['type'] ?? '';
  const plugin = registry.find('transform', className);
  if (plugin === undefined)
    throw unknownClass(
      `transforms.${alias}.type`,
      className,
      registry.nearest('transform', className),
    );
  const negate = parseValue('BOOLEAN', own['negate'] ?? 'false');
  return {
    transform: plugin.create(own),
    className,
    predicate:
      own['predicate'] === undefined
        ? undefined
        : buildPredicate(own['predicate'], config, registry),
    isNegated: 'value' in negate && negate.value === true,
  };
}

function buildPredicate(
  alias: string,
  config: ComponentConfig,
  registry: PluginRegistry,
): Predicate {
  const own = withoutPrefix(config, `predicates.${alias}.`);
  const className = own['type'] ?? '';
  const plugin = registry.find('predicate', className);
  if (plugin === undefined)
    throw unknownClass(
      `predicates.${alias}.type`,
      className,
      registry.nearest('predicate', className),
    );
  return plugin.create(own);
}

function unknownClass(key: string, className: string, nearest: string | undefined): Error {
  return badRequest(
    `Invalid value ${className} for configuration ${key}: Class ${className} could not be found.`,
    nearest === undefined ? undefined : `did you mean "${nearest}"?`,
  );
}

/** Runs a record through the steps; null when one dropped it. `onStep` names the step for a failure's report. */
export function applySteps<R extends ConnectRecord>(
  steps: readonly TransformStep[],
  record: R,
  onStep: (className: string) => void,
): R | null {
  let current: R = record;
  for (const step of steps) {
    onStep(step.className);
    if (step.predicate !== undefined && step.predicate.test(current) === step.isNegated) continue;
    const next = step.transform.apply(current);
    if (next === null) return null;
    current = next;
  }
  return current;
}
