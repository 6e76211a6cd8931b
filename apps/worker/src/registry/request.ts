import {
  badRequest,
  findCompatibilityLevel,
  findRuleProblem,
  invalidCompatibilityLevel,
  invalidMode,
  invalidRuleSet,
  invalidVersion,
  MODES,
  readMetadata,
  readReferences,
  readRuleSet,
  SchemaRegistryError,
  unprocessable,
  type ConfigChange,
  type Mode,
  type RuleSet,
  type SchemaRequest,
} from '@millrace/schema-registry';

/** What the handlers need of a request; the body is as received. */
export interface RegistryRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

const MEDIA_TYPES = [
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
  'application/octet-stream',
];

/** As JAX-RS answers what it can't route. */
export function noSuchPath(): SchemaRegistryError {
  return new SchemaRegistryError('no_such_path', 404, 'HTTP 404 Not Found');
}

export function readSchemaBody(request: RegistryRequest): SchemaRequest {
  const body = readObject(request);
  const references = body['references'];
  const readReferencesOf =
    references === undefined || references === null ? [] : readReferences(references);
  if (readReferencesOf === undefined)
    throw badRequest('"references" must be a list of {"name", "subject", "version"}');
  return {
    schema: textOf(body, 'schema'),
    schemaType: textOf(body, 'schemaType'),
    references: readReferencesOf,
    metadata: readMetadata(body['metadata']),
    ruleSet: rulesOf(body['ruleSet']),
    version: integerOf(body, 'version'),
    id: integerOf(body, 'id'),
  };
}

/** A missing member leaves what is set, null takes it away. */
export function readConfigBody(request: RegistryRequest): ConfigChange {
  const body = readObject(request);
  const given = body['compatibility'];
  const level = typeof given === 'string' ? findCompatibilityLevel(given) : undefined;
  if (given !== undefined && given !== null && level === undefined)
    throw invalidCompatibilityLevel();
  const orNull = <T>(name: string, read: (json: unknown) => T): T | null | undefined =>
    body[name] === undefined || body[name] === null ? body[name] : read(body[name]);
  return {
    alias: orNull('alias', String),
    aliasForDeks: orNull('aliasForDeks', String),
    normalize: orNull('normalize', isTrue),
    validateFields: orNull('validateFields', isTrue),
    validateNewSchemas: orNull('validateNewSchemas', isTrue),
    validateRules: orNull('validateRules', isTrue),
    compatibilityLevel: given === null ? null : level,
    compatibilityPolicy: orNull('compatibilityPolicy', String),
    compatibilityGroup: orNull('compatibilityGroup', String),
    defaultMetadata: orNull('defaultMetadata', readMetadata),
    overrideMetadata: orNull('overrideMetadata', readMetadata),
    defaultRuleSet: orNull('defaultRuleSet', rulesOf),
    overrideRuleSet: orNull('overrideRuleSet', rulesOf),
  };
}

export function readModeBody(request: RegistryRequest): Mode | null {
  const given = readObject(request)['mode'];
  if (given === null) return null;
  const mode = typeof given === 'string' ? given.toUpperCase() : undefined;
  const known = MODES.find((name) => name === mode);
  if (known === undefined) throw invalidMode();
  return known;
}

/** `latest` and -1 are -1. */
export function readVersion(text: string): number {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'latest' || trimmed === '-1') return -1;
  const version = /^[+]?\d{1,10}$/.test(trimmed) ? Number(trimmed) : 0;
  if (version < 1 || version > 2_147_483_647) throw invalidVersion(trimmed);
  return version;
}

export function readId(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw noSuchPath();
  return Number(text);
}

export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** A limit below 1, or above the greatest, means the greatest. */
export function readPage(
  { offset, limit }: { readonly offset?: unknown; readonly limit?: unknown },
  limitMax = Number.MAX_SAFE_INTEGER,
): Page {
  const asked = integerQuery(limit, -1);
  return {
    offset: Math.max(0, integerQuery(offset, 0)),
    limit: asked > 0 && asked <= limitMax ? asked : limitMax,
  };
}

export function pageOf<T>(items: readonly T[], { offset, limit }: Page): readonly T[] {
  return items.slice(offset, offset + limit);
}

export function textQuery(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}

function integerQuery(value: unknown, byDefault: number): number {
  const text = textQuery(value);
  if (text === undefined) return byDefault;
  if (!/^-?\d{1,10}$/.test(text)) throw noSuchPath();
  return Number(text);
}

function readObject({ headers, body }: RegistryRequest): Fields {
  const type = headers['content-type'];
  const media = typeof type === 'string' ? (type.split(';')[0] ?? '').trim().toLowerCase() : '';
  if (media !== '' && !MEDIA_TYPES.includes(media))
    throw new SchemaRegistryError('unsupported_media_type', 415, 'HTTP 415 Unsupported Media Type');
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '';
  if (text.trim() === '') throw unprocessable('the request has no body');
  const json = parse(text);
  if (json === null) throw unprocessable('the request has no body');
  if (typeof json !== 'object' || Array.isArray(json))
    throw badRequest('the request body must be a JSON object');
  return json as Fields; // just seen
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(
      `the request body is not JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function textOf(body: Fields, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badRequest(`"${name}" must be text`);
  return value;
}

function integerOf(body: Fields, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number))
    throw badRequest(`"${name}" must be a whole number`);
  return number;
}

function rulesOf(json: unknown): RuleSet | undefined {
  const rules = readRuleSet(json);
  const problem = rules === undefined ? undefined : findRuleProblem(rules);
  if (problem !== undefined) throw invalidRuleSet(problem);
  return rules;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
