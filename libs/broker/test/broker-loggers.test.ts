import { expect, test } from '@jest/globals';
import { ErrorCode } from '@millrace/kafka-protocol';
import { alterLoggers, type BrokerLoggers, type LoggerChange } from '../src/broker-loggers.ts';

const [SET, DELETE, APPEND] = [0, 1, 2];

class Loggers implements BrokerLoggers {
  readonly levels = new Map([
    ['root', 'INFO'],
    ['kafka.server', 'INFO'],
  ]);

  list(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.levels);
  }

  set(name: string, level: string | undefined): void {
    this.levels.set(name, level ?? this.levels.get('root') ?? '');
  }
}

const change = (name: string, configOperation: number, value: string | null): LoggerChange => ({
  ...{ name, configOperation, value },
});

test('levels are set and taken away, all of a request or none', () => {
  const loggers = new Loggers();
  const good = change('kafka.server', SET, 'DEBUG');
  expect(alterLoggers(loggers, [good], true)).toBeUndefined();
  expect(loggers.list()).toEqual({ root: 'INFO', 'kafka.server': 'INFO' });
  const isHalfWrong = alterLoggers(loggers, [good, change('nobody', SET, 'DEBUG')], false);
  expect(isHalfWrong).toMatchObject({ errorCode: ErrorCode.INVALID_CONFIG });
  expect(loggers.list()).toEqual({ root: 'INFO', 'kafka.server': 'INFO' });
  expect(alterLoggers(loggers, [good, change('root', SET, 'WARN')], false)).toBeUndefined();
  expect(loggers.list()).toEqual({ root: 'WARN', 'kafka.server': 'DEBUG' });
  expect(alterLoggers(loggers, [change('kafka.server', DELETE, null)], false)).toBeUndefined();
  expect(loggers.list()).toEqual({ root: 'WARN', 'kafka.server': 'WARN' });
});

test.each([
  [change('nobody', SET, 'DEBUG'), ErrorCode.INVALID_CONFIG, 'Logger nobody does not exist!'],
  [change('nobody', DELETE, null), ErrorCode.INVALID_CONFIG, 'Logger nobody does not exist!'],
  [change('root', DELETE, null), ErrorCode.INVALID_REQUEST, 'Removing the log level of the root'],
  [change('root', SET, 'LOUD'), ErrorCode.INVALID_CONFIG, 'Cannot set the log level of root'],
  [change('root', SET, 'OFF'), ErrorCode.INVALID_CONFIG, 'not a supported log level'],
  [change('root', APPEND, 'DEBUG'), ErrorCode.INVALID_REQUEST, 'APPEND operation is not allowed'],
])('%j is refused', (wrong, errorCode, words) => {
  expect(alterLoggers(new Loggers(), [wrong], false)).toEqual({
    errorCode,
    message: expect.stringContaining(words) as unknown,
  });
});
