import { expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import { brokerLoggers } from '../src/broker-loggers.ts';
import { createLogger } from '../src/logger.ts';

function capture(level: string): {
  readonly lines: string[];
  readonly log: ReturnType<typeof createLogger>;
} {
  const lines: string[] = [];
  return {
    lines,
    log: createLogger({ level, stream: { write: (line) => void lines.push(line) } }),
  };
}

test('a log line is JSON with level, time, fields and message; lesser levels are left out', () => {
  const { lines, log } = capture('INFO');
  log.child({ connector: 'a' }).warn({ count: 3 }, 'something gave way');
  log.debug({}, 'unseen');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    connector: 'a',
    count: 3,
    msg: 'something gave way',
  });
});

test('secrets are hidden in fields, nested configuration, child fields, URLs and errors', () => {
  const { lines, log } = capture('info');
  const config = {
    'database.password': 's3cret',
    'sasl.jaas.config': 'user="x" password="s3cret";',
    'connection.url': 'jdbc:postgresql://h/d?user=a&password=s3cret&ssl=true',
    'redis.url': 'redis://me:s3cret@host:1/0',
    nested: [{ apiKey: 's3cret' }],
    plain: 'shown',
  };
  const error = new MillraceError({
    code: 'x.y',
    retry: 'fatal',
    message: 'no way to postgres://u:s3cret@host/db',
    context: { password: 's3cret' },
    cause: new Error('at postgres://u:s3cret@host/db'),
  });
  log.child({ token: 's3cret' }).error({ config, err: error }, 'failed');
  expect(lines[0]).not.toContain('s3cret');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    config: { plain: 'shown', 'database.password': '[hidden]' },
    err: {
      code: 'x.y',
      message: 'no way to postgres://u:[hidden]@host/db',
      cause: { type: 'Error' },
    },
  });
});

test('a level set later counts for the loggers below its name, by the names of Connect', () => {
  const { lines, log } = capture('warn');
  const runtime = log.child({ worker: 'w' });
  const task = runtime.child({ connector: 'a', task: 0 });
  const client = log.child({ part: 'kafka-client' });
  runtime.debug({}, 'unseen');
  log.levels.set('org.apache.kafka.connect', 'DEBUG');
  runtime.debug({}, 'seen');
  task.debug({}, 'seen');
  client.info({}, 'unseen');
  log.levels.set('org.apache.kafka.connect.connector.a', 'OFF');
  task.error({}, 'unseen');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['seen', 'seen']);
});

test('the broker shows the levels that hold, and what it sets and takes away counts at once', () => {
  const { lines, log } = capture('warn');
  const loggers = brokerLoggers(log.levels);
  expect(loggers.list()).toMatchObject({ root: 'WARN', 'kafka.server': 'WARN' });
  const broker = log.child({ part: 'broker' });
  broker.debug({}, 'unseen');
  loggers.set('kafka.server', 'DEBUG');
  broker.debug({}, 'seen');
  expect(loggers.list()).toMatchObject({ root: 'WARN', 'kafka.server': 'DEBUG' });
  loggers.set('kafka.server', undefined);
  broker.debug({}, 'unseen');
  expect(loggers.list()).toMatchObject({ 'kafka.server': 'WARN' });
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['seen']);
});
