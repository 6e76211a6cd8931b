import { ask, settle, type Ask, type Scenario } from '../steps.ts';
import type { Files } from './lifecycle.ts';

const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';
const GONE = /"error_code":404/;

const alter = (name: string, what: string, body: unknown): Ask =>
  ask('PATCH', `/connectors/${name}/offsets`, body, { name: `alter to ${what}` });

const SHAPES: Readonly<Record<string, unknown>> = {
  'an empty object': {},
  'null offsets': { offsets: null },
  'no entries': { offsets: [] },
  'offsets that are an object': { offsets: {} },
  'offsets that are text': { offsets: 'x' },
  'a null entry': { offsets: [null] },
  'an entry that is text': { offsets: ['x'] },
  'an empty entry': { offsets: [{}] },
  'a null partition': { offsets: [{ partition: null, offset: { position: 1 } }] },
  'no partition': { offsets: [{ offset: { position: 1 } }] },
  'a partition that is text': { offsets: [{ partition: 'x', offset: null }] },
  'an empty partition': { offsets: [{ partition: {}, offset: null }] },
  'an offset that is a number': { offsets: [{ partition: { filename: 'x' }, offset: 7 }] },
  'an empty offset': { offsets: [{ partition: { filename: 'x' }, offset: {} }] },
  'an unknown member': { offsets: [], more: 1 },
  'an unknown member of an entry': { offsets: [{ partition: {}, offset: null, more: 1 }] },
};

const ofSource = ({ source }: Files): Scenario => ({
  name: 'offsets of a source',
  steps: [
    ask('POST', '/connectors', {
      name: 'osrc',
      config: { 'connector.class': SOURCE, topic: 'osrc', file: source },
    }),
    settle('/connectors/osrc/offsets', /"position":\d/),
    alter('osrc', 'anything while it runs', {
      offsets: [{ partition: { filename: source }, offset: { position: 1 } }],
    }),
    ask('DELETE', '/connectors/osrc/offsets', undefined, { name: 'reset while it runs' }),
    ask('PUT', '/connectors/osrc/stop'),
    settle('/connectors/osrc/status', /"state":"STOPPED".*"tasks":\[\]/),
    settle('/connectors/osrc/tasks', /^\[\]$/),
    ask('GET', '/connectors/osrc/offsets', undefined, { name: 'shown, stopped' }),
    ...Object.entries(SHAPES).map(([what, body]) => alter('osrc', what, body)),
    alter('osrc', 'a position', {
      offsets: [{ partition: { filename: source }, offset: { position: 4 } }],
    }),
    ask('GET', '/connectors/osrc/offsets', undefined, { name: 'shown, altered' }),
    alter('osrc', 'a position below zero', {
      offsets: [{ partition: { filename: source }, offset: { position: -1 } }],
    }),
    alter('osrc', 'a position that is text', {
      offsets: [{ partition: { filename: source }, offset: { position: '4' } }],
    }),
    alter('osrc', 'a position that is a fraction', {
      offsets: [{ partition: { filename: source }, offset: { position: 1.5 } }],
    }),
    alter('osrc', 'another member', {
      offsets: [{ partition: { filename: source }, offset: { other: 4 } }],
    }),
    alter('osrc', 'another partition', {
      offsets: [{ partition: { other: 'x' }, offset: { position: 4 } }],
    }),
    alter('osrc', 'a partition more', {
      offsets: [{ partition: { filename: source, other: 1 }, offset: { position: 4 } }],
    }),
    alter('osrc', 'two of the same partition', {
      offsets: [
        { partition: { filename: source }, offset: { position: 4 } },
        { partition: { filename: source }, offset: { position: 5 } },
      ],
    }),
    alter('osrc', 'a nested value', {
      offsets: [{ partition: { filename: source }, offset: { position: { a: 1 } } }],
    }),
    ask('GET', '/connectors/osrc/offsets', undefined, { name: 'shown, after refusals' }),
    alter('osrc', 'null', { offsets: [{ partition: { filename: source }, offset: null }] }),
    ask('GET', '/connectors/osrc/offsets', undefined, { name: 'shown, forgotten' }),
    alter('osrc', 'a position again', {
      offsets: [{ partition: { filename: source }, offset: { position: 4 } }],
    }),
    ask('DELETE', '/connectors/osrc/offsets'),
    ask('GET', '/connectors/osrc/offsets', undefined, { name: 'shown, reset' }),
    ask('DELETE', '/connectors/osrc/offsets/', undefined, { name: 'reset again' }),
    ask('DELETE', '/connectors/osrc', undefined, { name: 'delete at the end' }),
    settle('/connectors/osrc/status', GONE),
  ],
});

const sinkEntry = (partition: unknown, offset: unknown): unknown => ({
  offsets: [{ partition, offset }],
});
const AT = { kafka_topic: 'osnk', kafka_partition: 0 };

const ofSink = ({ source, sink }: Files): Scenario => ({
  name: 'offsets of a sink',
  steps: [
    ask('PUT', '/connectors/ofeed/config', {
      'connector.class': SOURCE,
      topic: 'osnk',
      file: source,
    }),
    settle('/connectors/ofeed/topics', /osnk/),
    ask('PUT', '/connectors/osnk/config', { 'connector.class': SINK, topics: 'osnk', file: sink }),
    settle('/connectors/osnk/offsets', /"kafka_offset":3/),
    alter('osnk', 'anything while it runs', sinkEntry(AT, { kafka_offset: 1 })),
    ask('DELETE', '/connectors/osnk/offsets', undefined, { name: 'reset while it runs' }),
    ask('PUT', '/connectors/osnk/stop'),
    settle('/connectors/osnk/status', /"state":"STOPPED".*"tasks":\[\]/),
    settle('/connectors/osnk/tasks', /^\[\]$/),
    ask('GET', '/connectors/osnk/offsets', undefined, { name: 'shown, stopped' }),
    ...Object.entries(SHAPES).map(([what, body]) => alter('osnk', what, body)),
    alter('osnk', 'a position', sinkEntry(AT, { kafka_offset: 1 })),
    ask('GET', '/connectors/osnk/offsets', undefined, { name: 'shown, altered' }),
    alter(
      'osnk',
      'positions as text',
      sinkEntry({ kafka_topic: 'osnk', kafka_partition: '0' }, { kafka_offset: '2' }),
    ),
    ask('GET', '/connectors/osnk/offsets', undefined, { name: 'shown, altered by text' }),
    alter(
      'osnk',
      'a partition without topic',
      sinkEntry({ kafka_partition: 0 }, { kafka_offset: 1 }),
    ),
    alter(
      'osnk',
      'a partition without number',
      sinkEntry({ kafka_topic: 'osnk' }, { kafka_offset: 1 }),
    ),
    alter(
      'osnk',
      'a null topic',
      sinkEntry({ kafka_topic: null, kafka_partition: 0 }, { kafka_offset: 1 }),
    ),
    alter(
      'osnk',
      'a topic that is a number',
      sinkEntry({ kafka_topic: 7, kafka_partition: 0 }, { kafka_offset: 1 }),
    ),
    alter(
      'osnk',
      'a null number',
      sinkEntry({ kafka_topic: 'osnk', kafka_partition: null }, { kafka_offset: 1 }),
    ),
    alter(
      'osnk',
      'a number that is none',
      sinkEntry({ kafka_topic: 'osnk', kafka_partition: 'x' }, { kafka_offset: 1 }),
    ),
    alter(
      'osnk',
      'a partition below zero',
      sinkEntry({ kafka_topic: 'osnk', kafka_partition: -1 }, { kafka_offset: 1 }),
    ),
    alter('osnk', 'a member more', sinkEntry({ ...AT, other: 1 }, { kafka_offset: 1, other: 1 })),
    alter('osnk', 'another member', sinkEntry(AT, { other: 1 })),
    alter('osnk', 'a null offset number', sinkEntry(AT, { kafka_offset: null })),
    alter('osnk', 'an offset that is none', sinkEntry(AT, { kafka_offset: 'x' })),
    alter('osnk', 'an offset that is a fraction', sinkEntry(AT, { kafka_offset: 1.5 })),
    alter('osnk', 'an offset below zero', sinkEntry(AT, { kafka_offset: -5 })),
    alter('osnk', 'null', sinkEntry(AT, null)),
    ask('GET', '/connectors/osnk/offsets', undefined, { name: 'shown, forgotten' }),
    alter('osnk', 'a position again', sinkEntry(AT, { kafka_offset: 1 })),
    ask('DELETE', '/connectors/osnk/offsets'),
    ask('GET', '/connectors/osnk/offsets', undefined, { name: 'shown, reset' }),
    ask('DELETE', '/connectors/osnk/offsets', undefined, { name: 'reset again' }),
    ask('DELETE', '/connectors/osnk', undefined, { name: 'delete at the end' }),
    ask('DELETE', '/connectors/ofeed', undefined, { name: 'delete the source' }),
    settle('/connectors/osnk/status', GONE),
    settle('/connectors/ofeed/status', GONE),
  ],
});

export function offsets(files: Files): readonly Scenario[] {
  return [ofSource(files), ofSink(files)];
}
