import type { ConnectorOffsets, CreateConnector, RawConnectorConfig } from '@millrace/runtime';
import { javaTrim } from '@millrace/config';
import { int64 } from '@millrace/record';
import { badRequest, unreadableBody, unsupportedMediaType } from '../errors.ts';
import { parseJson } from './exact-json.ts';

/** What the handlers need of a request; the body is as received, see `rest-server.ts`. */
export interface BodyRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** A flat connector configuration; like Connect, numbers and booleans are taken as the text that was written. */
export function readConfigBody(request: BodyRequest): RawConnectorConfig {
  return configFrom(readObject(request, (literal) => literal));
}

export function readCreateBody(request: BodyRequest): CreateConnector {
  const body = readObject(request, (literal) => literal);
  refuseUnknownFields(body, ['name', 'config', 'initial_state']);
  const name = javaTrim(textOrNull(body['name'], 'name') ?? '');
  if (!isObject(body['config'])) throw unreadableBody('the field "config" must be a JSON object');
  return {
    name,
    config: withName(name, configFrom(body['config'])),
    initialState: targetState(body['initial_state']),
  };
}

/** Fills in the key `name`, which may be absent but may not name another connector. */
export function withName(name: string, config: RawConnectorConfig): RawConnectorConfig {
  const given = config['name'];
  if (given === undefined || given === null) return { ...config, name };
  if (given === name || javaTrim(given) === name) return config;
  throw badRequest(
    `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`,
  );
}

/** `{"level": "DEBUG"}`, read as a map of texts; other members mean nothing, as in Connect. */
export function readLevelBody(request: BodyRequest): string | undefined {
  return readConfigBody(request)['level'] ?? undefined;
}

export function readOffsetsBody(request: BodyRequest): ConnectorOffsets {
  const body = readObject(request, exactNumber);
  refuseUnknownFields(body, ['offsets']);
  const offsets = body['offsets'] ?? [];
  if (!Array.isArray(offsets)) throw unreadableBody('the field "offsets" must be an array');
  if (offsets.length === 0) throw noOffsets();
  return { offsets: offsets.map((entry: unknown) => offsetEntry(entry)) };
}

function offsetEntry(entry: unknown): ConnectorOffsets['offsets'][number] {
  if (!isObject(entry)) throw unreadableBody('each entry of "offsets" must be a JSON object');
  refuseUnknownFields(entry, ['partition', 'offset']);
  const { partition = null, offset = null } = entry;
  if (partition === null)
    throw badRequest('The partition for a connector offset cannot be null or missing');
  if (!isObject(partition)) throw unreadableBody('a "partition" must be a JSON object');
  if (offset !== null && !isObject(offset))
    throw unreadableBody('an "offset" must be a JSON object, or null to reset it');
  return { partition, offset };
}

function noOffsets(): Error {
  return badRequest('Partitions / offsets need to be provided for an alter offsets request');
}

function targetState(value: unknown): CreateConnector['initialState'] {
  if (value === undefined || value === null) return 'STARTED';
  switch (typeof value === 'string' ? value.toUpperCase() : '') {
    case 'RUNNING':
      return 'STARTED';
    case 'PAUSED':
      return 'PAUSED';
    case 'STOPPED':
      return 'STOPPED';
    default:
      throw unreadableBody('the field "initial_state" must be RUNNING, PAUSED or STOPPED');
  }
}

/** All values that are neither text, number, boolean nor null are named at once. */
function configFrom(object: JsonObject): RawConnectorConfig {
  const entries: [string, string | null][] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'string' || value === null) entries.push([key, value]);
    else if (typeof value === 'boolean') entries.push([key, String(value)]);
    else
      problems.push(
        `the value of "${key}" must be a string, number or boolean, not ${Array.isArray(value) ? 'an array' : 'an object'}`,
      );
  }
  if (problems.length > 0) throw unreadableBody(problems.join('; '));
  return Object.fromEntries(entries);
}

/** Empty bodies and wrong types are unreadable, and so a 500, as in Kafka Connect. */
export function readObject(
  request: BodyRequest,
  numberFrom: (literal: string) => unknown,
): JsonObject {
  refuseForeignType(request);
  const text = readText(request);
  const parsed = text.trim() === '' ? null : parseJson(text, numberFrom);
  if (!isObject(parsed)) throw unreadableBody('a JSON object is expected');
  return parsed;
}

/** A list of task configurations, as a worker would send it to its leader: only its shape matters. */
export function readTaskConfigsBody(request: BodyRequest): void {
  const text = readText(request);
  const parsed = text.trim() === '' ? undefined : parseJson(text, (literal) => literal);
  if (!Array.isArray(parsed) || !parsed.every(isObject))
    throw unreadableBody('a JSON array of objects is expected');
}

/** True for a request without a body, or with the JSON `null`. */
export function hasNoBody(request: BodyRequest): boolean {
  return /^\s*(?:null\s*)?$/.test(readText(request));
}

/** @throws MillraceError `rest.unsupported_media_type` for a body that says it is something else than JSON */
export function refuseForeignType({ headers }: Pick<BodyRequest, 'headers'>): void {
  const type = headers['content-type'];
  if (typeof type === 'string' && !JSON_TYPE.test(type)) throw unsupportedMediaType(type);
}

function readText(request: BodyRequest): string {
  if (!(request.body instanceof Uint8Array)) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(request.body);
  } catch {
    throw unreadableBody('it is not UTF-8');
  }
}

export function refuseUnknownFields(object: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw unreadableBody(
      `Unrecognized field ${unknown.map((key) => `"${key}"`).join(', ')} (known: ${known.join(', ')})`,
    );
}

function textOrNull(value: unknown, field: string): string | null | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value;
  throw unreadableBody(`the field "${field}" must be a string`);
}

/** Offsets carry 64-bit positions: integers stay exact. */
function exactNumber(literal: string): unknown {
  return /^-?\d+$/.test(literal) ? int64(literal) : Number(literal);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
