import type { Api } from '@millrace/kafka-protocol';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

export interface RequestOptions {
  /** Replaces the transport's own request time-out; `Infinity` for none. May be ignored in-process. */
  readonly timeoutMs?: number;
  /**
   * The sender reads and writes the bytes in the request no more, so a broker in this process may keep and change
   * them. Without it, it makes a copy of batches.
   */
  readonly handsOver?: boolean;
  /** The sender made the batches in the request itself, a moment ago: a broker in this process need not check their CRC. */
  readonly madeBatches?: boolean;
  /** Aborted when the sender has something better to ask: a long poll then answers with what it has. */
  readonly hurry?: AbortSignal;
  /** For records that are fetched: a broker in this process reads each partition's into a piece of its own. */
  readonly memory?: LendsMemory;
}

/** Memory for one answer. */
export interface FetchLoan {
  allocate(bytes: number): Uint8Array;
  /** Nobody reads what was allocated. */
  giveBack(): void;
  /** It is in the answer, and belongs to who gets it. */
  keep(): void;
}

export interface LendsMemory {
  borrow(): FetchLoan;
}

/**
 * A conversation with one broker, versions already negotiated. Answers come in the order of the
 * requests. When it dies, everything in flight rejects with a retriable `client.connection_lost`.
 */
export interface Connection {
  /** Api key to the range that the peer serves. */
  readonly versions: ReadonlyMap<number, VersionRange>;
  send<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    request: Req,
    options?: RequestOptions,
  ): Promise<Res>;
  /** For a produce with `acks=0`, which is never answered. */
  sendOneWay<Req, Res>(api: Api<Req, Res>, version: number, request: Req): void;
  /** Heeds `RequestOptions.hurry`. */
  readonly canHurry?: boolean;
  /** Once a request is answered nobody reads its bytes. */
  readonly isDoneWithRequests?: boolean;
  /** Aborted once the connection can't be used any more, with the cause as its reason. */
  readonly closed: AbortSignal;
  close(): Promise<void>;
}

/** Where connections come from: a network, or a broker in this process. Never reconnects by itself. */
export interface Transport {
  connect(address: BrokerAddress, signal: AbortSignal): Promise<Connection>;
}

export function formatAddress({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
