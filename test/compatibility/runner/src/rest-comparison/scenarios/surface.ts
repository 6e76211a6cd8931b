import { ask, type Ask, type Scenario } from '../steps.ts';

const PATHS = [
  '/',
  '/health',
  '/connectors',
  '/connectors/none',
  '/connectors/none/config',
  '/connectors/none/status',
  '/connectors/none/restart',
  '/connectors/none/pause',
  '/connectors/none/resume',
  '/connectors/none/stop',
  '/connectors/none/tasks',
  '/connectors/none/tasks/0/status',
  '/connectors/none/tasks/0/restart',
  '/connectors/none/topics',
  '/connectors/none/topics/reset',
  '/connectors/none/offsets',
  '/connector-plugins',
  '/connector-plugins/none/config',
  '/connector-plugins/none/config/validate',
  '/admin/loggers',
  '/admin/loggers/none',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Answered without a body, or by what other scenarios compare. */
const ELSEWHERE = new Set(['GET /connector-plugins', 'GET /admin/loggers', 'HEAD /admin/loggers']);

/** Every path with every method, bodies of `{}` where one is expected. */
const methods: Scenario = {
  name: 'methods',
  steps: PATHS.flatMap((path) =>
    METHODS.filter((method) => !ELSEWHERE.has(`${method} ${path}`)).map((method): Ask => {
      const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
      return ask(method, path, hasBody ? {} : undefined);
    }),
  ),
};

const paths: Scenario = {
  name: 'paths',
  steps: [
    '/connectors/',
    '/connectors?',
    '/connectors//',
    '//connectors',
    '/connectors?expand=info',
    '/connectors?expand=',
    '/connectors?expand=nothing',
    '/connectors?expand=status&expand=info',
    '/connectors/?expand=status',
    '/connectors/none/',
    '/connectors/none/config/',
    '/connectors/none/status/',
    '/connectors/none/tasks/',
    '/connectors/none/tasks/x/status',
    '/connectors/none/tasks/-1/status',
    '/connectors/none/tasks/1.5/status',
    '/connectors/none/tasks/99999999999/status',
    '/connectors/none/tasks/0',
    '/connectors/none/tasks-config',
    '/connectors/none/fence',
    '/connectors/none/more',
    '/connectors/none/offsets/',
    '/connectors/none/topics/',
    '/Connectors',
    '/connector-plugins/none/config/',
    '/connector-plugins/none',
    '/connector-plugins/none/config?version=1',
    '/admin',
    '/admin/loggers/none/',
    '/health/',
    '/health?x=1',
    '/nowhere',
    '/nowhere/at/all',
    '/connectors/%E0%A4%A',
    '/connectors/%',
    '/connectors/%00',
    '/connectors/%2F',
    '/connectors/%20',
    '/connectors/a%20b/status',
    '/connectors/a+b/status',
    '/connectors/a%2Fb/status',
    '/connectors/a%25b/status',
    '/connectors/gr%C3%B6%C3%9Fe/status',
    '/connectors/a;b=c/status',
    '/connectors/./status',
    '/connectors/../status',
    '/connectors/%2E/status',
    '/connectors/%2E%2E/status',
    '/connectors/.../status',
    `/connectors/${'n'.repeat(2_000)}`,
  ].map((path) => ask('GET', path, undefined, { name: `GET ${path.slice(0, 60)}` })),
};

const accepts: Scenario = {
  name: 'accept',
  steps: [
    '*/*',
    'application/json',
    'text/plain',
    'application/xml',
    'text/html, */*;q=0.1',
    '',
  ].map((accept) =>
    ask('GET', '/connectors', undefined, {
      name: `Accept: ${accept}`,
      headers: { Accept: accept },
    }),
  ),
};

const restarts: Scenario = {
  name: 'unknown connector',
  steps: [
    ask('POST', '/connectors/none/restart?includeTasks=true'),
    ask('POST', '/connectors/none/restart?onlyFailed=true'),
    ask('POST', '/connectors/none/restart?includeTasks=x&onlyFailed='),
    ask('POST', '/connectors/none/restart/'),
    ask('POST', '/connectors/none/tasks/0/restart/'),
    ask('POST', '/connectors/none/tasks/x/restart'),
    ask('PUT', '/connectors/none/pause/'),
    ask('PUT', '/connectors/none/resume/'),
    ask('PUT', '/connectors/none/stop/'),
    ask('PUT', '/connectors/none/topics/reset/'),
    ask('DELETE', '/connectors/none/'),
    ask('DELETE', '/connectors/none/offsets/'),
    ask('PATCH', '/connectors/none/offsets', { offsets: [{ partition: { a: 1 }, offset: null }] }),
    ask('PATCH', '/connectors/none/config', { a: 'b' }),
  ],
};

export const surface: readonly Scenario[] = [methods, paths, accepts, restarts];
