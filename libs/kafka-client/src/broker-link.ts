import { isAborted } from '@millrace/foundation';
import type { Api } from '@millrace/kafka-protocol';
import { clientClosed, connectionLost, requestTimedOut } from './errors.ts';
import { chooseVersion } from './negotiation.ts';
import type { RequestWatch } from './request-watch.ts';
import type { ClientSettings } from './settings.ts';
import {
  formatAddress,
  type BrokerAddress,
  type Connection,
  type LendsMemory,
} from './transport.ts';

export interface LinkRequestOptions {
  /** Not above this version, even when both sides know a newer one. */
  readonly versionMax?: number;
  readonly timeoutMs?: number;
  /** As in `RequestOptions`. */
  readonly handsOver?: boolean;
  readonly madeBatches?: boolean;
  readonly hurry?: AbortSignal;
  readonly memory?: LendsMemory;
}

/** What is sent, when it doesn't depend on the version, or how to make it for one. */
export type RequestFor<Input> = Input | ((version: number) => Input);

/** The way to one broker: connects when first needed and again, with back-off, after a loss. */
export class BrokerLink {
  readonly address: BrokerAddress;
  readonly #settings: ClientSettings;
  readonly #watch: RequestWatch;
  readonly #closed = new AbortController();
  #connection: Promise<Connection> | undefined;
  #isDoneWithRequests = false;
  #canHurry = false;
  #failuresInRow = 0;
  #connectNotBeforeMs = 0;

  constructor(address: BrokerAddress, settings: ClientSettings, watch: RequestWatch) {
    this.address = address;
    this.#settings = settings;
    this.#watch = watch;
  }

  /** Of requests that were answered nobody holds the bytes; the sender may write into them. */
  get isDoneWithRequests(): boolean {
    return this.#isDoneWithRequests;
  }

  /** A long poll is given up as soon as its sender wishes. False until it is connected. */
  get canHurry(): boolean {
    return this.#canHurry;
  }

  /** Requests leave in the order of these calls. Every one has a time-out. */
  async request<Req extends ReqInput, Res, ReqInput extends object>(
    api: Api<Req, Res, ReqInput, never>,
    request: RequestFor<NoInfer<ReqInput>>,
    options: LinkRequestOptions = {},
  ): Promise<Res> {
    // All wait on this one promise, also when it is settled: so nobody overtakes.
    const connection = await (this.#connection ??= this.#connect());
    const version = chooseVersion(api, connection.versions, options.versionMax);
    const input = typeof request === 'function' ? request(version) : request;
    const timeoutMs = options.timeoutMs ?? this.#settings.requestTimeoutMs;
    const answer = connection.send(api, version, api.completeRequest(input), {
      timeoutMs: Infinity,
      ...(options.handsOver === true ? { handsOver: true } : {}),
      ...(options.madeBatches === true ? { madeBatches: true } : {}),
      ...(options.hurry === undefined ? {} : { hurry: options.hurry }),
      ...(options.memory === undefined ? {} : { memory: options.memory }),
    });
    const error = (): Error => requestTimedOut(api.name, this.address, timeoutMs);
    return await this.#watch.guard(answer, timeoutMs, error, () => void connection.close());
  }

  /** Resolves when it is handed to the connection; nothing is known of its fate. */
  async requestOneWay<Req extends ReqInput, Res, ReqInput extends object>(
    api: Api<Req, Res, ReqInput, never>,
    request: NoInfer<ReqInput>,
    options: LinkRequestOptions = {},
  ): Promise<void> {
    const connection = await (this.#connection ??= this.#connect());
    const version = chooseVersion(api, connection.versions, options.versionMax);
    if (connection.closed.aborted) throw connectionLost(this.address, connection.closed.reason);
    connection.sendOneWay(api, version, api.completeRequest(request));
  }

  /** Whether the peer serves this version; connects to find out. */
  async serves(api: { readonly key: number }, version: number): Promise<boolean> {
    const connection = await (this.#connection ??= this.#connect());
    const range = connection.versions.get(api.key);
    return range !== undefined && range.min <= version && version <= range.max;
  }

  async close(): Promise<void> {
    this.#closed.abort(clientClosed('connection'));
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  async #connect(): Promise<Connection> {
    const { clock, log, transport } = this.#settings;
    try {
      const waitMs = this.#connectNotBeforeMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, this.#closed.signal);
      const connection = await transport.connect(this.address, this.#closed.signal);
      this.#failuresInRow = 0;
      this.#isDoneWithRequests = connection.isDoneWithRequests === true;
      this.#canHurry = connection.canHurry === true;
      const onClosed = (): void => {
        this.#connection = undefined;
        this.#backOff();
        if (isAborted(this.#closed.signal)) return;
        log.debug({ broker: formatAddress(this.address) }, 'connection to a broker ended');
      };
      if (connection.closed.aborted) throw connectionLost(this.address, connection.closed.reason);
      connection.closed.addEventListener('abort', onClosed, { once: true });
      return connection;
    } catch (error) {
      this.#connection = undefined;
      this.#failuresInRow += 1;
      this.#backOff();
      throw error;
    }
  }

  #backOff(): void {
    const { clock, random, reconnectBackoffMs, reconnectBackoffMaxMs } = this.#settings;
    const exponent = Math.min(Math.max(0, this.#failuresInRow - 1), 30);
    const delayMs = Math.min(reconnectBackoffMs * 2 ** exponent, reconnectBackoffMaxMs);
    const jitteredMs = delayMs * 0.8 + random.nextInt(Math.ceil(delayMs * 0.4) + 1);
    this.#connectNotBeforeMs = clock.monotonicMs() + jitteredMs;
  }
}

/** One link a broker address. Each producer, consumer and the admin has its own, since a long poll
 * holds up everything behind it. */
export class BrokerLinks {
  readonly #settings: ClientSettings;
  readonly #watch: RequestWatch;
  readonly #links = new Map<string, BrokerLink>();
  #isClosed = false;

  constructor(settings: ClientSettings, watch: RequestWatch) {
    this.#settings = settings;
    this.#watch = watch;
  }

  to(address: BrokerAddress): BrokerLink {
    if (this.#isClosed) throw clientClosed('client');
    const key = formatAddress(address);
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new BrokerLink(address, this.#settings, this.#watch);
      this.#links.set(key, link);
    }
    return link;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map((link) => link.close()));
  }
}
