import type { Clock, Logger, Random } from '@millrace/foundation';
import type { Disk } from '@millrace/log';
import type { ListenerSettings } from '../network/listeners.ts';
import { parseJaas } from './jaas.ts';
import { tokenCheckOf } from './oauth-check.ts';
import { OAuthBearerServer } from './sasl-oauthbearer.ts';
import { PlainServer } from './sasl-plain.ts';
import { ScramServer } from './sasl-scram.ts';
import type { SaslServer } from './sasl-server.ts';
import type { SaslOffer } from './sasl-session.ts';
import {
  isScramMechanism,
  type ScramCredential,
  type ScramMechanism,
} from './scram-credentials.ts';

const SERVED = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];
const USER_PREFIX = 'user_';

export interface OfferPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly disk: Disk;
  readonly findScram: (mechanism: ScramMechanism, user: string) => ScramCredential | undefined;
}

type Begin = () => SaslServer;

/** What a SASL listener offers. What is wrong is added to `problems`, without secrets. */
export function resolveSaslOffer(
  listener: ListenerSettings,
  ports: OfferPorts,
  problems: string[],
): SaslOffer {
  const names = listener.values['sasl.enabled.mechanisms'] ?? [];
  const decoySecret = ports.random.nextBytes(32);
  if (names.length === 0)
    problems.push(
      `sasl.enabled.mechanisms must name what listener ${listener.name} takes: ${SERVED.join(', ')}`,
    );
  const begins = new Map<string, Begin>();
  for (const name of names) {
    const begin = beginOf(name, listener, { ...ports, decoySecret }, problems);
    if (begin !== undefined) begins.set(name, begin);
  }
  const reauthMs = new Map(
    names.map((name) => [name, listener.valuesOf(name)['connections.max.reauth.ms']]),
  );
  return {
    mechanisms: [...begins.keys()],
    begin: (mechanism) => {
      const begin = begins.get(mechanism);
      if (begin === undefined) throw new RangeError('a mechanism that is not offered');
      return begin();
    },
    reauthMs: (mechanism) => reauthMs.get(mechanism) ?? 0,
  };
}

function beginOf(
  name: string,
  listener: ListenerSettings,
  ports: OfferPorts & { readonly decoySecret: Uint8Array },
  problems: string[],
): Begin | undefined {
  const { random, findScram, decoySecret } = ports;
  if (name === 'OAUTHBEARER') {
    const check = tokenCheckOf(listener, ports, problems);
    return () => new OAuthBearerServer(check);
  }
  if (name === 'PLAIN') {
    const users = plainUsers(listener, problems);
    return () => new PlainServer(users);
  }
  if (isScramMechanism(name)) {
    const randomBytes = (count: number): Uint8Array => random.nextBytes(count);
    const find = (user: string): ScramCredential | undefined => findScram(name, user);
    return () => new ScramServer({ mechanism: name, find, randomBytes, decoySecret });
  }
  problems.push(
    `sasl.enabled.mechanisms of listener ${listener.name} has "${name}", expected any of ${SERVED.join(', ')}`,
  );
  return undefined;
}

function plainUsers(listener: ListenerSettings, problems: string[]): ReadonlyMap<string, string> {
  const key = `listener.name.${listener.name.toLowerCase()}.plain.sasl.jaas.config`;
  const text = listener.valuesOf('PLAIN')['sasl.jaas.config'];
  if (text === null) {
    problems.push(
      `${key} must name the users, as org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="password";`,
    );
    return new Map();
  }
  const jaas = parseJaas(text);
  if ('problem' in jaas) {
    problems.push(`${key}: ${jaas.problem}`);
    return new Map();
  }
  return new Map(
    [...jaas.options]
      .filter(([option]) => option.startsWith(USER_PREFIX))
      .map(([option, password]) => [option.slice(USER_PREFIX.length), password]),
  );
}
