import { isIP } from 'node:net';
import { foreignOrigin } from '../errors.ts';
import type { HttpRequest } from './http.ts';

export interface OriginRules {
  /** Host names by which the worker may be called; undefined: by any, since it listens beyond loopback. */
  readonly hosts: readonly string[] | undefined;
  /** `access.control.allow.origin`: `*`, or origins. */
  readonly allowedOrigins: readonly string[];
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps web pages of other sites from steering a worker that needs no password: no changes for a foreign `Origin`,
 * and, while only loopback is listened on, no answer to a name that an attacker's DNS may have pointed here.
 * @throws MillraceError `rest.foreign_origin`
 */
export function refuseForeignOrigin(request: HttpRequest, rules: OriginRules): void {
  const host = textOf(request.headers['host']);
  if (rules.hosts !== undefined && host !== undefined && !isOurs(host, rules.hosts)) {
    throw foreignOrigin(
      `"${host}" is not a name of this worker`,
      'call it by localhost or its address, or set rest.advertised.host.name to the name used',
    );
  }
  const origin = textOf(request.headers['origin']);
  if (origin === undefined || READING.has(request.method)) return;
  const isSame = origin === `http://${host ?? ''}` || origin === `https://${host ?? ''}`;
  if (isSame || rules.allowedOrigins.includes('*') || rules.allowedOrigins.includes(origin)) return;
  throw foreignOrigin(
    `it comes from a web page of "${origin}"`,
    'allow that origin with access.control.allow.origin',
  );
}

function isOurs(host: string, hosts: readonly string[]): boolean {
  const name = host
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return (
    isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || hosts.includes(name)
  );
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
