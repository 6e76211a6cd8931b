import { atLeast, between, defineFields } from '@millrace/config';
import { gzipLevel } from './gzip-level.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Settings of the storage engine beside those that topics inherit. */
export const storageFields = defineFields({
  'metadata.log.dir': {
    type: 'STRING',
    default: null,
    doc: 'Which of log.dirs holds the metadata log; the first one when absent. The broker does not start without it.',
  },
  'num.recovery.threads.per.data.dir': {
    type: 'INT',
    default: 2,
    validate: atLeast(1),
    doc: 'Logs of a folder that are recovered at the same time after a stop that was not clean, times four. Folders are recovered beside one another.',
  },
  'log.cleaner.threads': {
    type: 'INT',
    default: 1,
    validate: atLeast(0),
    doc: 'Logs that are compacted at the same time, each on a thread of its own. 0 compacts on the event loop.',
  },
  'log.cleaner.dedupe.buffer.size': {
    type: 'LONG',
    default: 128 * MIB,
    validate: atLeast(1 * MIB),
    doc: 'Memory for the keys of all compactions, 24 bytes each; used only while one runs, and only as much as it needs.',
  },
  'log.cleaner.io.buffer.load.factor': {
    type: 'DOUBLE',
    default: 0.9,
    validate: between(0.1, 1),
    doc: 'Share of log.cleaner.dedupe.buffer.size that is filled.',
  },
  'log.cleaner.io.buffer.size': {
    type: 'INT',
    default: 512 * KIB,
    validate: atLeast(0),
    doc: 'Bytes that all compactions read at a time.',
  },
  'log.cleaner.io.max.bytes.per.second': {
    type: 'DOUBLE',
    default: Number.MAX_VALUE,
    validate: atLeast(1),
    doc: 'Most bytes that all compactions read and write in a second.',
  },
  'log.cleaner.backoff.ms': {
    type: 'LONG',
    default: 15_000,
    validate: atLeast(0),
    doc: 'How long the cleaner rests when no log is dirty enough.',
  },
  'log.flush.offset.checkpoint.interval.ms': {
    type: 'INT',
    default: 60_000,
    validate: atLeast(0),
    doc: 'How often the points are saved from which a recovery must read.',
  },
  'log.flush.start.offset.checkpoint.interval.ms': {
    type: 'INT',
    default: 60_000,
    validate: atLeast(0),
    doc: 'How often the log starts are saved.',
  },
  'replica.high.watermark.checkpoint.interval.ms': {
    type: 'LONG',
    default: 5000,
    validate: atLeast(0),
    doc: 'How often the high watermarks are saved.',
  },
  'replica.alter.log.dirs.io.max.bytes.per.second': {
    type: 'LONG',
    default: 9_223_372_036_854_775_807,
    validate: atLeast(1),
    doc: 'Most bytes that are copied in a second while a log moves to another folder.',
  },
  'log.roll.jitter.hours': {
    type: 'INT',
    default: 0,
    validate: atLeast(0),
    doc: 'Segments are closed up to so much before their age, by chance.',
  },
  'log.roll.jitter.ms': {
    type: 'LONG',
    default: null,
    doc: 'As log.roll.jitter.hours, which it overrides.',
  },
  'log.local.retention.bytes': {
    type: 'LONG',
    default: -2,
    validate: atLeast(-2),
    doc: 'Has no effect without tiered storage.',
  },
  'log.local.retention.ms': {
    type: 'LONG',
    default: -2,
    validate: atLeast(-2),
    doc: 'Has no effect without tiered storage.',
  },
  'unclean.leader.election.enable': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Has no effect on one node.',
  },
  'log.preallocate': { type: 'BOOLEAN', default: false, doc: 'Has no effect.' },
  'compression.gzip.level': {
    type: 'INT',
    default: -1,
    validate: gzipLevel,
    doc: 'How hard gzip tries where compression.type is gzip; -1 for its default.',
  },
  'compression.lz4.level': {
    type: 'INT',
    default: 9,
    validate: between(1, 17),
    doc: 'Shown only: lz4 is packed at one level.',
  },
  'compression.zstd.level': {
    type: 'INT',
    default: 3,
    validate: between(-131_072, 22),
    doc: 'How hard zstd tries where compression.type is zstd. Without Node.js 22.15 it has its default level.',
  },
  'log.open.files.max': {
    type: 'INT',
    // Kafka keeps the files of all segments open. Further ones are opened when they are used.
    default: 2000,
    validate: atLeast(16),
    doc: 'Most log files that are open at a time.',
  },
});
