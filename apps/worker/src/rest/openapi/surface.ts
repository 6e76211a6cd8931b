/** JSON Schema (2020-12), as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One part of the API: its paths as in OpenAPI, and the schemas that they name. One file a surface. */
export interface Surface {
  readonly tag: string;
  readonly description: string;
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

export const text: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const boolean: Schema = { type: 'boolean' };
export const textOrNull: Schema = { type: ['string', 'null'] };
export const time: Schema = { type: 'string', format: 'date-time' };
export const anyObject: Schema = { type: 'object', additionalProperties: true };

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

export function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

/** All members are there but those that are named as optional; there are no others. */
export function record(members: Readonly<Record<string, Schema>>, ...optional: string[]): Schema {
  return {
    type: 'object',
    properties: members,
    required: Object.keys(members).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}

export function json(description: string, schema: Schema, headers?: Schema): Schema {
  return {
    description,
    ...(headers === undefined ? {} : { headers }),
    content: { 'application/json': { schema } },
  };
}

export function empty(description: string): Schema {
  return { description };
}

/** Statuses with Connect's error body, after the one for all else. */
export function errors(...statuses: readonly number[]): Readonly<Record<string, Schema>> {
  const entries = statuses.map((status): [string, Schema] => [
    String(status),
    { $ref: `#/components/responses/Error${status}` },
  ]);
  return {
    ...Object.fromEntries<Schema>(entries),
    default: { $ref: '#/components/responses/Error' },
  };
}

export function body(schema: Schema, isRequired = true): Schema {
  return { required: isRequired, content: { 'application/json': { schema } } };
}

export function inPath(name: string, description: string, schema: Schema = text): Schema {
  return { name, in: 'path', required: true, description, schema };
}

export function inQuery(name: string, description: string, schema: Schema = text): Schema {
  return { name, in: 'query', description, schema };
}

/** The name of a connector, percent-encoded. */
export const connectorName = inPath('name', 'The name of the connector, percent-encoded.');

/** As OpenAPI has them, with the tag of the surface. */
export function pathsOf({ tag, paths }: Surface): readonly (readonly [string, Schema])[] {
  return Object.entries(paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [
        method,
        { tags: [tag], ...operation },
      ]),
    ),
  ]);
}
