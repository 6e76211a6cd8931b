/** The kinds of schema that a registry keeps, by Confluent's names. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';
export { registryClientFields } from './client/client-fields.ts';
export { openRegistryClient, type RegistryClientPorts } from './client/open-client.ts';
export { RegistryClient, type RegistryClientOptions } from './client/registry-client.ts';
export type {
  RegisteredSchema,
  ResolvedSchema,
  SchemaReference,
  SchemaText,
} from './client/schema-text.ts';
export type { RegistryRequest, RegistryResponse, RegistryTransport } from './client/transport.ts';
