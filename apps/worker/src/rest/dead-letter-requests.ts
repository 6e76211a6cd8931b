import type { DeadLetterQuery, LetterSelection, ReplayRequest } from '@millrace/runtime';
import { badRequest } from '../errors.ts';
import { readObject, refuseUnknownFields, type BodyRequest } from './request-body.ts';

type Given = Readonly<Record<string, unknown>>;

const SELECTION = ['partition', 'from', 'to', 'fingerprint', 'stage', 'since', 'until'] as const;

/** Of a URL; what is not known there means nothing. */
export function readLetterQuery(query: Given): DeadLetterQuery {
  return {
    ...selectionOf(query),
    ...present('limit', integer(query, 'limit')),
    ...present('cursor', text(query, 'cursor')),
  };
}

/** All of it may be left out: then everything that was not replayed yet is meant. */
export function readReplayBody(request: BodyRequest): ReplayRequest {
  const isEmpty = !(request.body instanceof Uint8Array) || request.body.byteLength === 0;
  const body = isEmpty ? {} : readObject(request, Number);
  refuseUnknownFields(body, [...SELECTION, 'limit', 'dry_run']);
  const limit = integer(body, 'limit');
  if (limit !== undefined && limit < 1) throw badRequest('The field "limit" must be at least 1');
  for (const key of ['from', 'to'])
    if ((integer(body, key) ?? 0) < 0) throw badRequest(`The field "${key}" must be an offset`);
  return {
    ...selectionOf(body),
    ...present('limit', limit),
    ...present('dry_run', boolean(body, 'dry_run')),
  };
}

function selectionOf(given: Given): LetterSelection {
  return {
    ...present('partition', integer(given, 'partition')),
    ...present('from', integer(given, 'from')),
    ...present('to', integer(given, 'to')),
    ...present('fingerprint', text(given, 'fingerprint')),
    ...present('stage', text(given, 'stage')),
    ...present('since', time(given, 'since')),
    ...present('until', time(given, 'until')),
  };
}

function present<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  const entry: Partial<Record<K, T>> = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}

function text(given: Given, key: string): string | undefined {
  const value = given[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw badRequest(`The field "${key}" must be a string`);
  return value;
}

function integer(given: Given, key: string): number | undefined {
  const value = given[key];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw badRequest(`The field "${key}" must be a whole number`);
  return number;
}

function boolean(given: Given, key: string): boolean | undefined {
  const value = given[key];
  if (value === undefined || value === null || typeof value === 'boolean')
    return value ?? undefined;
  throw badRequest(`The field "${key}" must be true or false`);
}

/** Milliseconds since the epoch, or what ISO 8601 writes. */
function time(given: Given, key: string): number | undefined {
  const value = given[key];
  if (value === undefined || value === null || value === '') return undefined;
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
  const timeMs = isNumber ? Number(value) : Date.parse(typeof value === 'string' ? value : '');
  if (Number.isFinite(timeMs)) return timeMs;
  throw badRequest(
    `The field "${key}" must be milliseconds or a time such as 2026-01-31T12:00:00Z`,
  );
}
