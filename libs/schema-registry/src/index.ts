export { avroFormat } from './avro/avro-format.ts';
export { jsonSchemaFormat } from './json-schema/json-schema-format.ts';
export { protobufFormat } from './protobuf/protobuf-format.ts';
export {
  COMPATIBILITY_LEVELS,
  findCompatibilityLevel,
  type CompatibilityLevel,
} from './compatibility.ts';
export {
  badRequest,
  invalidCompatibilityLevel,
  invalidMode,
  invalidRuleSet,
  invalidSubject,
  invalidVersion,
  noSubjectConfig,
  noSubjectMode,
  schemaNotFound,
  SchemaRegistryError,
  storeFailed,
  storeTimedOut,
  subjectNotFound,
  unprocessable,
  versionNotFound,
} from './errors.ts';
export type {
  ParsedSchema,
  ResolvedReference,
  SchemaFormat,
  SchemaReference,
  SchemaSource,
  SchemaType,
} from './parsed-schema.ts';
export { findRuleProblem } from './registry/data-contract.ts';
export {
  MODES,
  type ConfigChange,
  type ContextId,
  type Metadata,
  type Mode,
  type SchemaVersion,
  type Rule,
  type RuleSet,
  type SchemaContent,
  type SchemaRequest,
  type SubjectConfig,
  type SubjectVersion,
} from './registry/entities.ts';
export type { RegisteredOutcome, RegisterOptions } from './registry/decide-register.ts';
export type { Deleted, RegistryDefaults, RegistryQueries } from './registry/queries.ts';
export { readMetadata, readReferences, readRuleSet } from './registry/read-fields.ts';
export { SchemaRegistry, type SchemaRegistryOptions } from './registry/schema-registry.ts';
export type { SchemaStore, StoreEntry, StoreWrite } from './registry/store.ts';
export {
  ALL_CONTEXTS,
  contextPrefix,
  isDefaultContext,
  isValidSubject,
  normalizeSubject,
} from './registry/subject.ts';
export { MemorySchemaLog, MemorySchemaStore } from './store/memory-store.ts';
export { registryClientFields } from './client/client-fields.ts';
export { openRegistryClient, type RegistryClientPorts } from './client/open-client.ts';
export { RegistryClient, type RegistryClientOptions } from './client/registry-client.ts';
export type { RegisteredSchema, ResolvedSchema, SchemaText } from './client/schema-text.ts';
export type { RegistryRequest, RegistryResponse, RegistryTransport } from './client/transport.ts';
