import { resolveConfig, type RawConfig, type Resolved } from '@millrace/config';
import { invalidListener } from '../errors.ts';
import { listenerFields } from '../security/listener-fields.ts';

export interface Listener {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
export type ListenerValues = Resolved<typeof listenerFields>;

export interface ListenerSettings extends Listener {
  /** In capitals, as Kafka shows it. */
  readonly name: string;
  readonly protocol: SecurityProtocol;
  /** What clients that came by it are told, when that is another address. Port 0 is the real one. */
  readonly advertised: Listener | undefined;
  /** The keys of this listener: those with its prefix before those without. */
  readonly values: ListenerValues;
  /** The same for one SASL mechanism, whose own keys come before. */
  readonly valuesOf: (mechanism: string) => ListenerValues;
}

export interface NamedListener extends Listener {
  readonly name: string;
}

/** `NAME://host:port`; an empty host is all addresses, an IPv6 one stands in brackets. */
export function parseListener(text: string): NamedListener {
  const match = /^([A-Za-z0-9_-]+):\/\/(\[[0-9a-fA-F:.%]+\]|[^:/\s]*):(\d{1,5})$/.exec(text.trim());
  if (match === null) throw invalidListener(text, 'NAME://host:port');
  const [, name = '', host = '', port = ''] = match;
  if (Number(port) > 65_535) throw invalidListener(text, 'a port up to 65535');
  return { name: name.toUpperCase(), host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

export interface ListenerKeys {
  readonly listeners: readonly string[];
  readonly 'advertised.listeners': readonly string[] | null;
  readonly 'listener.security.protocol.map': readonly string[];
  readonly 'controller.listener.names': readonly string[];
}

/** The listeners to open. What is wrong with them as a whole is added to `problems`. */
export function resolveListeners(
  keys: ListenerKeys,
  raw: RawConfig,
  problems: string[],
): readonly ListenerSettings[] {
  const protocols = protocolsOf(keys['listener.security.protocol.map'], problems);
  const controllers = new Set(keys['controller.listener.names'].map((name) => name.toUpperCase()));
  const listeners = keys.listeners.map(parseListener).filter(({ name }) => !controllers.has(name));
  if (listeners.length === 0) problems.push('listeners must name at least one address');
  const advertised = (keys['advertised.listeners'] ?? []).map(parseListener);
  for (const name of twice(listeners.map((listener) => listener.name)))
    problems.push(`listeners must have different names, and ${name} is there twice`);
  for (const name of twice(advertised.map((listener) => listener.name)))
    problems.push(`advertised.listeners must have different names, and ${name} is there twice`);
  for (const { name, host } of advertised) {
    if (!listeners.some((listener) => listener.name === name) && !controllers.has(name))
      problems.push(`advertised.listeners names ${name}, which listeners does not`);
    if (isWildcard(host))
      problems.push(
        `advertised.listeners must name an address that clients can connect to, not "${host}"`,
      );
  }
  return listeners.map((listener) => {
    const protocol = protocols.get(listener.name);
    if (protocol === undefined)
      problems.push(
        `listener.security.protocol.map must say what ${listener.name} speaks, as ${listener.name}:SASL_SSL`,
      );
    return {
      ...listener,
      protocol: protocol ?? 'PLAINTEXT',
      advertised: advertised.find(({ name }) => name === listener.name),
      values: resolveConfig(listenerFields, listenerConfig(raw, listener.name)),
      valuesOf: (mechanism) =>
        resolveConfig(listenerFields, listenerConfig(raw, listener.name, mechanism)),
    };
  });
}

/** The same listener with other settings, for what may change while it is open. */
export function withSettings(listener: ListenerSettings, raw: RawConfig): ListenerSettings {
  const values = resolveConfig(listenerFields, listenerConfig(raw, listener.name));
  return { ...listener, values };
}

/** Keys that hold for a listener, and for a mechanism of it, from the general to the particular. */
export function listenerConfig(raw: RawConfig, listener: string, mechanism?: string): RawConfig {
  const own = `listener.name.${listener.toLowerCase()}.`;
  const prefixes = ['', ...(mechanism === undefined ? [] : [`${mechanism.toLowerCase()}.`])];
  return Object.assign(
    {},
    ...['', own].flatMap((outer) => prefixes.map((inner) => withPrefix(raw, outer + inner))),
  ) as RawConfig; // Object.assign knows nothing of a list of sources
}

/** The key without the prefixes of listener and mechanism, for finding misspelt ones. */
export function plainListenerKey(key: string): string {
  return key
    .replace(/^listener\.name\.[^.]+\./, '')
    .replace(/^(?:plain|scram-sha-256|scram-sha-512|oauthbearer)\./, '');
}

export function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}

export function usesTls({ protocol }: ListenerSettings): boolean {
  return protocol === 'SSL' || protocol === 'SASL_SSL';
}

export function usesSasl({ protocol }: ListenerSettings): boolean {
  return protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL';
}

function withPrefix(raw: RawConfig, prefix: string): RawConfig {
  return Object.fromEntries(
    Object.keys(listenerFields).flatMap((key) => {
      const value = raw[prefix + key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function protocolsOf(
  map: readonly string[],
  problems: string[],
): ReadonlyMap<string, SecurityProtocol> {
  const protocols = new Map<string, SecurityProtocol>();
  for (const entry of map) {
    const [name = '', protocol = ''] = entry.split(':').map((part) => part.trim().toUpperCase());
    if (isProtocol(protocol) && name !== '') protocols.set(name, protocol);
    else
      problems.push(
        `listener.security.protocol.map has "${entry}", expected NAME: and one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL`,
      );
  }
  return protocols;
}

function isProtocol(text: string): text is SecurityProtocol {
  return ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(text);
}

function twice(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
