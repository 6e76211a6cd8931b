import type { Reader } from '@millrace/kafka-protocol';
import { encodeResponseChunks, type Api, type RequestHeader } from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from './core.ts';
import { noGuard } from './errors.ts';
import type { Answer, ConnectionContext } from './network/request-router.ts';
import { recordTime, throttled } from './quotas/throttle.ts';
import { findGuard } from './security/guards.ts';
import type { Check } from './security/guards/guard.ts';
import type { Rights } from './security/rights.ts';

/** `undefined` is no answer at all, which only `acks=0` asks for. */
export type Handle<Req, ResInput> = (
  request: Req,
  call: Call,
) => ResInput | undefined | Promise<ResInput | undefined>;

/** An api with its handler, the types closed over. */
export interface ServedApi {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly advertisedMinVersion: number;
  /** May run beside others of its kind on one connection. */
  readonly isConcurrent: boolean;
  /** Nothing reads the bytes of a request once it is answered: the handler and all that it calls keep copies alone. */
  readonly isReleased: boolean;
  /** From the bytes of the body to the bytes of the answer. Throws for a body that can't be decoded. */
  answerBytes(
    core: BrokerCore,
    reader: Reader,
    header: RequestHeader,
    context: ConnectionContext,
  ): Answer | Promise<Answer>;
  /** From object to object, without a wire. */
  answerObject(
    core: BrokerCore,
    request: unknown,
    version: number,
    clientId: string | null,
    context: ConnectionContext,
  ): Promise<unknown>;
}

export interface ServeOptions<Req> {
  /** May run beside others of its kind on one connection. */
  readonly isConcurrent?: boolean;
  /** Nobody reads the bytes of a request once it is answered. */
  readonly isReleased?: boolean;
  /** Before rights are asked for: puts names in the place of ids, so that nobody behind needs to know of both. */
  readonly prepare?: (request: Req, call: Call) => Req;
}

export function serve<Req, Res, ReqInput, ResInput>(
  api: Api<Req, Res, ReqInput, ResInput>,
  handle: Handle<Req, NoInfer<ResInput>>,
  options: ServeOptions<NoInfer<Req>> = {},
): ServedApi {
  const { key, name, minVersion, maxVersion, advertisedMinVersion } = api;
  const { prepare } = options;
  const handleWhole = guarded(api, throttled(api, handle));
  const handleGuarded: Handle<Req, ResInput> =
    prepare === undefined
      ? handleWhole
      : (request, call) => handleWhole(prepare(request, call), call);
  return {
    key,
    name,
    minVersion,
    maxVersion,
    advertisedMinVersion,
    isConcurrent: options.isConcurrent === true,
    isReleased: options.isReleased === true,
    answerBytes(core, reader, header, context) {
      const isTimed = core.quotas.has('request_percentage') && !context.session.isInternal;
      const startedMs = core.clock.monotonicMs();
      const request = api.decodeRequest(reader, header.apiVersion);
      const call = new OneCall(core, context, header.apiVersion, header.clientId, true);
      const { apiVersion, correlationId } = header;
      const times = core.counters.timesOf(name);
      const encode = (response: ResInput | undefined): Answer => {
        const { muteMs, isLast, sent: onSent } = call;
        times.record(core.clock.monotonicMs() - startedMs);
        if (response === undefined) return { chunks: [], isLast, muteMs };
        const chunks = encodeResponseChunks(api, apiVersion, correlationId, response);
        return { chunks, onSent, isLast, muteMs };
      };
      const handled = handleGuarded(request, call);
      if (!isTimed) return handled instanceof Promise ? handled.then(encode) : encode(handled);
      // The time of the loop until the handler has to wait for something: what others could not use.
      const elapsedMs = core.clock.monotonicMs() - startedMs;
      const finish = (response: ResInput | undefined): Answer =>
        encode(recordTime(response, call, elapsedMs));
      return handled instanceof Promise ? handled.then(finish) : finish(handled);
    },
    async answerObject(core, request, version, clientId, context) {
      const call = new OneCall(core, context, version, clientId, false);
      try {
        // The caller has this api's own request type: both come from the same generated table.
        const response = await handleGuarded(api.completeRequest(request as ReqInput), call);
        return response === undefined ? undefined : api.completeResponse(response);
      } finally {
        call.sent?.();
      }
    },
  };
}

/** The handler with what is asked before it. Who may do everything, as everybody without an authoriser, pays nothing. */
function guarded<Req, Res, ReqInput, ResInput>(
  { key, name }: Api<Req, Res, ReqInput, ResInput>,
  handle: Handle<Req, ResInput>,
): Handle<Req, ResInput> {
  const guard = findGuard(key);
  // Guards are kept by key, and one's types are those of the api with its key.
  const check = guard?.check as Check<Req, ResInput> | undefined;
  return (request, call) => {
    if (call.rights.isAll && guard?.isAlways !== true) return handle(request, call);
    // Refused rather than open, if somebody forgot to say who may ask this.
    if (check === undefined) throw noGuard(name);
    return check(request, call, async (rest) => handle(rest, call));
  };
}

class OneCall implements Call {
  readonly core: BrokerCore;
  readonly context: ConnectionContext;
  readonly version: number;
  readonly clientId: string | null;
  readonly isEncoded: boolean;
  readonly rights: Rights;
  sent: (() => void) | undefined;
  isLast = false;
  muteMs: number | undefined;

  constructor(
    core: BrokerCore,
    context: ConnectionContext,
    version: number,
    clientId: string | null,
    isEncoded: boolean,
  ) {
    this.isEncoded = isEncoded;
    this.rights = core.security.rightsOf(context);
    this.core = core;
    this.context = context;
    this.version = version;
    this.clientId = clientId;
  }

  onSent(callback: () => void): void {
    this.sent = callback;
  }

  mute(muteMs: number): void {
    this.muteMs = Math.max(this.muteMs ?? 0, muteMs);
  }

  endAfterAnswer(): void {
    this.isLast = true;
  }
}
