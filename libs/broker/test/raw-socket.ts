import type { Socket } from 'node:net';
import { decodeResponseHeader, Reader, type Api } from '@millrace/kafka-protocol';

/** Answers that come in on a socket, cut into frames without their sizes. */
export class Answers {
  readonly #frames: Buffer[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  isClosed = false;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readInt32BE(0)) {
        const end = 4 + this.#bytes.readInt32BE(0);
        this.#frames.push(this.#bytes.subarray(4, end));
        this.#bytes = this.#bytes.subarray(end);
      }
      this.#wake?.();
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined || this.isClosed) return frame;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async nextResponse<Req, Res>(
    api: Api<Req, Res>,
    version: number,
  ): Promise<{ correlationId: number; response: Res }> {
    const frame = await this.next();
    if (frame === undefined) throw new Error('the connection closed');
    const reader = new Reader(frame);
    const { correlationId } = decodeResponseHeader(reader, api, version);
    return { correlationId, response: api.decodeResponse(reader, version) };
  }
}
