import { unrepresentable, unsupportedVersion } from './errors.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/**
 * One request and its response. `Req` and `Res` are what decoding gives: every field is there, with
 * Kafka's default when the version doesn't carry it. The `…Input` types are what encoding takes:
 * fields with a default may be left out.
 */
export interface Api<Req, Res, ReqInput = NoInfer<Req>, ResInput = NoInfer<Res>> {
  readonly key: number;
  readonly name: string;
  /** The versions that have a codec here. */
  readonly minVersion: number;
  readonly maxVersion: number;
  /** What ApiVersions should say; lower than `minVersion` only for Produce. */
  readonly advertisedMinVersion: number;
  /** The first version in the compact form with tagged fields; Infinity when never. */
  readonly flexibleFrom: number;
  encodeRequest(writer: Writer, request: ReqInput, version: number): void;
  decodeRequest(reader: Reader, version: number): Req;
  encodeResponse(writer: Writer, response: ResInput, version: number): void;
  decodeResponse(reader: Reader, version: number): Res;
  /** Fills in defaults, as an encoding and decoding would, for use without a wire. */
  completeRequest(request: ReqInput): Req;
  completeResponse(response: ResInput): Res;
}

/** A message that stands alone, such as a record of `__consumer_offsets`. */
export interface Message<T, TInput = NoInfer<T>> {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly flexibleFrom: number;
  /** Newer versions are read as the newest known, since they only append. */
  readonly readsNewerAsLatest: boolean;
  encode(writer: Writer, value: TInput, version: number): void;
  decode(reader: Reader, version: number): T;
}

/** The input types of an api, for signatures that are generic over apis. */
export type RequestInputOf<A> = A extends { completeRequest(request: infer R): unknown }
  ? R
  : never;
export type ResponseInputOf<A> = A extends { completeResponse(response: infer R): unknown }
  ? R
  : never;
export type RequestOf<A> = A extends { decodeRequest(reader: Reader, version: number): infer R }
  ? R
  : never;
export type ResponseOf<A> = A extends { decodeResponse(reader: Reader, version: number): infer R }
  ? R
  : never;

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

export function checkVersion(name: string, version: number, min: number, max: number): void {
  if (version < min || version > max) throw unsupportedVersion(name, version, min, max);
}

/** For fields that may be null in other versions, but not in this one. */
export function notNull<T>(value: T | null, field: string): T {
  if (value === null) throw unrepresentable(`${field} is null, which this version can't say`);
  return value;
}

/** For fields that change the meaning of a message, and so may not be dropped silently (INV-8). */
export function fieldNotInVersion(field: string, version: number): Error {
  return unrepresentable(`${field} is set, but version ${version} has no such field`);
}
