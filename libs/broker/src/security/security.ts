import type { SecureContextOptions } from 'node:tls';
import {
  describeError,
  isAborted,
  must,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import type { RawConfig } from '@millrace/config';
import { KeyStoreReader } from '@millrace/kafka-client';
import type { Disk } from '@millrace/log';
import { invalidSettings } from '../errors.ts';
import { scramKey, type SecurityImage } from '../metadata/security-image.ts';
import { usesSasl, usesTls, withSettings, type ListenerSettings } from '../network/listeners.ts';
import type { ConnectionContext } from '../network/request-router.ts';
import type { Authorizer } from './authorizer.ts';
import { ClientSession } from './client-session.ts';
import { distinguishedName } from './distinguished-name.ts';
import { ANONYMOUS, user } from './principal.ts';
import { parsePrincipalMapping, type PrincipalMapping } from './principal-mapping.ts';
import { ALL_RIGHTS, type Rights } from './rights.ts';
import { resolveSaslOffer } from './sasl-offer.ts';
import { SaslSession, type SaslOffer } from './sasl-session.ts';
import { scramMechanismNumber, type ScramCredential } from './scram-credentials.ts';
import { tlsMaterial } from './tls-material.ts';

export interface SecurityOptions {
  readonly listeners: readonly ListenerSettings[];
  /** The newest. */
  readonly image: () => SecurityImage;
  /** Settings from the start, and those that were changed since. */
  readonly given: RawConfig;
  readonly dynamic: () => RawConfig;
  readonly failedDelayMs: number;
  /** Undefined: everybody may do everything. */
  readonly authorizer: Authorizer | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly disk: Disk;
}

type TlsChanged = (listener: string, material: SecureContextOptions) => void;

/** What may change while a listener is open. */
const TLS_KEY = /(?:^|\.)ssl\./;

interface ListenerSecurity {
  readonly offer: SaslOffer | undefined;
  readonly mapping: PrincipalMapping;
}

/** Who clients are: by certificate, by SASL, or nobody in particular. */
export class Security {
  /** Of each listener with TLS, as it was when the listener was opened. */
  readonly tls: Map<string, SecureContextOptions>;
  readonly counters = { succeeded: 0, failed: 0, expired: 0 };
  readonly #options: SecurityOptions;
  readonly #stores: KeyStoreReader;
  readonly #tlsInUse: Map<string, SecureContextOptions>;
  #onTlsChanged: TlsChanged | undefined;
  readonly #byListener: Map<string, ListenerSecurity>;
  #listeners: readonly ListenerSettings[];

  private constructor(
    options: SecurityOptions,
    byListener: Map<string, ListenerSecurity>,
    tls: Map<string, SecureContextOptions>,
    stores: KeyStoreReader,
  ) {
    this.#listeners = options.listeners;
    this.#stores = stores;
    this.#options = options;
    this.#byListener = byListener;
    this.tls = tls;
    this.#tlsInUse = new Map(tls);
  }

  /** Throws `broker.invalid_settings` with all problems, or `broker.unusable_tls`. */
  static async open(options: SecurityOptions): Promise<Security> {
    const stores = new KeyStoreReader();
    const { byListener, tls } = await resolveSecurity(options.listeners, options, stores);
    return new Security(options, byListener, tls, stores);
  }

  /** From now on also what clients of further listeners are to show. Throws as `open` does, and changes nothing then. */
  async add(further: readonly ListenerSettings[]): Promise<void> {
    const { byListener, tls } = await resolveSecurity(further, this.#options, this.#stores);
    const isOther = ({ name }: ListenerSettings): boolean => !byListener.has(name);
    this.#listeners = [...this.#listeners.filter(isOther), ...further];
    for (const [name, security] of byListener) this.#byListener.set(name, security);
    for (const [name, material] of tls) {
      this.tls.set(name, material);
      this.#tlsInUse.set(name, material);
    }
  }

  /** All others are closed. */
  keepOnly(listeners: readonly ListenerSettings[]): void {
    this.#listeners = listeners;
    const names = new Set(listeners.map(({ name }) => name));
    for (const map of [this.#byListener, this.tls, this.#tlsInUse])
      for (const name of map.keys()) if (!names.has(name)) map.delete(name);
  }

  /** For a new connection; undefined when its certificate belongs to nobody, or its listener is gone. */
  sessionFor(listener: ListenerSettings, subject: string | undefined): ClientSession | undefined {
    const security = this.#byListener.get(listener.name);
    if (security === undefined) return undefined; // its listener was closed meanwhile
    if (security.offer !== undefined)
      return ClientSession.withSasl(new SaslSession(security.offer, this.#options.clock));
    if (subject === undefined) return ClientSession.of(ANONYMOUS);
    const name = security.mapping(distinguishedName(subject));
    if (name !== undefined) return ClientSession.of(user(name));
    this.#options.log.info(
      { listener: listener.name },
      'no rule of ssl.principal.mapping.rules fits the name in a certificate; its client is refused',
    );
    return undefined;
  }

  get hasAuthorizer(): boolean {
    return this.#options.authorizer !== undefined;
  }

  rightsOf(context: ConnectionContext): Rights {
    return this.#options.authorizer?.rightsOf(context) ?? ALL_RIGHTS;
  }

  afterSuccess(): void {
    this.counters.succeeded += 1;
  }

  /** Waits `connection.failed.authentication.delay.ms`, so that guessing is slow. */
  async afterFailure({ clientHost, signal }: ConnectionContext, reason: string): Promise<void> {
    this.counters.failed += 1;
    const { clock, log, failedDelayMs } = this.#options;
    log.info({ client: clientHost, reason }, 'an authentication failed');
    await clock.sleep(failedDelayMs, signal).catch(() => undefined); // the client did not wait
  }

  /** Looks from time to time whether key and trust stores have changed, and tells of the new ones. */
  async watchTls(everyMs: number, signal: AbortSignal, onChanged: TlsChanged): Promise<void> {
    this.#onTlsChanged = onChanged;
    while (!isAborted(signal)) {
      await this.#options.clock.sleep(everyMs, signal).catch(() => undefined); // closing
      if (!isAborted(signal)) await this.refreshTls();
    }
  }

  /** Uses the key and trust stores as they are now. Those that can't be used change nothing. */
  async refreshTls(): Promise<void> {
    const { log } = this.#options;
    for (const { name } of this.#tlsListeners()) {
      try {
        const material = await this.#materialOf(name, this.#options.dynamic());
        if (isSameMaterial(material, this.#tlsInUse.get(name))) continue;
        this.#tlsInUse.set(name, material);
        this.#onTlsChanged?.(name, material);
        log.info({ listener: name }, 'new keys and certificates are used from now on');
      } catch (error) {
        log.warn(
          { listener: name, error: describeError(error) },
          'the changed key or trust store is not used; the former one stays',
        );
      }
    }
  }

  /** Why these settings can't be taken while running: some key or trust store would be of no use. */
  async findTlsProblem(dynamic: RawConfig): Promise<string | undefined> {
    if (!Object.keys(dynamic).some((key) => TLS_KEY.test(key))) return undefined;
    for (const { name } of this.#tlsListeners()) {
      try {
        await this.#materialOf(name, dynamic);
      } catch (error) {
        return describeError(error);
      }
    }
    return undefined;
  }

  #tlsListeners(): readonly ListenerSettings[] {
    return this.#listeners.filter(usesTls);
  }

  async #materialOf(name: string, dynamic: RawConfig): Promise<SecureContextOptions> {
    const { given, disk } = this.#options;
    const listener = must(
      this.#listeners.find((other) => other.name === name),
      'a listener is looked for by its own name',
    );
    return tlsMaterial(withSettings(listener, { ...given, ...dynamic }), {
      disk,
      stores: this.#stores,
    });
  }
}

interface Resolved {
  readonly byListener: Map<string, ListenerSecurity>;
  readonly tls: Map<string, SecureContextOptions>;
}

async function resolveSecurity(
  listeners: readonly ListenerSettings[],
  options: SecurityOptions,
  stores: KeyStoreReader,
): Promise<Resolved> {
  const problems: string[] = [];
  const byListener = new Map<string, ListenerSecurity>();
  const tls = new Map<string, SecureContextOptions>();
  for (const listener of listeners) {
    byListener.set(listener.name, {
      offer: usesSasl(listener) ? offerOf(listener, options, problems) : undefined,
      mapping: mappingOf(listener, problems),
    });
  }
  if (problems.length > 0) throw invalidSettings(problems);
  for (const listener of listeners) {
    if (usesTls(listener)) tls.set(listener.name, await firstMaterial(listener, options, stores));
  }
  return { byListener, tls };
}

/** With what was changed in an earlier run, unless that has become of no use: the broker must be able to start. */
async function firstMaterial(
  listener: ListenerSettings,
  { given, dynamic, disk, log }: SecurityOptions,
  stores: KeyStoreReader,
): Promise<SecureContextOptions> {
  const changes = dynamic();
  if (Object.keys(changes).some((key) => TLS_KEY.test(key))) {
    try {
      return await tlsMaterial(withSettings(listener, { ...given, ...changes }), { disk, stores });
    } catch (error) {
      log.warn(
        { listener: listener.name, error: describeError(error) },
        'the key or trust store that was set while running is not used; that of the configuration is',
      );
    }
  }
  return tlsMaterial(listener, { disk, stores });
}

function offerOf(
  listener: ListenerSettings,
  { clock, random, image, log, disk }: SecurityOptions,
  problems: string[],
): SaslOffer {
  const ports = {
    clock,
    random,
    log,
    disk,
    findScram: (mechanism: Parameters<typeof scramMechanismNumber>[0], name: string) =>
      findScram(image(), scramMechanismNumber(mechanism), name),
  };
  return resolveSaslOffer(listener, ports, problems);
}

function findScram(
  image: SecurityImage,
  mechanism: number,
  name: string,
): ScramCredential | undefined {
  const found = image.scramCredentials.get(scramKey(mechanism, name));
  if (found === undefined) return undefined;
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');
  return {
    salt: bytes(found.salt),
    storedKey: bytes(found.storedKey),
    serverKey: bytes(found.serverKey),
    iterations: found.iterations,
  };
}

function mappingOf({ name, values }: ListenerSettings, problems: string[]): PrincipalMapping {
  const mapping = parsePrincipalMapping(values['ssl.principal.mapping.rules']);
  if (typeof mapping === 'function') return mapping;
  problems.push(`ssl.principal.mapping.rules of listener ${name}: ${mapping.problem}`);
  return () => undefined;
}

function isSameMaterial(
  one: SecureContextOptions,
  other: SecureContextOptions | undefined,
): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
