export {
  defineFields,
  type AnyField,
  type Field,
  type Fields,
  type FieldType,
  type Importance,
  type ParsedValues,
  type Resolved,
  type Validator,
  type Width,
} from './field.ts';
export { configFormatOf, flattenConfig, parseConfigFile, type ConfigFormat } from './files.ts';
export { javaRegex, wholeRegex } from './java-regex/java-regex.ts';
export { javaTrim } from './java-trim.ts';
export {
  locateConfig,
  type FileProblem,
  type LocatedConfig,
  type LocatedValue,
} from './located/located-config.ts';
export { HIDDEN, parseValue, showValue, type ParseResult } from './parse.ts';
export type { ConfigProvider, ProvidedData } from './providers/config-provider.ts';
export {
  foreignProviderClasses,
  openConfigProviders,
  type PluggedClasses,
  type ProviderPorts,
} from './providers/open-providers.ts';
export {
  isOnlyPlaceholders,
  placeholdersIn,
  placeholderValues,
  resolvePlaceholders,
  type Placeholder,
  type ResolvedPlaceholders,
} from './providers/placeholders.ts';
export {
  checkConfig,
  ConfigError,
  resolveConfig,
  type CheckedConfig,
  type ConfigProblem,
  type RawConfig,
} from './resolve.ts';
export { isSecretName } from './secret-names.ts';
export { nearestName } from './suggest.ts';
export {
  all,
  atLeast,
  between,
  each,
  nonEmpty,
  nullProblem,
  oneOf,
  oneOfIgnoringCase,
  refusingNull,
  validRegex,
} from './validators.ts';
