import { isIP } from 'node:net';
import { badListener } from '../errors.ts';

/** One address of `listeners`; an empty host means all interfaces, port 0 any free one. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** By TLS; absent means no. */
  readonly isTls?: true;
}

const LISTENER =
  /^(?<scheme>https?):\/\/(?:\[(?<host6>[^\]]*)\]|(?<host>[^:/]*)):(?<port>\d{1,5})\/?$/i;

/** @returns the listener, or what is wrong with the text */
export function parseListener(text: string): Listener | { readonly problem: string } {
  const groups = LISTENER.exec(text.trim())?.groups;
  if (groups === undefined) return { problem: 'expected http://host:port or https://host:port' };
  const port = Number(groups['port']);
  if (port > 65_535) return { problem: `the port of "${text}" is above 65535` };
  const host = groups['host6'] ?? groups['host'] ?? '';
  const isTls = groups['scheme']?.toLowerCase() === 'https';
  return { host, port, ...(isTls ? { isTls } : {}) };
}

export function parseListeners(texts: readonly string[]): readonly Listener[] {
  return texts.map((text) => {
    const listener = parseListener(text);
    if ('problem' in listener) throw badListener(text, listener.problem);
    return listener;
  });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `http://host:port`, with the brackets that IPv6 needs. */
export function urlOf({ host, port, isTls }: Listener): string {
  return `${isTls === true ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
