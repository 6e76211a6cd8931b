import { expect, test } from '@jest/globals';
import { CleanupStack } from '../src/cleanup-stack.ts';

test('closes in reverse order, all of them, and then throws the first error', async () => {
  const closed: string[] = [];
  const stack = new CleanupStack();
  stack.defer(() => closed.push('first'));
  stack.defer(() => {
    throw new Error('second failed');
  });
  stack.defer(() => closed.push('third'));
  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('second failed');
  expect(closed).toEqual(['third', 'first']);
});

test('what was moved is closed by its new owner alone', async () => {
  const closed: string[] = [];
  const stack = new CleanupStack();
  stack.defer(() => closed.push('a'));
  const moved = stack.move();
  await stack[Symbol.asyncDispose]();
  expect(closed).toEqual([]);
  await moved[Symbol.asyncDispose]();
  expect(closed).toEqual(['a']);
});
