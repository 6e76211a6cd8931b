export { crc32c } from './crc32c.ts';
export {
  attributesOf,
  BATCH_LENGTH_OVERHEAD,
  BATCH_OVERHEAD,
  batchSize,
  codecOf,
  findBatchProblem,
  findProducedBatchProblem,
  hasDeleteHorizon,
  hasLogAppendTime,
  isControl,
  isTransactional,
  nextOffset,
  patchBaseOffset,
  patchLeaderEpoch,
  patchLogAppendTime,
  patchProducer,
  readBatchHeader,
  writeBatchHeader,
  type AttributeFlags,
  type BatchHeader,
  type BatchHeaderFields,
  type BatchProblem,
} from './record-batch.ts';
export type {
  Api,
  Message,
  RequestInputOf,
  RequestOf,
  ResponseInputOf,
  ResponseOf,
} from './api.ts';
export {
  apiByKey,
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestChunks,
  encodeRequestFrame,
  encodeResponseChunks,
  encodeResponseFrame,
  requestHeaderVersion,
  responseHeaderVersion,
  type ApiHead,
  type RequestHeader,
} from './frame.ts';
export { apis, messages } from './generated/registry.ts';
// Generated, several hundred: each message's type and its parts, with and without Input.
export type * from './generated/registry.ts';
export { Reader } from './reader.ts';
export { uuidFromBytes, ZERO_UUID } from './uuid.ts';
export { decodeVersioned, encodeVersioned, readMessageVersion } from './versioned.ts';
export { Writer, type WriterOptions } from './writer.ts';
export { codecById, codecId, CODECS, type Codec } from './codec.ts';
export {
  compress,
  compressSync,
  decompress,
  DECOMPRESSED_BYTES_MAX,
  decompressSync,
  type CompressOptions,
  type DecompressOptions,
} from './compression.ts';
export {
  ErrorCode,
  errorByCode,
  errorFromCode,
  type ErrorName,
  type ProtocolError,
} from './error-codes.ts';
export { malformedMessage } from './errors.ts';
export {
  decodeRecords,
  openBatch,
  openBatchSync,
  readControlMarker,
  RecordCursor,
  type ControlMarker,
  type DecodedRecord,
  type OpenBatch,
  type RecordHeader,
} from './record-reader.ts';
export {
  buildControlBatch,
  RecordBatchBuilder,
  type BuildOptions,
  type ControlBatchOptions,
  type InPlaceRecords,
  type PackedRecords,
} from './record-writer.ts';
export { RecordTarget, type RecordFrame } from './record-target.ts';
