/** Resolves once the event loop has looked at sockets and finished file operations. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
