import type { Schema, SchemaAndValue } from '@millrace/record';
import type { RegisteredSchema, ResolvedSchema, SchemaText } from '@millrace/schema-registry';

/** What a registry is told of a Connect schema. */
export interface DescribedSchema {
  readonly text: SchemaText;
  /** Of the record or message, for subjects that are named after it; undefined when the schema has none. */
  readonly recordName: string | undefined;
}

/** Writes the bytes of a value, the prefix with the schema's id included. */
export interface SchemaWriter {
  write(value: unknown): Uint8Array;
}

export interface SchemaReader {
  /** @param at where the data begin, behind the id */
  read(bytes: Uint8Array, at: number): SchemaAndValue;
}

/** One of the formats that keep their schemas in a registry. All of it may throw `converter.bad_schema`. */
export interface RegistryFormat {
  /** As shown in errors. */
  readonly name: string;
  describe(schema: Schema | null): DescribedSchema;
  /** Whether null is written as no bytes at all, for which nothing is registered. */
  isTombstone(schema: Schema | null): boolean;
  /** @param registered the schema that the registry gave for `schema`, perhaps another version of it */
  compileWriter(schema: Schema | null, registered: RegisteredSchema): SchemaWriter;
  compileReader(registered: ResolvedSchema, version: number | undefined): SchemaReader;
  /** The record name of a schema that was read, for subjects that are named after it. */
  recordNameOf(registered: ResolvedSchema): string | undefined;
}
