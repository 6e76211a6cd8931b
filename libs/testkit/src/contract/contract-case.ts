/** One promise of a contract; a test runner of any kind can run it. */
export interface ContractCase {
  /** What is promised, as a sentence. */
  readonly name: string;
  /** @throws ContractViolation when the promise is not kept */
  readonly run: () => Promise<void>;
}

/** The subject does not keep a promise; the message says what it did. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

export function expectThat(isKept: boolean, otherwise: string): asserts isKept {
  if (!isKept) throw new ContractViolation(otherwise);
}

export function expectEqual(
  actual: readonly string[],
  expected: readonly string[],
  what: string,
): void {
  if (actual.length === expected.length && actual.every((each, index) => each === expected[index]))
    return;
  const missing = expected.filter((each) => !actual.includes(each));
  const twice = actual.filter(
    (each, index) => actual.indexOf(each) !== index || !expected.includes(each),
  );
  const why =
    missing.length > 0
      ? `missing: ${shown(missing)}`
      : twice.length > 0
        ? `too much: ${shown(twice)}`
        : 'in another order';
  throw new ContractViolation(
    `${what}: expected ${shown(expected)}, was ${shown(actual)} (${why})`,
  );
}

function shown(texts: readonly string[]): string {
  const first = texts.slice(0, 12).join(', ');
  return `[${first}${texts.length > 12 ? `, … ${texts.length} in all` : ''}]`;
}

/** What a call came to. A call that hangs is a violation, and is left behind. */
export async function within<T>(limitMs: number, what: string, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new ContractViolation(`${what} did not end within ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error of a call that is allowed to fail; a violation passes through. */
export async function errorOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof ContractViolation) throw error;
    return error;
  }
}

/** Lets finished I/O be heard. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Not what the types say, but what is there. */
export function isList(value: unknown): boolean {
  return Array.isArray(value);
}

export function textOfError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
}
