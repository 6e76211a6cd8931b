import type { SchemaRegistry } from '@millrace/schema-registry';

/** The one `SchemaRegistry` of the worker. */
export const SCHEMA_REGISTRY = Symbol('SchemaRegistry');

export const REGISTRY_OPTIONS = Symbol('RegistryOptions');

export interface RegistryApiOptions {
  readonly registry: SchemaRegistry;
  /** `schema.search.max.limit` */
  readonly schemaSearchMaxLimit: number;
  /** Of the log's cluster. */
  readonly kafkaClusterId: () => Promise<string>;
  readonly groupId: string;
  readonly version: string;
}
