import { expect, test } from '@jest/globals';
import { acrossCopies } from '../src/index.ts';

function copyOfPackage() {
  class Problem extends Error {}
  acrossCopies(Problem, 'test/Problem');
  class Special extends Problem {}
  return { Problem, Special };
}

test("another copy's instances are instances, and those of an unrelated class are not", () => {
  const ours = copyOfPackage();
  const theirs = copyOfPackage();
  expect(new theirs.Problem()).toBeInstanceOf(ours.Problem);
  expect(new theirs.Special()).toBeInstanceOf(ours.Problem);
  for (const other of [new Error(), {}, null, undefined, 'text', 5])
    expect(other instanceof ours.Problem).toBe(false);
});

test('a subclass that asked for nothing keeps the ordinary meaning', () => {
  const ours = copyOfPackage();
  expect(new ours.Problem() instanceof ours.Special).toBe(false);
  expect(new ours.Special() instanceof ours.Special).toBe(true);
  expect(new (copyOfPackage().Special)() instanceof ours.Special).toBe(false);
});
