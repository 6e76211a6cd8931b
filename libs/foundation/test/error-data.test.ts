import { expect, test } from '@jest/globals';
import { errorFromData, errorToData, isRetriable, MillraceError } from '../src/index.ts';

test('an error crosses into another thread and is what it was: code, hint, stack and causes', () => {
  const cause = new TypeError('no such thing');
  const error = new MillraceError({
    code: 'sink.refused',
    retry: 'retriable',
    message: 'no',
    hint: 'ask again',
    context: { topic: 't', partition: 3, socket: { not: 'plain' } },
    cause,
  });
  const crossed = errorFromData(structuredClone(errorToData(error)));
  expect(crossed).toBeInstanceOf(MillraceError);
  expect(crossed).toMatchObject({
    code: 'sink.refused',
    message: 'no',
    hint: 'ask again',
    context: { topic: 't', partition: 3 },
    stack: error.stack,
  });
  expect(isRetriable(crossed)).toBe(true);
  expect(crossed.cause).toMatchObject({ name: 'TypeError', message: 'no such thing' });
});

test('what is thrown without being an error crosses too, and rings of causes end', () => {
  expect(errorFromData(structuredClone(errorToData('only text'))).message).toBe('only text');
  const ring: Error & { cause?: unknown } = new Error('again');
  ring.cause = ring;
  expect(errorFromData(errorToData(ring)).message).toBe('again');
});
