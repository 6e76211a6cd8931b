import type {
  BrokerAddress,
  Connection,
  RequestOptions,
  Transport,
  VersionRange,
} from '@millrace/kafka-client';
import { apis, type Api, type ProduceRequest } from '@millrace/kafka-protocol';
import { isAborted } from '@millrace/foundation';
import { IN_PROCESS_HOST } from './groups/classic/group-state.ts';
import type { BrokerCore } from './core.ts';
import { brokerClosed, versionNotServed } from './errors.ts';
import type { ConnectionContext } from './network/request-router.ts';
import type { Router } from './router.ts';
import { ClientSession } from './security/client-session.ts';
import type { ServedApi } from './served-api.ts';

/**
 * Hands typed requests to the handlers of a broker in this process: no sockets, no encoding. Produced
 * batches are copied unless the sender hands them over, since the log patches what it is given; once they
 * are answered nobody reads them any more. Fetched ones are the receiver's own.
 */
export class InProcessTransport implements Transport {
  readonly #core: BrokerCore;
  readonly #router: Router;
  readonly #clientId: string;
  /** Ended with the broker. One listener for all, since adding one to a signal that has thousands is slow. */
  readonly #open = new Set<InProcessConnection>();

  constructor(core: BrokerCore, router: Router, clientId: string) {
    this.#core = core;
    this.#router = router;
    this.#clientId = clientId;
    const onClosing = (): void => {
      for (const connection of this.#open) void connection.close();
    };
    core.closing.addEventListener('abort', onClosing, { once: true });
  }

  /** There is one broker, so that any address leads to it. */
  connect(address: BrokerAddress, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    if (isAborted(this.#core.closing)) return Promise.reject(brokerClosed());
    const connection = new InProcessConnection(
      this.#core,
      this.#router,
      this.#clientId,
      address,
      () => this.#open.delete(connection),
    );
    this.#open.add(connection);
    return Promise.resolve(connection);
  }
}

class InProcessConnection implements Connection {
  /** As `ServedApi.isReleased` says of produce; nothing else hands memory over. */
  readonly isDoneWithRequests = true;
  readonly canHurry = true;
  readonly versions: ReadonlyMap<number, VersionRange>;
  readonly #core: BrokerCore;
  readonly #router: Router;
  readonly #clientId: string;
  readonly #context: ConnectionContext;
  /** Of requests with batches that were made in this process. */
  readonly #trusting: ConnectionContext;
  readonly #closed = new AbortController();
  readonly #onClosed: () => void;
  /** Answers, and the start of what may not run beside others, come in the order of the requests. */
  #lastAnswer: Promise<unknown> = Promise.resolve();
  #inFlight = 0;
  #isExclusive = false;

  constructor(
    core: BrokerCore,
    router: Router,
    clientId: string,
    address: BrokerAddress,
    onClosed: () => void,
  ) {
    this.#core = core;
    this.#router = router;
    this.#clientId = clientId;
    this.#onClosed = onClosed;
    this.versions = versionsOf(router);
    this.#context = {
      clientHost: IN_PROCESS_HOST,
      localHost: address.host,
      listenerIndex: 0,
      session: ClientSession.internal(),
      signal: this.#closed.signal,
    };
    this.#trusting = { ...this.#context, trustsBatches: true };
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  send<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    request: Req,
    options: RequestOptions = {},
  ): Promise<Res> {
    // The answer is made by the handler of this very api.
    return this.#run(api, version, request, options) as Promise<Res>;
  }

  sendOneWay<Req, Res>(api: Api<Req, Res>, version: number, request: Req): void {
    // Nobody waits for it; a refusal is what acks=0 accepts not to hear of.
    this.#run(api, version, request, {}).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#onClosed();
    this.#closed.abort(brokerClosed());
    return Promise.resolve();
  }

  #run(
    api: { readonly key: number; readonly name: string },
    version: number,
    request: unknown,
    { handsOver, hurry, madeBatches, memory }: RequestOptions,
  ): Promise<unknown> {
    const served = this.#router.find(api.key);
    if (served === undefined || version < served.minVersion || version > served.maxVersion)
      return Promise.reject(versionNotServed(api.name, version));
    if (isAborted(this.closed)) return Promise.reject(brokerClosed());
    this.#router.count(served);
    const isShared = api.key === apis.produce.key && handsOver !== true;
    const owned = isShared ? copyRecords(request as ProduceRequest) : request;
    const known = handsOver === true && madeBatches === true ? this.#trusting : this.#context;
    const context =
      hurry === undefined && memory === undefined
        ? known
        : {
            ...known,
            ...(hurry === undefined ? {} : { hurry }),
            ...(memory === undefined ? {} : { memory }),
          };
    const mayStart = this.#inFlight === 0 || (served.isConcurrent && !this.#isExclusive);
    this.#inFlight += 1;
    this.#isExclusive = !served.isConcurrent;
    const previous = this.#lastAnswer;
    const running = mayStart
      ? this.#start(served, owned, version, context)
      : previous.then(() => this.#start(served, owned, version, context));
    const answer = this.#inOrder(previous, running);
    this.#lastAnswer = answer.catch(() => undefined);
    return answer;
  }

  #start(
    served: ServedApi,
    request: unknown,
    version: number,
    context: ConnectionContext,
  ): Promise<unknown> {
    if (isAborted(this.closed)) return Promise.reject(brokerClosed());
    return served.answerObject(this.#core, request, version, this.#clientId, context);
  }

  async #inOrder(previous: Promise<unknown>, running: Promise<unknown>): Promise<unknown> {
    // Whichever of the two fails is somebody's: this one's by the return, the former's by its own caller.
    running.catch(() => undefined);
    await previous;
    try {
      return await running;
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#isExclusive = false;
    }
  }
}

const VERSIONS = new WeakMap<Router, ReadonlyMap<number, VersionRange>>();

/** One table for all connections. */
function versionsOf(router: Router): ReadonlyMap<number, VersionRange> {
  const known = VERSIONS.get(router);
  if (known !== undefined) return known;
  const versions = new Map(
    router.served.map((api) => [api.key, { min: api.minVersion, max: api.maxVersion }]),
  );
  VERSIONS.set(router, versions);
  return versions;
}

function copyRecords(request: ProduceRequest): ProduceRequest {
  return {
    ...request,
    topicData: request.topicData.map((topic) => ({
      ...topic,
      partitionData: topic.partitionData.map((partition) => ({
        ...partition,
        records: partition.records === null ? null : copyOf(partition.records),
      })),
    })),
  };
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
