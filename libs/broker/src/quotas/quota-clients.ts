import type { Call } from '../core.ts';
import type { QuotaClient } from './client-quotas.ts';

/** Whose use a request is. */
export function quotaClientOf({ context, clientId }: Call): QuotaClient {
  return { user: context.session.principal.name, clientId: clientId ?? '' };
}
