import { ask, type Scenario } from '../steps.ts';

const NAME = '/admin/loggers/org.example.compared';

const levels: Scenario = {
  name: 'loggers',
  steps: [
    ask('PUT', '/admin/loggers/root?scope=cluster', { level: 'WARN' }),
    ask('GET', '/admin/loggers/no.such.logger'),
    ask('PUT', NAME, { level: 'DEBUG' }),
    ask('GET', NAME),
    ask('GET', `${NAME}/`),
    ask('PUT', NAME, { level: 'warn' }, { name: 'in lower case' }),
    ask('GET', NAME, undefined, { name: 'shown, in lower case' }),
    ask('PUT', NAME, { level: 'WARN' }, { name: 'the same once more' }),
    ask('PUT', `${NAME}.below`, { level: 'ERROR' }, { name: 'one below' }),
    ask('PUT', NAME, { level: 'INFO' }, { name: 'both by the upper one' }),
    ask('GET', `${NAME}.below`, undefined, { name: 'shown, the one below' }),
    ask('PUT', NAME, { level: 'loud' }, { name: 'an unknown level' }),
    ask('PUT', NAME, { level: '' }, { name: 'an empty level' }),
    ask('PUT', NAME, { level: null }, { name: 'a null level' }),
    ask('PUT', NAME, { level: 7 }, { name: 'a number as level' }),
    ask('PUT', NAME, { level: ' INFO ' }, { name: 'a level with spaces' }),
    ask('PUT', NAME, {}, { name: 'no level' }),
    ask('PUT', NAME, { level: 'INFO', more: 1 }, { name: 'a member more' }),
    ...['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'].flatMap((level) => [
      ask('PUT', NAME, { level }, { name: `level ${level}` }),
      ask('GET', NAME, undefined, { name: `shown, level ${level}` }),
    ]),
    ask('PUT', `${NAME}?scope=worker`, { level: 'DEBUG' }),
    ask('PUT', `${NAME}?scope=cluster`, { level: 'ERROR' }),
    ask('PUT', `${NAME}?scope=CLUSTER`, { level: 'WARN' }),
    ask('PUT', `${NAME}?scope=planet`, { level: 'INFO' }),
    ask('PUT', `${NAME}?scope=`, { level: 'DEBUG' }),
    ask('PUT', `${NAME}?scope=cluster&scope=worker`, { level: 'TRACE' }),
    ask('PUT', NAME, { level: true }, { name: 'a boolean as level' }),
    ask('PUT', NAME, { level: 'INFO', more: [] }, { name: 'an array more' }),
    ask('PUT', `${NAME}?scope=cluster`, { level: 'loud' }, { name: 'an unknown level, cluster' }),
    ask('PUT', `${NAME}?scope=cluster`, {}, { name: 'no level, cluster' }),
  ],
};

export const loggers: readonly Scenario[] = [levels];
