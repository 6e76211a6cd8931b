import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import { ContractViolation, nextTurn } from './contract-case.ts';

/** So often is a life repeated: what is left each time stands out from what is made once and kept. */
const LIVES = 3;
const SETTLE_MS = 1_000;

/** What lasts until somebody ends it, by Node's names. */
const LASTING: Readonly<Record<string, string>> = {
  Timeout: 'timer',
  TCPWRAP: 'socket',
  TCPSERVERWRAP: 'listening socket',
  PIPEWRAP: 'pipe',
  PIPESERVERWRAP: 'listening pipe',
  UDPWRAP: 'datagram socket',
  FSEVENTWRAP: 'file watcher',
  STATWATCHER: 'file watcher',
  FILEHANDLE: 'file handle',
  PROCESSWRAP: 'child process',
  WORKER: 'thread',
  SIGNALWRAP: 'signal handler',
};

/**
 * Lives some lives of a task, after one for modules and pools that are made once, and looks at what they made: that of
 * others in the process does not count.
 * @throws ContractViolation when as much is left as each life could have left, after a moment for what ends late
 */
export async function expectNothingLeft(live: () => Promise<void>): Promise<void> {
  await live();
  const lives = new AsyncLocalStorage<true>();
  const made = new Map<number, string>();
  const hook = createHook({
    init: (id, type) => {
      const kind = LASTING[type];
      if (kind !== undefined && lives.getStore() === true) made.set(id, kind);
    },
    destroy: (id) => void made.delete(id),
  });
  const before = countedNow();
  hook.enable();
  try {
    for (let life = 0; life < LIVES; life++) await lives.run(true, live);
    await settled(() => leftOf(made, before));
  } finally {
    hook.disable();
  }
}

async function settled(look: () => readonly string[]): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const left = look();
    if (left.length === 0) return;
    if (performance.now() > deadlineMs)
      throw new ContractViolation(`${LIVES} lives of a task left behind: ${left.join(', ')}`);
    await nextTurn();
  }
}

function leftOf(
  made: ReadonlyMap<number, string>,
  before: ReadonlyMap<string, number>,
): readonly string[] {
  const left = new Map<string, number>();
  for (const kind of made.values()) left.set(kind, (left.get(kind) ?? 0) + 1);
  for (const [kind, count] of countedNow()) left.set(kind, count - (before.get(kind) ?? 0));
  return [...left]
    .filter(([, count]) => count >= LIVES)
    .map(([kind, count]) => `${kind} (${count})`);
}

/** What no hook tells of. */
function countedNow(): ReadonlyMap<string, number> {
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  return new Map([
    ['open file', openFiles()],
    ['listener of process', listeners.reduce((sum, each) => sum + each, 0)],
  ]);
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0; // Not Linux: what else is looked at must do.
  }
}
