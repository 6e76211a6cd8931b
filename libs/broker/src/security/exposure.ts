import { unauthenticatedListener } from '../errors.ts';
import { isLoopback } from '../network/loopback.ts';
import { usesSasl, usesTls, type ListenerSettings } from '../network/listeners.ts';

/**
 * Refuses a listener that other machines can reach and that takes anybody, unless somebody decided so. A listener on
 * loopback that advertises another name is meant to be reached through something, so that it counts as reachable.
 * @throws broker.unauthenticated_listener
 */
export function refuseUnauthenticatedExposure(listeners: readonly ListenerSettings[]): void {
  for (const listener of listeners) {
    if (!isExposed(listener) || isAuthenticated(listener)) continue;
    if (!listener.values['allow.unauthenticated.access']) throw unauthenticatedListener(listener);
  }
}

export function isExposed({ host, advertised }: ListenerSettings): boolean {
  return !isLoopback(host) || (advertised !== undefined && !isLoopback(advertised.host));
}

/** Whether a client has to prove who he is. Tokens without a signature prove nothing. */
export function isAuthenticated(listener: ListenerSettings): boolean {
  if (!usesSasl(listener))
    return usesTls(listener) && listener.values['ssl.client.auth'] === 'required';
  const mechanisms = listener.values['sasl.enabled.mechanisms'] ?? [];
  return mechanisms.every(
    (name) =>
      name !== 'OAUTHBEARER' ||
      listener.valuesOf(name)['sasl.oauthbearer.jwks.endpoint.url'] !== null,
  );
}
