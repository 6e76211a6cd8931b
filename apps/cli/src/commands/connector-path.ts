import { nearestName } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import { unknownConnector } from '../errors.ts';
import type { RestClient } from '../rest-client.ts';

export function pathOf(connector: string): string {
  return `/connectors/${encodeURIComponent(connector)}`;
}

/** Asks about one connector; if there is none of that name, the error says which one may be meant. */
export async function askConnector<T>(
  rest: RestClient,
  method: string,
  connector: string,
  path = '',
  body?: unknown,
): Promise<T> {
  return askPath<T>(rest, method, connector, pathOf(connector) + path, body);
}

/** The same of what is ours beside Connect's API. */
export async function askOurs<T>(
  rest: RestClient,
  method: string,
  connector: string,
  path = '',
  body?: unknown,
): Promise<T> {
  return askPath<T>(rest, method, connector, `/api${pathOf(connector)}${path}`, body);
}

async function askPath<T>(
  rest: RestClient,
  method: string,
  connector: string,
  path: string,
  body: unknown,
): Promise<T> {
  try {
    return await rest.ask<T>(method, path, body);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.context['status'] !== 404) throw error;
    // Who can't list them either is told what went wrong first.
    const names = await rest.ask<readonly string[]>('GET', '/connectors').catch(() => undefined);
    if (names === undefined || names.includes(connector)) throw error;
    throw unknownConnector(connector, nearestName(connector, names));
  }
}
