import { atLeast, between, defineFields, nonEmpty, oneOfIgnoringCase } from '@millrace/config';

const file = {
  type: 'STRING',
  default: null,
  importance: 'HIGH',
} as const;

const format = {
  type: 'STRING',
  default: 'line',
  importance: 'MEDIUM',
  validate: oneOfIgnoringCase('line', 'jsonl'),
} as const;

export const sourceFields = defineFields({
  file: { ...file, doc: 'The file to read; standard input if absent.' },
  topic: {
    type: 'STRING',
    importance: 'HIGH',
    validate: nonEmpty,
    doc: 'The topic that the lines go to.',
  },
  'batch.size': {
    type: 'INT',
    default: 2000,
    importance: 'LOW',
    validate: between(1, 100_000),
    doc: 'Lines of one batch at the most.',
  },
  format: {
    ...format,
    doc: 'line: the text of each line. jsonl: one JSON document a line, as a value without schema.',
  },
  encoding: {
    type: 'STRING',
    default: 'utf-8',
    importance: 'LOW',
    validate: oneOfIgnoringCase('utf-8', 'latin1', 'iso-8859-1'),
    doc: 'How the bytes are text. A line that is not UTF-8 goes by the error strategy.',
  },
  'line.bytes.max': {
    type: 'INT',
    default: 1_048_576,
    importance: 'LOW',
    validate: between(1, 256 * 1_048_576),
    doc: 'A longer line is not kept in memory and goes by the error strategy.',
  },
  'unterminated.line.flush.ms': {
    type: 'LONG',
    default: -1,
    importance: 'LOW',
    validate: atLeast(-1),
    doc: 'After how long without growth a last line without an end counts as whole; -1: it is kept back until its end is there.',
  },
  'file.poll.interval.ms': {
    type: 'LONG',
    default: 250,
    importance: 'LOW',
    validate: atLeast(10),
    doc: 'How often a file that has been read to its end, or is not there, is looked at again. A quiet one whose folder is watched is looked at when something happens to it, and every 10 s.',
  },
});

export const sinkFields = defineFields({
  file: {
    ...file,
    doc: 'The file to append to; standard output if absent. ${task} in the name gives each task a file of its own; otherwise there is one task.',
  },
  format: {
    ...format,
    doc: 'line: text as it is, anything else as JSON. jsonl: every value as JSON.',
  },
});
