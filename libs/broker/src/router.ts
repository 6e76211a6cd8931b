import {
  decodeRequestHeader,
  encodeResponseChunks,
  apis,
  ErrorCode,
  Reader,
  type RequestHeader,
} from '@millrace/kafka-protocol';
import type { BrokerCore } from './core.ts';
import { notAuthenticated, versionNotServed } from './errors.ts';
import { apiVersionsResponse } from './handlers/api-versions.ts';
import type { Frame } from './network/frame-splitter.ts';
import type { Answer, ConnectionContext, RequestRouter } from './network/request-router.ts';
import { answerRawToken } from './security/raw-token.ts';
import type { ServedApi } from './served-api.ts';

/** Finds the handler of a request, whichever way it came. */
export class Router implements RequestRouter {
  readonly served: readonly ServedApi[];
  readonly #byKey: ReadonlyMap<number, ServedApi>;
  readonly #core: BrokerCore;

  constructor(core: BrokerCore, served: readonly ServedApi[]) {
    this.#core = core;
    this.served = served;
    this.#byKey = new Map(served.map((api) => [api.key, api]));
  }

  find(apiKey: number): ServedApi | undefined {
    return this.#byKey.get(apiKey);
  }

  isReleased(apiKey: number): boolean {
    return this.#byKey.get(apiKey)?.isReleased === true;
  }

  isConcurrent({ bytes, start }: Frame, { session }: ConnectionContext): boolean {
    if (!session.isAuthenticated) return false;
    const key = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
    return this.#byKey.get(key)?.isConcurrent === true;
  }

  route(frame: Frame, context: ConnectionContext): Answer | Promise<Answer> {
    const { bytes, start, end } = frame;
    const { session } = context;
    if (session.sasl?.expectsRawTokens === true) return answerRawToken(this.#core, frame, context);
    const reader = new Reader(bytes, start, end);
    const header = decodeRequestHeader(reader);
    const refusal = session.findRefusal(header.apiKey);
    if (refusal !== undefined) {
      if (session.isAuthenticated) this.#core.security.counters.expired += 1;
      throw notAuthenticated(refusal);
    }
    const api = this.#byKey.get(header.apiKey);
    if (api === undefined) throw versionNotServed(`api ${header.apiKey}`, header.apiVersion);
    this.count(api);
    const { apiVersion: version } = header;
    if (version < api.advertisedMinVersion || version > api.maxVersion) {
      if (api.key === apis.apiVersions.key) return this.#answerUnknownApiVersions(header);
      throw versionNotServed(api.name, version);
    }
    if (version < api.minVersion) throw versionNotServed(api.name, version);
    return api.answerBytes(this.#core, reader, header, context);
  }

  count(api: ServedApi): void {
    const { requestsByApi } = this.#core.counters;
    requestsByApi.set(api.name, (requestsByApi.get(api.name) ?? 0) + 1);
  }

  /** A client newer than us learns what we speak: in the oldest form, which everybody reads. */
  #answerUnknownApiVersions({ correlationId }: RequestHeader): Answer {
    // Only in which versions this very question may be asked, as Kafka does (KIP-511).
    const own = this.served.filter(({ key }) => key === apis.apiVersions.key);
    const response = apiVersionsResponse(own, ErrorCode.UNSUPPORTED_VERSION);
    return { chunks: encodeResponseChunks(apis.apiVersions, 0, correlationId, response) };
  }
}
