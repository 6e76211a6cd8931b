import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import {
  isAborted,
  MillraceError,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import { apis } from '@millrace/kafka-protocol';
import { Alarm } from './alarm.ts';
import {
  authenticationFailed,
  connectFailed,
  connectTimedOut,
  tlsFailed,
  tlsRefused,
} from './errors.ts';
import { chooseVersion, negotiate } from './negotiation.ts';
import { authenticate, type SaslOptions } from './sasl.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { BrokerAddress, Connection, Transport } from './transport.ts';

export interface TcpTransportOptions {
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Until authenticated and negotiated; default 10,000 (`socket.connection.setup.timeout.ms`). */
  readonly connectTimeoutMs?: number;
  /** For requests that bring no time-out of their own; default 30,000. */
  readonly requestTimeoutMs?: number;
  /** INV-6: of one answer; default 128 MiB. */
  readonly frameBytesMax?: number;
  /** INV-6: requests written and not answered of one connection; others wait. Default 64. */
  readonly inFlightMax?: number;
  /** Present: TLS, with these options of `node:tls` (`ca`, `cert`, `key`, `servername`, …). */
  readonly tls?: TlsOptions;
  readonly sasl?: SaslOptions;
}

/** Ask for renewal when 85 to 95 % of the session's life are over (KIP-368). */
const REAUTHENTICATE_AT = 0.85;
const REAUTHENTICATE_JITTER = 0.1;

/** Node's names for a certificate that doesn't convince. Trying again changes nothing. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Kafka over a network, with TLS and SASL as the listener wants. */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions;

  constructor(options: TcpTransportOptions) {
    this.#options = options;
  }

  async connect(address: BrokerAddress, signal: AbortSignal): Promise<Connection> {
    const { clientId, clock, connectTimeoutMs = 10_000 } = this.#options;
    signal.throwIfAborted();
    const socket = this.#dial(address);
    const expiry = new Alarm(clock, () => {
      socket.destroy(connectTimedOut(address, connectTimeoutMs));
    });
    expiry.set(clock.monotonicMs() + connectTimeoutMs);
    const onAbort = (): void => void socket.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await connected(socket, this.#options.tls === undefined ? 'connect' : 'secureConnect');
      socket.setNoDelay(true);
      const connection = new TcpConnection(socket, {
        address,
        clientId,
        clock,
        requestTimeoutMs: this.#options.requestTimeoutMs ?? 30_000,
        frameBytesMax: this.#options.frameBytesMax ?? 128 * 1024 * 1024,
        inFlightMax: this.#options.inFlightMax ?? 64,
      });
      const versions = await negotiate((api, version, request) =>
        connection.sendAhead(api, version, request),
      );
      connection.setVersions(versions);
      await this.#authenticate(connection, this.#options.sasl);
      return connection;
    } catch (error) {
      socket.destroy();
      signal.throwIfAborted();
      throw refine(address, error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      expiry.clear();
    }
  }

  #dial({ host, port }: BrokerAddress): Socket {
    const { tls } = this.#options;
    if (tls === undefined) return connectTcp({ host, port });
    return connectTls({
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...tls,
      host,
      port,
    });
  }

  async #authenticate(connection: TcpConnection, sasl: SaslOptions | undefined): Promise<void> {
    if (sasl === undefined) return;
    const { mechanism } = sasl;
    const handshake = await connection.sendAhead(
      apis.saslHandshake,
      chooseVersion(apis.saslHandshake, connection.versions),
      { mechanism },
    );
    if (handshake.errorCode !== 0) {
      throw authenticationFailed(
        mechanism,
        `the broker offers ${handshake.mechanisms.join(', ') || 'no mechanism'}`,
      );
    }
    const version = chooseVersion(apis.saslAuthenticate, connection.versions);
    let sessionLifetimeMs = 0;
    await authenticate(sasl, this.#options, async (authBytes) => {
      const answer = await connection.sendAhead(apis.saslAuthenticate, version, { authBytes });
      if (answer.errorCode !== 0) {
        throw authenticationFailed(mechanism, answer.errorMessage ?? `error ${answer.errorCode}`);
      }
      sessionLifetimeMs = answer.sessionLifetimeMs;
      return answer.authBytes;
    });
    if (sessionLifetimeMs > 0) this.#renewLater(connection, sasl, sessionLifetimeMs);
  }

  /** KIP-368: the broker closes connections whose session has ended without a new authentication. */
  #renewLater(connection: TcpConnection, sasl: SaslOptions, sessionLifetimeMs: number): void {
    const { clock, log, random } = this.#options;
    const renew = async (): Promise<void> => {
      connection.hold(true);
      try {
        await this.#authenticate(connection, sasl);
      } catch (error) {
        if (isAborted(connection.closed)) return;
        log.warn({ err: error }, 'authentication was not renewed; connecting anew');
        await connection.close();
      } finally {
        connection.hold(false);
      }
    };
    const alarm = new Alarm(clock, () => void renew());
    const part = REAUTHENTICATE_AT + (random.nextInt(1_001) / 1_000) * REAUTHENTICATE_JITTER;
    alarm.set(clock.monotonicMs() + sessionLifetimeMs * part);
    connection.closed.addEventListener('abort', () => alarm.clear(), { once: true });
  }
}

function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    const onClose = (): void => reject(new Error('closed while connecting'));
    socket.once(event, () => {
      socket.off('error', onError);
      socket.off('close', onClose);
      resolve();
    });
    socket.once('error', onError);
    socket.once('close', onClose);
  });
}

/** What went wrong, in the words of who asked for a connection. */
function refine(address: BrokerAddress, error: unknown): Error {
  if (error instanceof MillraceError) {
    // While connecting, a lost connection is one that was never there; its cause says more.
    if (error.code !== 'client.connection_lost') return error;
    if (error.cause instanceof MillraceError) return error.cause;
    return refineCause(address, error.cause);
  }
  return refineCause(address, error);
}

function refineCause(address: BrokerAddress, error: unknown): Error {
  if (error instanceof Error && 'code' in error) {
    const code = String(error.code);
    if (UNTRUSTED.has(code)) return tlsRefused(address, error);
    if (code.startsWith('ERR_SSL_')) return tlsFailed(address, error);
  }
  return connectFailed(address, error);
}
