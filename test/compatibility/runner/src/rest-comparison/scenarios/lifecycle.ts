import { ask, settle, type Scenario, type Step } from '../steps.ts';

const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';
const RUNNING = /"connector":\{"state":"RUNNING".*"tasks":\[\{[^\]]*"state":"RUNNING"/;
const PAUSED = /"connector":\{"state":"PAUSED".*"tasks":\[\{[^\]]*"state":"PAUSED"/;
const STOPPED = /"connector":\{"state":"STOPPED".*"tasks":\[\]/;
const FAILED = /"tasks":\[\{[^\]]*"state":"FAILED"/;
const GONE = /"error_code":404/;

export interface Files {
  /** Has three lines. */
  readonly source: string;
  readonly sink: string;
}

const show = (name: string, when: string): readonly Step[] => [
  ask('GET', `/connectors/${name}`, undefined, { name: `info, ${when}` }),
  ask('GET', `/connectors/${name}/status`, undefined, { name: `status, ${when}` }),
  ask('GET', `/connectors/${name}/config`, undefined, { name: `config, ${when}` }),
  ask('GET', `/connectors/${name}/tasks`, undefined, { name: `tasks, ${when}` }),
];

const remove = (name: string): readonly Step[] => [
  ask('DELETE', `/connectors/${name}`, undefined, {
    name: `DELETE /connectors/${name} at the end`,
  }),
  settle(`/connectors/${name}/status`, GONE),
];

const sourceLife = ({ source }: Files): Scenario => ({
  name: 'a source',
  steps: [
    ask('POST', '/connectors', {
      name: 'src',
      config: { 'connector.class': SOURCE, topic: 'src-lines', file: source, 'tasks.max': 1 },
    }),
    settle('/connectors/src/status', RUNNING),
    settle('/connectors/src/offsets', /"position":\d/),
    settle('/connectors/src/topics', /src-lines/),
    ...show('src', 'running'),
    ask('GET', '/connectors'),
    ask('GET', '/connectors/'),
    ask('GET', '/connectors?expand=info'),
    ask('GET', '/connectors?expand=status'),
    ask('GET', '/connectors?expand=status&expand=info'),
    ask('GET', '/connectors?expand=info,status'),
    ask('GET', '/connectors?expand=INFO'),
    ask('GET', '/connectors/src/tasks/0/status'),
    ask('GET', '/connectors/src/tasks/0/status/'),
    ask('GET', '/connectors/src/tasks/1/status'),
    ask('GET', '/connectors/src/tasks/-1/status'),
    ask('GET', '/connectors/src/topics'),
    ask('GET', '/connectors/src/offsets'),
    ask(
      'POST',
      '/connectors',
      { name: 'src', config: { 'connector.class': SOURCE } },
      {
        name: 'create again',
      },
    ),
    ask(
      'POST',
      '/connectors',
      {
        name: 'src',
        config: { 'connector.class': SOURCE, topic: 'src-lines', file: source },
      },
      { name: 'create again, valid' },
    ),
    ask(
      'PUT',
      '/connectors/src/config',
      { 'connector.class': SOURCE, topic: 'src-lines', file: source },
      {
        name: 'PUT config',
      },
    ),
    settle('/connectors/src/status', RUNNING),
    ...show('src', 'after PUT'),
    ask(
      'PATCH',
      '/connectors/src/config',
      { 'batch.size': '10', file: null, 'no.such.key': 'x' },
      {
        name: 'PATCH adds and removes',
      },
    ),
    ask(
      'PATCH',
      '/connectors/src/config',
      { file: source, 'no.such.key': null },
      {
        name: 'PATCH back',
      },
    ),
    settle('/connectors/src/status', RUNNING),
    ask('PATCH', '/connectors/src/config', {}, { name: 'PATCH nothing' }),
    ask(
      'PATCH',
      '/connectors/src/config',
      { 'batch.size': 'x' },
      { name: 'PATCH an invalid value' },
    ),
    ask(
      'PATCH',
      '/connectors/src/config',
      { 'connector.class': null },
      { name: 'PATCH the class away' },
    ),
    ask('PATCH', '/connectors/src/config', { topic: null }, { name: 'PATCH a required key away' }),
    ask(
      'PATCH',
      '/connectors/src/config',
      { 'never.there': null },
      { name: 'PATCH away what is not there' },
    ),
    ask('PATCH', '/connectors/none/config', { a: 'b' }, { name: 'PATCH an unknown connector' }),
    settle('/connectors/src/status', RUNNING),
    ...show('src', 'after PATCH'),
    ask('POST', '/connectors/src/restart'),
    settle('/connectors/src/status', RUNNING),
    ask('POST', '/connectors/src/restart?includeTasks=false&onlyFailed=false'),
    settle('/connectors/src/status', RUNNING),
    ask('POST', '/connectors/src/restart?onlyFailed=true'),
    settle('/connectors/src/status', RUNNING),
    ask('POST', '/connectors/src/restart?includeTasks=true'),
    settle('/connectors/src/status', RUNNING),
    ask('POST', '/connectors/src/restart?includeTasks=true&onlyFailed=true'),
    settle('/connectors/src/status', RUNNING),
    ask('POST', '/connectors/src/tasks/0/restart'),
    settle('/connectors/src/status', RUNNING),
    ask('POST', '/connectors/src/tasks/7/restart'),
    ask('POST', '/connectors/src/tasks/-1/restart'),
    ask('PUT', '/connectors/src/pause'),
    settle('/connectors/src/status', PAUSED),
    ...show('src', 'paused'),
    ask('PUT', '/connectors/src/pause', undefined, { name: 'pause again' }),
    ask('POST', '/connectors/src/restart?includeTasks=true', undefined, {
      name: 'restart, paused',
    }),
    settle('/connectors/src/status', PAUSED),
    ask('DELETE', '/connectors/src/offsets', undefined, { name: 'reset offsets, paused' }),
    ask('PUT', '/connectors/src/resume'),
    settle('/connectors/src/status', RUNNING),
    ask('PUT', '/connectors/src/resume', undefined, { name: 'resume again' }),
    ask('PUT', '/connectors/src/topics/reset'),
    ask('PUT', '/connectors/src/stop'),
    settle('/connectors/src/status', STOPPED),
    settle('/connectors/src/tasks', /^\[\]$/),
    ...show('src', 'stopped'),
    ask('GET', '/connectors?expand=status&expand=info', undefined, { name: 'expanded, stopped' }),
    ask('PUT', '/connectors/src/stop', undefined, { name: 'stop again' }),
    ask('PUT', '/connectors/src/pause', undefined, { name: 'pause, stopped' }),
    settle('/connectors/src/status', /"connector":\{"state":"PAUSED"/),
    ask('PUT', '/connectors/src/stop', undefined, { name: 'stop, paused' }),
    settle('/connectors/src/status', STOPPED),
    ask('POST', '/connectors/src/restart', undefined, { name: 'restart, stopped' }),
    settle('/connectors/src/status', STOPPED),
    ask('GET', '/connectors/src/tasks/0/status', undefined, { name: 'status of a task, stopped' }),
    ask(
      'PUT',
      '/connectors/src/config',
      { 'connector.class': SOURCE, topic: 'src-other', file: source },
      {
        name: 'PUT config, stopped',
      },
    ),
    settle('/connectors/src/config', /src-other/),
    settle('/connectors/src/status', STOPPED),
    ...show('src', 'changed while stopped'),
    ask('PUT', '/connectors/src/resume', undefined, { name: 'resume, stopped' }),
    settle('/connectors/src/status', RUNNING),
    ask('DELETE', '/connectors/src'),
    settle('/connectors/src/status', GONE),
    ask('GET', '/connectors/src', undefined, { name: 'info, deleted' }),
    ask('GET', '/connectors/src/status', undefined, { name: 'status, deleted' }),
    ask('GET', '/connectors/src/topics', undefined, { name: 'topics, deleted' }),
    ask('GET', '/connectors/src/offsets', undefined, { name: 'offsets, deleted' }),
    ask('DELETE', '/connectors/src', undefined, { name: 'DELETE again' }),
  ],
});

const sinkLife = ({ source, sink }: Files): Scenario => ({
  name: 'a sink',
  steps: [
    ask(
      'PUT',
      '/connectors/feed/config',
      { 'connector.class': 'FileStreamSource', topic: 'sink-in', file: source },
      {
        name: 'PUT creates the source by its short name',
      },
    ),
    settle('/connectors/feed/topics', /sink-in/),
    ask(
      'PUT',
      '/connectors/snk/config',
      { 'connector.class': SINK, topics: 'sink-in', file: sink, 'tasks.max': '1' },
      {
        name: 'PUT creates',
      },
    ),
    settle('/connectors/snk/status', RUNNING),
    settle('/connectors/snk/offsets', /"kafka_offset":3/),
    settle('/connectors/snk/topics', /sink-in/),
    ...show('snk', 'running'),
    ask('GET', '/connectors'),
    ask('GET', '/connectors/snk/offsets'),
    ask('GET', '/connectors/snk/topics'),
    ask(
      'PUT',
      '/connectors/snk/config',
      { 'connector.class': SINK, topics: 'sink-in', file: sink, 'tasks.max': '1' },
      {
        name: 'PUT fewer tasks',
      },
    ),
    settle('/connectors/snk/tasks', /^\[[^[]*"task":0[^[]*\]$/),
    settle('/connectors/snk/status', /"tasks":\[\{[^{]*\}\]/),
    settle('/connectors/snk/status', RUNNING),
    ...show('snk', 'with one task'),
    ask('PUT', '/connectors/snk/stop'),
    settle('/connectors/snk/status', STOPPED),
    ask('PUT', '/connectors/snk/resume'),
    settle('/connectors/snk/status', RUNNING),
    ...remove('snk'),
    ...remove('feed'),
  ],
});

const initialStates = ({ source }: Files): Scenario => ({
  name: 'initial states',
  steps: ['RUNNING', 'paused', 'Stopped'].flatMap((state, index) => {
    const name = `initial-${index}`;
    return [
      ask(
        'POST',
        '/connectors',
        {
          name,
          initial_state: state,
          config: { 'connector.class': SOURCE, topic: 'initial', file: source },
        },
        { name: `create ${state}` },
      ),
      settle(`/connectors/${name}/status`, /"state":"(RUNNING|PAUSED|STOPPED)"/),
      ...(index === 0 ? [settle(`/connectors/${name}/status`, RUNNING)] : []),
      ...show(name, `created ${state}`),
      ask('PUT', `/connectors/${name}/resume`, undefined, {
        name: `resume what was created ${state}`,
      }),
      settle(`/connectors/${name}/status`, RUNNING),
      ...remove(name),
    ];
  }),
});

const failing = (): Scenario => ({
  name: 'a task that fails',
  steps: [
    ask('POST', '/connectors', {
      name: 'bad',
      config: {
        'connector.class': SINK,
        topics: 'sink-in',
        file: '/no/such/folder/at/all',
        'task.restart.attempts.max': '0',
      },
    }),
    settle('/connectors/bad/status', FAILED),
    ...show('bad', 'failed'),
    ask('GET', '/connectors/bad/tasks/0/status'),
    ask('POST', '/connectors/bad/restart?onlyFailed=true'),
    settle('/connectors/bad/status', FAILED),
    ask('POST', '/connectors/bad/restart?includeTasks=true&onlyFailed=true'),
    settle('/connectors/bad/status', FAILED),
    ask('PUT', '/connectors/bad/pause'),
    settle('/connectors/bad/status', /"connector":\{"state":"PAUSED"/),
    ask('GET', '/connectors/bad/status', undefined, { name: 'status, failed and paused' }),
    ...remove('bad'),
  ],
});

/** As written in JSON, and in the path. */
const NAMES: readonly (readonly [string, string])[] = [
  ['with space', 'with%20space'],
  ['größe', 'gr%C3%B6%C3%9Fe'],
  ['dots.and-dashes_', 'dots.and-dashes_'],
  ['plus+sign', 'plus%2Bsign'],
  ['semi;colon', 'semi%3Bcolon'],
  ['question?mark', 'question%3Fmark'],
  ['hash#mark', 'hash%23mark'],
  ['quote"mark', 'quote%22mark'],
  ['emoji-🦆', 'emoji-%F0%9F%A6%86'],
  ['[brackets]', '%5Bbrackets%5D'],
  ['...', '...'],
  // Kafka Connect makes them, and can't get rid of them.
  ['with/slash', 'with%2Fslash'],
  ['per%cent', 'per%25cent'],
];

export const names: readonly Scenario[] = NAMES.map(([name, path]) => ({
  name: `a connector named "${name}"`,
  steps: [
    ask(
      'POST',
      '/connectors',
      {
        name: ` ${name} `,
        initial_state: 'STOPPED',
        config: { 'connector.class': SOURCE, topic: 'names' },
      },
      { name: 'create' },
    ),
    settle(`/connectors/${path}/status`, /"state":"STOPPED"|<html>/),
    ask('GET', `/connectors/${path}`),
    ask('GET', `/connectors/${path}/status`),
    ask('GET', `/connectors/${path}/offsets`),
    ask('PUT', `/connectors/${path}/stop`),
    ask('DELETE', `/connectors/${path}`),
    settle(`/connectors/${path}/status`, /"error_code":404|<html>/),
  ],
}));

export function lifecycle(files: Files): readonly Scenario[] {
  return [sourceLife(files), sinkLife(files), initialStates(files), failing()];
}
