import { notAcceptable } from '../errors.ts';
import type { HttpRequest } from './http.ts';
import { refuseForeignType } from './request-body.ts';

/** Kafka Connect's own paths; those of ours beside them say themselves what they take and give. */
const CONNECT_PATH = /^\/(?:$|health(?:\/|$)|connectors(?:\/|$)|connector-plugins(?:\/|$)|admin\/)/;
const JSON_RANGE = /^(?:\*\/\*|application\/\*|application\/json)$/i;

/**
 * Kafka Connect's resources take and give JSON, whatever the method.
 * @throws MillraceError `rest.not_acceptable`, `rest.unsupported_media_type`
 */
export function negotiate(request: HttpRequest): void {
  if (!CONNECT_PATH.test(request.path)) return;
  refuseForeignType(request);
  const accept = request.headers['accept'];
  if (typeof accept === 'string' && !acceptsJson(accept)) throw notAcceptable(accept);
}

function acceptsJson(accept: string): boolean {
  const ranges = accept.split(',').map((range) => range.trim());
  return ranges.every((range) => range === '') || ranges.some(isJsonWanted);
}

/** `application/json;q=0` says that it is not. */
function isJsonWanted(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/i.test(parameter));
  return JSON_RANGE.test(type) && !isRefused;
}
