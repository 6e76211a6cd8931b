import { connect, type Socket } from 'node:net';
import { parseBootstrap } from '@millrace/kafka-client';

const SIZE_BYTES = 4;
const READ_BYTES = 64 * 1_024;

/** One connection that sends the same request again and again, with so many on their way. */
export interface LoadPlan {
  readonly frame: Uint8Array;
  readonly inFlight: number;
  readonly count: number;
  /** Looks at the first answer; throws when it is a refusal. */
  readonly check: (answer: Buffer) => void;
  /** Told when each answer has come. */
  readonly onAnswer?: (index: number) => void;
}

/** Resolves when all answers have come. The bytes are made beforehand, so that the broker is what is measured. */
export function runLoad(address: string, plan: LoadPlan): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const socket: Socket = open(address, (answer) => {
      if (answered === 0) plan.check(answer);
      plan.onAnswer?.(answered);
      answered++;
      if (answered === plan.count) {
        socket.destroy();
        resolve();
      } else if (sent < plan.count) send();
    });
    const send = (): void => {
      sent++;
      socket.write(plan.frame);
    };
    socket.once('connect', () => {
      socket.cork();
      for (let index = 0; index < Math.min(plan.inFlight, plan.count); index++) send();
      socket.uncork();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the broker closed the connection')));
  });
}

/** A connection that reads into one buffer and cuts answers out of it. */
export function open(address: string, onAnswer: (answer: Buffer) => void): Socket {
  const [broker] = parseBootstrap(address);
  if (broker === undefined) throw new Error(`no address in "${address}"`);
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const answers = new Answers(onAnswer);
  const socket = connect({
    port: broker.port,
    host: broker.host,
    onread: {
      buffer,
      callback: (count) => {
        try {
          answers.push(buffer.subarray(0, count));
        } catch (error) {
          socket.destroy(error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      },
    },
  });
  socket.setNoDelay(true);
  return socket;
}

/** Answers that lie whole in a chunk are given in place; others are gathered in memory that is used again. */
class Answers {
  readonly #onAnswer: (answer: Buffer) => void;
  #gathered = Buffer.allocUnsafeSlow(READ_BYTES);
  #filled = 0;

  constructor(onAnswer: (answer: Buffer) => void) {
    this.#onAnswer = onAnswer;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#filled === 0 && chunk.length - at >= SIZE_BYTES) {
        const end = at + SIZE_BYTES + chunk.readInt32BE(at);
        if (end <= chunk.length) {
          this.#onAnswer(chunk.subarray(at + SIZE_BYTES, end));
          at = end;
          continue;
        }
      }
      at += this.#gather(chunk, at);
    }
  }

  #gather(chunk: Buffer, at: number): number {
    const wanted =
      this.#filled < SIZE_BYTES ? SIZE_BYTES : SIZE_BYTES + this.#gathered.readInt32BE(0);
    if (wanted > this.#gathered.length) {
      const larger = Buffer.allocUnsafeSlow(wanted * 2);
      this.#gathered.copy(larger, 0, 0, this.#filled);
      this.#gathered = larger;
    }
    const count = Math.min(wanted - this.#filled, chunk.length - at);
    chunk.copy(this.#gathered, this.#filled, at, at + count);
    this.#filled += count;
    if (this.#filled > SIZE_BYTES && this.#filled === wanted) {
      this.#filled = 0;
      this.#onAnswer(this.#gathered.subarray(SIZE_BYTES, wanted));
    }
    return count;
  }
}
