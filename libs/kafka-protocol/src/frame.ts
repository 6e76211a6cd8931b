import type { Api } from './api.ts';
import { apis } from './generated/registry.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** Byte fields from this size on are sent from where they lie instead of being copied. */
const CHUNK_BYTES_MIN = 4_096;

export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** What the headers of a request depend on. */
export type ApiHead = Pick<Api<unknown, unknown>, 'key' | 'flexibleFrom'>;

const BY_KEY: ReadonlyMap<number, Api<unknown, unknown>> = new Map(
  Object.values(apis).map((api): [number, Api<unknown, unknown>] => [api.key, api]),
);

export function apiByKey(key: number): Api<unknown, unknown> | undefined {
  return BY_KEY.get(key);
}

export function requestHeaderVersion(api: ApiHead, version: number): 1 | 2 {
  return version >= api.flexibleFrom ? 2 : 1;
}

/** ApiVersions answers with header 0 always, so that a client of any age can read it. */
export function responseHeaderVersion(api: ApiHead, version: number): 0 | 1 {
  return api.key !== apis.apiVersions.key && version >= api.flexibleFrom ? 1 : 0;
}

/** A whole request with its size before it, in one piece. */
export function encodeRequestFrame<Req, Res, ReqInput>(
  api: Api<Req, Res, ReqInput>,
  version: number,
  correlationId: number,
  clientId: string | null,
  request: NoInfer<ReqInput>,
): Uint8Array {
  const writer = new Writer();
  writeRequest(writer, api, version, correlationId, clientId, request);
  return writer.finish();
}

/** As `encodeRequestFrame`, but large records stay where they are: send the chunks in order. */
export function encodeRequestChunks<Req, Res, ReqInput>(
  api: Api<Req, Res, ReqInput>,
  version: number,
  correlationId: number,
  clientId: string | null,
  request: NoInfer<ReqInput>,
): Uint8Array[] {
  const writer = new Writer({ chunkBytesMin: CHUNK_BYTES_MIN });
  writeRequest(writer, api, version, correlationId, clientId, request);
  return writer.chunks();
}

/** A whole response with its size before it, in one piece. */
export function encodeResponseFrame<Req, Res, ReqInput, ResInput>(
  api: Api<Req, Res, ReqInput, ResInput>,
  version: number,
  correlationId: number,
  response: NoInfer<ResInput>,
): Uint8Array {
  const writer = new Writer();
  writeResponse(writer, api, version, correlationId, response);
  return writer.finish();
}

/** As `encodeResponseFrame`, but large records stay where they are: send the chunks in order. */
export function encodeResponseChunks<Req, Res, ReqInput, ResInput>(
  api: Api<Req, Res, ReqInput, ResInput>,
  version: number,
  correlationId: number,
  response: NoInfer<ResInput>,
): Uint8Array[] {
  const writer = new Writer({ chunkBytesMin: CHUNK_BYTES_MIN });
  writeResponse(writer, api, version, correlationId, response);
  return writer.chunks();
}

/**
 * Reads the header (after the frame's size) and leaves the reader at the body. An api that isn't
 * known has no known body either, so its header is read in the form that all versions begin with.
 */
export function decodeRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const api = BY_KEY.get(apiKey);
  // The client id stays an int16 string even in the flexible header.
  const clientId = reader.nullableString(false);
  // A version below 0, which nobody serves, has the oldest form.
  if (api !== undefined && requestHeaderVersion(api, apiVersion) === 2) reader.skipTaggedFields();
  return { apiKey, apiVersion, correlationId, clientId };
}

/** Reads the header (after the frame's size) and leaves the reader at the body. */
export function decodeResponseHeader(
  reader: Reader,
  api: ApiHead,
  version: number,
): { readonly correlationId: number } {
  const correlationId = reader.int32();
  if (responseHeaderVersion(api, version) === 1) reader.skipTaggedFields();
  return { correlationId };
}

function writeRequest<ReqInput>(
  writer: Writer,
  api: Api<unknown, unknown, ReqInput, never>,
  version: number,
  correlationId: number,
  clientId: string | null,
  request: ReqInput,
): void {
  writer.reserveFrameSize();
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  writer.nullableString(clientId, false);
  if (requestHeaderVersion(api, version) === 2) writer.unsignedVarint(0);
  api.encodeRequest(writer, request, version);
  writer.fillFrameSize();
}

function writeResponse<ResInput>(
  writer: Writer,
  api: Api<unknown, unknown, never, ResInput>,
  version: number,
  correlationId: number,
  response: ResInput,
): void {
  writer.reserveFrameSize();
  writer.int32(correlationId);
  if (responseHeaderVersion(api, version) === 1) writer.unsignedVarint(0);
  api.encodeResponse(writer, response, version);
  writer.fillFrameSize();
}
