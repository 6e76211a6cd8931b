import { classHint } from '../plugins/class-hint.ts';
import { parseValue } from '@millrace/config';
import type {
  ComponentConfig,
  Converter,
  ConverterRole,
  Predicate,
  Transform,
} from '@millrace/connector-api';
import type { ConnectRecord } from '@millrace/record';
import { DraftPredicate, DraftTransform, RecordDraft } from '@millrace/transforms';
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
export async function buildPipeline(
  config: ComponentConfig,
  worker: WorkerSettings,
  registry: PluginRegistry,
): Promise<Pipeline> {
  const key = buildConverter('key', config, worker, registry);
  const value = buildConverter('value', config, worker, registry);
  const header = buildConverter('header', config, worker, registry);
  const steps: TransformStep[] = [];
  try {
    for (const alias of listOf(config['transforms']))
      steps.push(await buildStep(alias, config, registry));
  } catch (error) {
    closePipeline({ steps });
    throw error;
  }
  return { key, value, header, steps };
}

/** A transform that can't close itself has had its say: its records are where they belong. */
export function closePipeline({ steps }: Pick<Pipeline, 'steps'>): void {
  for (const { transform } of steps)
    try {
      transform.close?.();
    } catch {
      // Nothing depends on it any more.
    }
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
  const plugin = registry.find(
    'converter',
    chosen.className,
    config[`${role}.converter.plugin.version`],
  );
  if (plugin === undefined)
    throw unknownClass(
      `${role}.converter`,
      chosen.className,
      registry.nearest('converter', chosen.className),
    );
  return { converter: plugin.create(chosen.config, role), className: chosen.className };
}

async function buildStep(
  alias: string,
  config: ComponentConfig,
  registry: PluginRegistry,
): Promise<TransformStep> {
  const own = withoutPrefix(config, `transforms.${alias}.`);
  const className = own['type'] ?? '';
  const plugin = registry.find('transform', className, own['plugin.version']);
  if (plugin === undefined)
    throw unknownClass(
      `transforms.${alias}.type`,
      className,
      registry.nearest('transform', className),
    );
  const negate = parseValue('BOOLEAN', own['negate'] ?? 'false');
  return {
    transform: await plugin.create(own),
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
  const plugin = registry.find('predicate', className, own['plugin.version']);
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
    classHint(className, nearest),
  );
}

/** What became of one record: null when it was dropped, a list when it was split. */
export type Outcome<R> = R | readonly R[] | null;

/** None when a transform dropped the record. */
export function listOfOutcome<R extends object>(outcome: Outcome<R>): readonly R[] {
  if (outcome === null) return [];
  return isList(outcome) ? outcome : [outcome];
}

export function isList<R extends object>(outcome: R | readonly R[]): outcome is readonly R[] {
  return Array.isArray(outcome);
}

/**
 * Runs a record through the steps. `onStep` names the step for a failure's report. Shipped transforms that follow each
 * other work on one draft; only for another's a record is made of it.
 */
export function applySteps<R extends ConnectRecord>(
  steps: readonly TransformStep[],
  record: R,
  onStep: (className: string) => void,
): Outcome<R> {
  let current: R = record;
  let draft: RecordDraft<R> | undefined;
  let index = 0;
  for (const step of steps) {
    index++;
    onStep(step.className);
    const { transform, predicate } = step;
    if (predicate !== undefined) {
      const isMatch =
        draft !== undefined && predicate instanceof DraftPredicate
          ? predicate.matches(draft)
          : predicate.test(draft?.toRecord() ?? current);
      if (isMatch === step.isNegated) continue;
    }
    if (transform instanceof DraftTransform) {
      draft ??= new RecordDraft(current);
      if (!transform.change(draft)) return null;
      continue;
    }
    current = draft?.toRecord() ?? current;
    draft = undefined;
    if (transform.split !== undefined)
      return splitBy(transform.split(current), steps.slice(index), onStep);
    const next = transform.apply(current);
    if (next === null) return null;
    current = next;
  }
  return draft?.toRecord() ?? current;
}

function splitBy<R extends ConnectRecord>(
  parts: readonly R[],
  rest: readonly TransformStep[],
  onStep: (className: string) => void,
): readonly R[] {
  return parts.flatMap((part) => {
    const outcome = applySteps(rest, part, onStep);
    return outcome === null ? [] : isList(outcome) ? outcome : [outcome];
  });
}
