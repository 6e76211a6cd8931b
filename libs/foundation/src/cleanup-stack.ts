/**
 * What has been opened, closed in reverse order when the scope ends; every closer runs, even if others throw.
 * Node 20 has no `AsyncDisposableStack`.
 */
export class CleanupStack implements AsyncDisposable {
  readonly #closers: (() => unknown)[] = [];

  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Hands everything to the caller: the scope's end then closes nothing. */
  move(): CleanupStack {
    const moved = new CleanupStack();
    moved.#closers.push(...this.#closers.splice(0));
    return moved;
  }

  /** @throws the first error, after everything has been tried */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
