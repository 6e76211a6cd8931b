import { MillraceError } from '@millrace/foundation';

/**
 * Bytes that are not what the protocol says: a length outside its frame, a null where none may be,
 * a varint without an end. Likely causes: a peer that is no Kafka client or broker, a proxy that
 * cut the stream, a damaged file. The connection or file must not be read further.
 */
export function malformedMessage(
  what: string,
  context?: Readonly<Record<string, unknown>>,
): MillraceError {
  return new MillraceError({
    code: 'protocol.malformed_message',
    retry: 'fatal',
    message: what,
    hint: 'check that the peer speaks the Kafka protocol on this port and that nothing between changes the bytes',
    ...(context === undefined ? {} : { context }),
  });
}

/** A value that the wire format, or this version of a message, can't carry. */
export function unrepresentable(what: string): MillraceError {
  return new MillraceError({
    code: 'protocol.unrepresentable',
    retry: 'fatal',
    message: what,
    hint: 'send a smaller value, or use a version of the request that has the field',
  });
}

/** A version of a request that this library has no codec for. */
export function unsupportedVersion(
  name: string,
  version: number,
  min: number,
  max: number,
): MillraceError {
  return new MillraceError({
    code: 'protocol.unsupported_version',
    retry: 'fatal',
    message: `${name} version ${version} is unknown, expected ${min} to ${max}`,
    hint: 'negotiate the version with ApiVersions first',
    context: { name, version, min, max },
  });
}

/**
 * A compressed payload that can't be read: damaged, or in a framing that its codec does not have.
 * The batch's CRC was right, so the producer wrote it like this.
 */
export function corruptCompression(codec: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'protocol.corrupt_compression',
    retry: 'fatal',
    message: `a ${codec} payload can't be decompressed`,
    hint: 'the producer of this batch wrote it damaged; skip the batch or produce it again',
    context: { codec },
    cause,
  });
}

/** INV-6: a small compressed batch that would grow beyond `decompressedBytesMax`. */
export function decompressedTooLarge(codec: string, bytesMax: number): MillraceError {
  return new MillraceError({
    code: 'protocol.decompressed_too_large',
    retry: 'fatal',
    message: `a ${codec} payload is larger than ${bytesMax} bytes when decompressed`,
    hint: 'raise decompressedBytesMax if the producer is trusted, or make its batches smaller',
    context: { codec, bytesMax },
  });
}

/** Bits 0-2 of a batch's attributes name a codec that doesn't exist. */
export function unknownCodec(id: number): MillraceError {
  return new MillraceError({
    code: 'protocol.unknown_codec',
    retry: 'fatal',
    message: `compression codec ${id} is unknown, expected 0 to 4`,
    hint: 'the batch was written by a newer client, or is damaged',
    context: { id },
  });
}

/** The codec works in a thread pool only; our caller took the synchronous way. */
export function codecIsAsync(codec: string): MillraceError {
  return new MillraceError({
    code: 'protocol.codec_is_async',
    retry: 'fatal',
    message: `${codec} has no synchronous form`,
    hint: 'open the batch with openBatch, or build it with build',
    context: { codec },
  });
}
