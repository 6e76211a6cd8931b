import { ask, type Ask, type Scenario } from '../steps.ts';

const FILE_SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';

/** What is no body for any of them. */
const BAD: Readonly<Record<string, string>> = {
  nothing: '',
  blank: '  ',
  'not JSON': '{"name":',
  'a word': 'word',
  null: 'null',
  true: 'true',
  'a number': '7',
  'a string': '"text"',
  'an array': '[]',
  'an array of objects': '[{}]',
  'two objects': '{} {}',
  'trailing text': '{} x',
  'single quotes': "{'a':'b'}",
  'a comment': '{/* c */}',
  'a trailing comma': '{"a":"b",}',
  NaN: '{"a":NaN}',
  'deep nesting': `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  'a lone surrogate': '{"a":"\\ud800"}',
};

function withEach(method: string, path: string): readonly Ask[] {
  return Object.entries(BAD).map(([what, body]) =>
    ask(method, path, body, { name: `${method} ${path} with ${what}` }),
  );
}

const bad: Scenario = {
  name: 'bad bodies',
  steps: [
    ...withEach('POST', '/connectors'),
    ...withEach('PUT', '/connectors/none/config'),
    ...withEach('PATCH', '/connectors/none/config'),
    ...withEach('PATCH', '/connectors/none/offsets'),
    ...withEach('PUT', '/connector-plugins/FileStreamSink/config/validate'),
    ...withEach('PUT', '/admin/loggers/none.such'),
  ],
};

const create = (what: string, body: unknown): Ask =>
  ask('POST', '/connectors', body, { name: `POST /connectors with ${what}` });

/** Nothing of this is ever created. */
const creations: Scenario = {
  name: 'refused creations',
  steps: [
    create('an empty object', {}),
    create('no config', { name: 'x' }),
    create('a null config', { name: 'x', config: null }),
    create('an empty config', { name: 'x', config: {} }),
    create('a config that is text', { name: 'x', config: 'text' }),
    create('a config that is an array', { name: 'x', config: [] }),
    create('no name', { config: { 'connector.class': FILE_SINK, topics: 't' } }),
    create('a null name', { name: null, config: { 'connector.class': FILE_SINK, topics: 't' } }),
    create('a number for a name', { name: 7, config: {} }),
    create('an object for a name', { name: {}, config: {} }),
    create('an empty name', { name: '', config: { 'connector.class': FILE_SINK, topics: 't' } }),
    create('a blank name', { name: ' ', config: { 'connector.class': FILE_SINK, topics: 't' } }),
    create('a name only in the config', { config: { name: 'x', 'connector.class': 'none' } }),
    create('another name in the config', {
      name: 'x',
      config: { name: 'y', 'connector.class': FILE_SINK, topics: 't' },
    }),
    create('an empty name in the config', {
      name: 'x',
      config: { name: '', 'connector.class': FILE_SINK, topics: 't' },
    }),
    create('an unknown field', { name: 'x', config: {}, more: 1 }),
    create('no class', { name: 'x', config: { topics: 't' } }),
    create('a null class', { name: 'x', config: { 'connector.class': null } }),
    create('an empty class', { name: 'x', config: { 'connector.class': '' } }),
    create('a class that is no connector', {
      name: 'x',
      config: { 'connector.class': 'org.apache.kafka.connect.storage.StringConverter' },
    }),
    create('an array as a value', {
      name: 'x',
      config: { 'connector.class': FILE_SINK, topics: ['t'] },
    }),
    create('an object as a value', {
      name: 'x',
      config: { 'connector.class': FILE_SINK, topics: { a: 't' } },
    }),
    create('a null value', {
      name: 'x',
      config: { 'connector.class': FILE_SINK, topics: 't', file: null, 'tasks.max': null },
    }),
    create('spaces around the class', {
      name: 'x',
      config: { 'connector.class': ` ${FILE_SINK} `, topics: 't' },
    }),
    create('no topics', { name: 'x', config: { 'connector.class': FILE_SINK } }),
    create('both topics', {
      name: 'x',
      config: { 'connector.class': FILE_SINK, topics: 't', 'topics.regex': 't.*' },
    }),
    create('wrong numbers', {
      name: 'x',
      config: {
        'connector.class': FILE_SINK,
        topics: 't',
        'tasks.max': '0',
        'errors.retry.timeout': 'x',
      },
    }),
    create('a bad pattern', {
      name: 'x',
      config: { 'connector.class': FILE_SINK, 'topics.regex': '[' },
    }),
    create('a control character in the name', {
      name: 'x\u0001y',
      config: { 'connector.class': FILE_SINK, topics: 't' },
    }),
    create('an unknown initial state', {
      name: 'x',
      initial_state: 'ASLEEP',
      config: { 'connector.class': FILE_SINK, topics: 't' },
    }),
    create('an empty initial state', {
      name: 'x',
      initial_state: '',
      config: { 'connector.class': FILE_SINK, topics: 't' },
    }),
    create('a number as initial state', {
      name: 'x',
      initial_state: 99,
      config: { 'connector.class': FILE_SINK, topics: 't' },
    }),
    create('DESTROYED as initial state', {
      name: 'x',
      initial_state: 'DESTROYED',
      config: { 'connector.class': FILE_SINK, topics: 't' },
    }),
    ask('PUT', '/connectors/x/config', {}, { name: 'PUT an empty config' }),
    ask(
      'PUT',
      '/connectors/x/config',
      { name: 'y', 'connector.class': FILE_SINK, topics: 't' },
      {
        name: 'PUT a config of another name',
      },
    ),
    ask(
      'PUT',
      '/connectors/x/config',
      { 'connector.class': 'none' },
      { name: 'PUT an unknown class' },
    ),
    ask(
      'PUT',
      '/connectors/x/config',
      { 'connector.class': FILE_SINK, topics: ['t'] },
      {
        name: 'PUT an array as a value',
      },
    ),
    ask(
      'PUT',
      '/connectors/%20/config',
      { 'connector.class': FILE_SINK, topics: 't' },
      {
        name: 'PUT a blank name',
      },
    ),
  ],
};

const TYPES = [
  'application/json;charset=UTF-8',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/vnd.api+json',
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'application/xml',
  'nonsense',
  '*/*',
];

const types: Scenario = {
  name: 'content types',
  steps: [
    ...TYPES.map((type) =>
      ask(
        'POST',
        '/connectors',
        { name: 'x', config: {} },
        {
          name: `POST as ${type}`,
          headers: { 'Content-Type': type },
        },
      ),
    ),
    ...TYPES.map((type) =>
      ask('PUT', '/connectors/none/pause', undefined, {
        name: `PUT pause as ${type}`,
        headers: { 'Content-Type': type },
      }),
    ),
  ],
};

export const bodies: readonly Scenario[] = [bad, creations, types];
