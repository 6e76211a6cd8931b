import { resolveConfig, type Fields, type Resolved } from '@millrace/config';
import type {
  ComponentConfig,
  PredicatePlugin,
  Transform,
  TransformPlugin,
} from '@millrace/connector-api';
import {
  DraftPredicate,
  DraftTransform,
  type Change,
  type Outline,
} from './draft/draft-transform.ts';
import type { Side } from './subject.ts';

const PACKAGE = 'org.apache.kafka.connect.transforms';
const VERSION = '4.1.0';

/** A transform that is made at once. */
export interface SyncTransformPlugin extends TransformPlugin {
  create(config: ComponentConfig): Transform;
}

/** Shared by transforms that read fields with defaults. */
export const replaceNullField = {
  type: 'BOOLEAN',
  default: true,
  importance: 'MEDIUM',
  doc: 'Whether a null in a field that has a default is read as that default.',
} as const;

/** The two classes `X$Key` and `X$Value` of a transform. */
export function keyAndValue<F extends Fields>(
  name: string,
  simpleName: string,
  fields: F,
  create: (settings: Resolved<F>, side: Side) => Change,
): readonly SyncTransformPlugin[] {
  return (['Key', 'Value'] as const).map((side) =>
    transform(
      `${name}-${side.toLowerCase()}`,
      `${PACKAGE}.${simpleName}$${side}`,
      fields,
      (settings) => new DraftTransform(create(settings, side)),
    ),
  );
}

export function single<F extends Fields>(
  name: string,
  simpleName: string,
  fields: F,
  create: (settings: Resolved<F>) => Change,
): SyncTransformPlugin {
  return transform(
    name,
    `${PACKAGE}.${simpleName}`,
    fields,
    (settings) => new DraftTransform(create(settings)),
  );
}

export function transform<F extends Fields>(
  name: string,
  javaClass: string,
  fields: F,
  create: (settings: Resolved<F>) => Transform,
): SyncTransformPlugin {
  return {
    kind: 'transform',
    name,
    javaClasses: [javaClass],
    version: VERSION,
    fields,
    create: (config) => create(resolveConfig(fields, config, `${name} transform configuration`)),
  };
}

export function predicate<F extends Fields>(
  name: string,
  simpleName: string,
  fields: F,
  create: (settings: Resolved<F>) => (outline: Outline) => boolean,
): PredicatePlugin {
  return {
    kind: 'predicate',
    name,
    javaClasses: [`${PACKAGE}.predicates.${simpleName}`],
    version: VERSION,
    fields,
    create: (config) =>
      new DraftPredicate(create(resolveConfig(fields, config, `${name} predicate configuration`))),
  };
}
