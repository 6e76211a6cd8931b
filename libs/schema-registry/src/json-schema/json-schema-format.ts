import { distinctReferences } from '../avro/avro-format.ts';
import { isJsonObject, printJson, sortJson, type Json } from '../json/json.ts';
import { parseJson } from '../json/parse-json.ts';
import type {
  CompatibilityPolicy,
  ParsedSchema,
  ResolvedReference,
  SchemaFormat,
  SchemaReference,
  SchemaSource,
} from '../parsed-schema.ts';
import { compareJsonSchemas } from './compare-json-schema.ts';
import { describeDifference } from './differences.ts';
import { SchemaDocuments } from './documents.ts';
import { JsonSchemaLoader } from './load-json-schema.ts';
import type { JsonSchemaNode } from './model.ts';

export const jsonSchemaFormat: SchemaFormat = {
  type: 'JSON',
  parse({ text, references, resolved }: SchemaSource): ParsedSchema {
    return new JsonSchema(parseJson(text, { keepsDecimals: true }), references, resolved);
  },
};

class JsonSchema implements ParsedSchema {
  readonly type = 'JSON';
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly #json: Json;
  readonly #resolved: readonly ResolvedReference[];
  #root: JsonSchemaNode | undefined;

  constructor(
    json: Json,
    references: readonly SchemaReference[],
    resolved: readonly ResolvedReference[],
  ) {
    this.#json = json;
    this.#resolved = resolved;
    this.references = references;
    this.text = printJson(json);
  }

  check(): void {
    const documents = new SchemaDocuments(this.#json, this.#resolved);
    const loader = new JsonSchemaLoader(documents);
    loader.check(loader.load(this.#json, documents.root));
  }

  normalized(): ParsedSchema {
    return new JsonSchema(
      sortJson(this.#json),
      distinctReferences(this.references),
      this.#resolved,
    );
  }

  formatted(): string {
    return this.text;
  }

  incompatibilities(previous: ParsedSchema, policy?: CompatibilityPolicy): readonly string[] {
    if (!(previous instanceof JsonSchema)) return ['Incompatible because of different schema type'];
    const differences = compareJsonSchemas(previous.#load(), this.#load(), policy === 'LENIENT');
    return differences.map(describeDifference);
  }

  #load(): JsonSchemaNode {
    if (this.#root === undefined) {
      const documents = new SchemaDocuments(this.#json, this.#resolved);
      this.#root = new JsonSchemaLoader(documents).load(this.#json, documents.root);
    }
    return this.#root;
  }

  isEquivalent(other: ParsedSchema): boolean {
    return other instanceof JsonSchema && other.text === this.text;
  }

  hasTopLevelField(name: string): boolean {
    const properties = isJsonObject(this.#json) ? this.#json.get('properties') : undefined;
    return isJsonObject(properties) && properties.has(name);
  }
}
