import type { Message } from './api.ts';
import { malformedMessage } from './errors.ts';
import { readInt16 } from './integers.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** The message after its version as an int16, as Kafka stores it in records and group metadata. */
export function encodeVersioned<T, TInput>(
  message: Message<T, TInput>,
  version: number,
  value: NoInfer<TInput>,
): Uint8Array {
  const writer = new Writer();
  writer.int16(version);
  message.encode(writer, value, version);
  return writer.finish();
}

export function decodeVersioned<T, TInput>(
  message: Message<T, TInput>,
  bytes: Uint8Array,
): { readonly version: number; readonly value: T } {
  const reader = new Reader(bytes);
  const version = reader.int16();
  const known = message.readsNewerAsLatest ? Math.min(version, message.maxVersion) : version;
  return { version, value: message.decode(reader, known) };
}

/** The int16 before a versioned message; tells the kinds of keys in `__consumer_offsets` apart. */
export function readMessageVersion(bytes: Uint8Array): number {
  if (bytes.byteLength < 2) throw malformedMessage('a versioned message has no version');
  return readInt16(bytes, 0);
}
