import { Socket } from 'node:net';

/** One read from a socket: what the kernel has of a busy connection mostly fits. */
const READ_BYTES = 128 * 1024;

/** Of an accepted socket; no public interface of Node. */
interface Handle {
  readonly useUserBuffer: (buffer: Uint8Array) => void;
}

/**
 * Lets all connections read into one piece of memory. Node makes a fresh buffer of 64 KB for each read of an accepted
 * socket, and gives memory of one's own (`onread`) to sockets that connect alone; so the accepted connection is put
 * into a socket with `onread`. That takes the connection out of `_handle`, which is not documented: where there is no
 * such thing, the socket stays as it is, and its reads come as 'data' events.
 *
 * The bytes of a read are overwritten by the next one of any connection. Whoever gets them must have copied what he
 * wants to keep when his call returns.
 */
export class SharedReads {
  readonly #buffer: Uint8Array;

  constructor() {
    this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  }

  /** A socket that was accepted with `pauseOnConnect`. Whoever gets it resumes it once `onBytes` is there to be called. */
  adopt(accepted: Socket, allowHalfOpen: boolean): ReadSocket {
    const handle: unknown = Reflect.get(accepted, '_handle');
    if (!takesBuffer(handle)) return readByEvents(accepted);
    let onBytes: OnBytes = ignore;
    Reflect.set(accepted, '_handle', null);
    const buffer = this.#buffer;
    const callback = (count: number): boolean => {
      onBytes(buffer.subarray(0, count));
      return true;
    };
    // `handle` and `pauseOnCreate` are what the server itself makes its sockets with.
    const options = { handle, pauseOnCreate: true, allowHalfOpen, onread: { buffer, callback } };
    const socket = new Socket(options);
    // The server counts its sockets until they are destroyed.
    socket.once('close', () => accepted.destroy());
    return {
      socket,
      onBytes: (listener) => {
        onBytes = listener;
      },
    };
  }
}

type OnBytes = (bytes: Uint8Array) => void;

/** A socket, and how to hear of what it reads. The bytes are the listener's until it returns. */
export interface ReadSocket {
  readonly socket: Socket;
  readonly onBytes: (listener: OnBytes) => void;
}

/** For TLS, and where Node does not let us in. */
export function readByEvents(socket: Socket): ReadSocket {
  return { socket, onBytes: (listener) => socket.on('data', listener) };
}

function takesBuffer(handle: unknown): handle is Handle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'useUserBuffer' in handle &&
    typeof handle.useUserBuffer === 'function'
  );
}

function ignore(): void {
  // Nothing is read before somebody listens.
}
