import { must, systemClock, type Clock } from '@millrace/foundation';
import type {
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { scriptFailed } from '../errors.ts';
import { openEngine } from './engine.ts';
import { GUEST_PRELUDE } from './guest.ts';

export interface SandboxLimits {
  /** Of one call. */
  readonly timeoutMs: number;
  /** Of the interpreter with all that the script holds; WebAssembly has pages of 64 KiB. */
  readonly memoryBytes: number;
  readonly recordsMax: number;
}

/** What the script is called with; undefined: not there. */
export type Argument = string | number | boolean | null | undefined;

const STACK_BYTES = 256 * 1024;

/** @throws MillraceError `transform.script_failed` when the script does not compile or makes no function */
export async function openSandbox(
  source: string,
  limits: SandboxLimits,
  clock: Clock = systemClock,
): Promise<Sandbox> {
  const engine = await openEngine(limits.memoryBytes);
  return new Sandbox(() => new Guest(engine, source, limits, clock));
}

/**
 * One script in an interpreter of its own (QuickJS as WebAssembly): no files, no network, no timers, no modules; time,
 * memory and stack are limited. After a call that used up its limits the script starts anew, without what it remembered.
 */
export class Sandbox {
  readonly #newGuest: () => Guest;
  #guest: Guest | undefined;

  constructor(newGuest: () => Guest) {
    this.#newGuest = newGuest;
    this.#guest = newGuest();
  }

  /** @throws MillraceError `transform.script_failed` */
  call(args: readonly Argument[]): string {
    this.#guest ??= this.#newGuest();
    try {
      return this.#guest.call(args);
    } catch (error) {
      if (this.#guest.isSpent) this.close();
      throw error;
    }
  }

  close(): void {
    this.#guest?.close();
    this.#guest = undefined;
  }
}

class Guest {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #clock: Clock;
  readonly #limits: SandboxLimits;
  #run: QuickJSHandle | undefined;
  #deadlineMs: number;
  /** Out of time or memory: what it holds can't be trusted any more. */
  isSpent = false;

  constructor(engine: QuickJSWASMModule, source: string, limits: SandboxLimits, clock: Clock) {
    this.#clock = clock;
    this.#limits = limits;
    this.#deadlineMs = clock.monotonicMs() + limits.timeoutMs;
    this.#runtime = engine.newRuntime();
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => this.#clock.monotonicMs() > this.#deadlineMs);
    this.#context = this.#runtime.newContext();
    try {
      this.#run = this.#open(source);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  call(args: readonly Argument[]): string {
    const context = this.#context;
    this.#deadlineMs = this.#clock.monotonicMs() + this.#limits.timeoutMs;
    const handles = args.map((arg) => this.#handleOf(arg));
    try {
      const result = this.#unwrap(
        context.callFunction(
          must(this.#run, 'a guest is opened before it is called'),
          context.undefined,
          ...handles,
        ),
      );
      try {
        return context.getString(result);
      } finally {
        result.dispose();
      }
    } finally {
      for (const handle of handles) if (handle.alive) handle.dispose();
    }
  }

  close(): void {
    if (!this.#context.alive) return;
    this.#run?.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #open(source: string): QuickJSHandle {
    const context = this.#context;
    this.#unwrap(context.evalCode(GUEST_PRELUDE, 'guest.js')).dispose();
    const transform = this.#load(source);
    const open = context.getProp(context.global, '$open');
    const recordsMax = context.newNumber(this.#limits.recordsMax);
    try {
      return this.#unwrap(context.callFunction(open, context.undefined, transform, recordsMax));
    } finally {
      for (const handle of [transform, open, recordsMax]) handle.dispose();
    }
  }

  /** A module's default export, or the value of an expression. */
  #load(source: string): QuickJSHandle {
    const context = this.#context;
    if (!/^\s*export\s/m.test(source))
      return this.#unwrap(context.evalCode(`(${source}\n)`, 'script'));
    const module = this.#unwrap(context.evalCode(source, 'script', { type: 'module' }));
    try {
      return context.getProp(module, 'default');
    } finally {
      module.dispose();
    }
  }

  #handleOf(arg: Argument): QuickJSHandle {
    const context = this.#context;
    switch (typeof arg) {
      case 'string':
        return context.newString(arg);
      case 'number':
        return context.newNumber(arg);
      case 'boolean':
        return arg ? context.true : context.false;
      default:
        return arg === null ? context.null : context.undefined;
    }
  }

  #unwrap(result: ReturnType<QuickJSContext['callFunction']>): QuickJSHandle {
    if (result.error === undefined) return result.value;
    const thrown: unknown = this.#context.dump(result.error);
    result.error.dispose();
    if (this.#clock.monotonicMs() > this.#deadlineMs) {
      this.isSpent = true;
      throw scriptFailed(`it took longer than script.timeout.ms=${this.#limits.timeoutMs}`);
    }
    const { name, message, line } = describeThrown(thrown);
    // Without memory for the error itself there is none.
    if (message === 'out of memory' || message === '') {
      this.isSpent = true;
      throw scriptFailed(`it used more than script.memory.bytes.max=${this.#limits.memoryBytes}`);
    }
    throw scriptFailed(`${name}: ${message}${line}`);
  }
}

/** INV-6: it goes into states, headers and logs. */
const MESSAGE_MAX = 1000;

function shortened(message: string): string {
  return message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX)}…`;
}

function describeThrown(thrown: unknown): {
  readonly name: string;
  readonly message: string;
  readonly line: string;
} {
  if (typeof thrown !== 'object' || thrown === null)
    return {
      name: 'thrown',
      message: thrown === undefined ? '' : shortened(JSON.stringify(thrown)),
      line: '',
    };
  const { name, message, stack }: Readonly<Record<string, unknown>> = { name: 'Error', ...thrown };
  const at = /script:(\d+)/.exec(String(stack))?.[1];
  return {
    name: String(name),
    message: typeof message === 'string' ? shortened(message) : '',
    line: at === undefined ? '' : ` (line ${at})`,
  };
}
