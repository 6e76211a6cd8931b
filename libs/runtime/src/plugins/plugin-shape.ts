import type { AnyPlugin } from './plugin-registry.ts';

export type PluginKind = AnyPlugin['kind'];

/** Functions that a plugin of a kind must have. */
const FUNCTIONS: Readonly<Record<PluginKind, readonly string[]>> = {
  source: ['createTask', 'taskConfigs'],
  sink: ['createTask', 'taskConfigs'],
  converter: ['create'],
  transform: ['create'],
  predicate: ['create'],
  'config-provider': ['create'],
};
/** Functions that it may have. */
const HOOKS = [
  'rules',
  'validate',
  'onDelete',
  'alterOffsets',
  'exactlyOnceSupport',
  'canDefineTransactionBoundaries',
];
const FIELD_TYPES = new Set([
  ...['BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'],
]);
const NAME = /^[\w.$-]+$/;

/** True for what means to be a plugin, whatever is wrong with it. */
export function looksLikePlugin(exported: unknown): exported is { readonly kind: PluginKind } {
  return (
    typeof exported === 'object' &&
    exported !== null &&
    'kind' in exported &&
    typeof exported.kind === 'string' &&
    Object.hasOwn(FUNCTIONS, exported.kind) &&
    'fields' in exported
  );
}

/** The plugin, or everything that is wrong with the form of what a package exports as one. */
export function checkPlugin(
  exported: unknown,
): { readonly plugin: AnyPlugin } | { readonly problems: readonly string[] } {
  if (!looksLikePlugin(exported))
    return {
      problems: ['it is no plugin: make it with defineSource, defineSink, defineTransform …'],
    };
  const given: Readonly<Record<string, unknown>> = { ...exported };
  const problems: string[] = [];
  const { name, version, javaClasses, fields } = given;
  if (typeof name !== 'string' || !NAME.test(name))
    problems.push('"name" must be a word of letters, digits, dots and hyphens');
  if (typeof version !== 'string') problems.push('"version" must be a text');
  if (!Array.isArray(javaClasses) || !javaClasses.every((each) => typeof each === 'string'))
    problems.push('"javaClasses" must be a list of class names, or an empty one');
  problems.push(...fieldProblems(fields));
  for (const key of FUNCTIONS[exported.kind])
    if (typeof given[key] !== 'function') problems.push(`the function "${key}" is missing`);
  for (const key of HOOKS)
    if (given[key] !== undefined && typeof given[key] !== 'function')
      problems.push(`"${key}" must be a function`);
  // Every property that the runtime relies on was looked at.
  return problems.length === 0 ? { plugin: exported as AnyPlugin } : { problems };
}

function fieldProblems(fields: unknown): readonly string[] {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return ['"fields" must be an object of fields, as defineFields makes it'];
  return Object.entries(fields).flatMap(([key, field]: [string, unknown]) => {
    if (typeof field !== 'object' || field === null)
      return [`the field "${key}" must be an object`];
    const { type, doc, validate }: Readonly<Record<string, unknown>> = { ...field };
    const problems: string[] = [];
    if (typeof type !== 'string' || !FIELD_TYPES.has(type))
      problems.push(`the field "${key}" has no type of ${[...FIELD_TYPES].join(', ')}`);
    if (typeof doc !== 'string') problems.push(`the field "${key}" has no "doc"`);
    if (validate !== undefined && typeof validate !== 'function')
      problems.push(`"validate" of the field "${key}" must be a function`);
    return problems;
  });
}
